import { rebootNeed } from '../../../src/boot/reboot-need.ts';
import type { Check } from '../../../src/check/check.ts';

/** Source: uname(2); crossgrade's own procedure, wave “kernel”. */
export const kernel: Check = {
  id: 'machine/kernel',
  title: 'Which kernel runs, and which package has brought it',
  about: {
    'machine/no-kernel-package': {
      text:
        'The crossgrade exchanges the kernel package that is installed for the one of the target architecture. Where ' +
        'no package brings a kernel, it has nothing to exchange, and the host can never boot into one that runs the ' +
        'programs of the target.',
      source: 'Debian Linux Kernel Handbook; uname(2)',
    },
  },
  findings: (input) => {
    if (rebootNeed(input) !== 'impossible') return [];
    const { pair, facts, repositories } = input;
    const isOffered =
      repositories?.availability.get(pair.defaultKernel)?.has(pair.target.name) ?? repositories === undefined;
    const { release, machine } = facts.runningKernel;
    return [
      {
        id: 'machine/no-kernel-package',
        severity: 'blocker',
        title: 'This host runs a kernel that no package brings',
        detail:
          `The running kernel (${release}, ${machine}) cannot run ${pair.target.name} programs, and none of Debian’s ` +
          'kernel packages is installed that could be exchanged for one that can.',
        affected: [],
        remedies: [
          isOffered
            ? {
                command:
                  `dpkg --add-architecture ${pair.target.name} && apt-get update && ` +
                  `apt-get install ${pair.defaultKernel}:${pair.target.name}`,
              }
            : { hint: `Enable a repository that has ${pair.defaultKernel} for ${pair.target.name}, and install it.` },
          { hint: 'Where the kernel is chosen outside this system, as with some virtual machines, change it there.' },
        ],
      },
    ];
  },
};
