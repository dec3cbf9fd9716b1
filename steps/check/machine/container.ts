import type { Check } from '../../../src/check/check.ts';
import { runsUnder } from '../../../src/debian/architecture.ts';
import { containerFiles } from '../../../src/hardware/hardware-survey.ts';

/** Source: systemd-detect-virt(1). */
export const container: Check = {
  id: 'machine/container',
  title: 'Whether this is a container',
  looksAt: { only: 'host', topics: ['whether this is a container', ...Object.keys(containerFiles)] },
  about: {
    'machine/container': {
      text:
        'A container has no kernel of its own: it runs on that of its host. So the crossgrade neither needs a new ' +
        'kernel nor a boot loader in it.',
      source: 'systemd-detect-virt(1)',
    },
    'machine/container-kernel': {
      text:
        'A container has no kernel of its own: it runs on that of its host. The programs of the target architecture ' +
        'only run when that one can run them.',
      source: 'systemd-detect-virt(1); uname(2)',
    },
  },
  findings: ({ pair, facts, survey }) => {
    const { virtualization } = survey?.hardware?.host ?? {};
    if (virtualization?.kind !== 'container') return [];
    const { release, machine } = facts.runningKernel;
    if (!runsUnder(pair.target, facts.runningKernel)) {
      return [
        {
          id: 'machine/container-kernel',
          severity: 'blocker',
          title: `The kernel under this container cannot run ${pair.target.name} programs`,
          detail:
            `This is a container (${virtualization.name}). Its host’s kernel is ${release}, and it shows itself as ` +
            `${machine}. A kernel in the container would not help.`,
          affected: [],
          remedies: [
            { hint: `Boot the container’s host into a kernel for ${pair.target.name}.` },
            {
              hint: 'If the host has one, the container is set to look like the old architecture: change that setting (lxc.arch, or the personality).',
            },
          ],
        },
      ];
    }
    return [
      {
        id: 'machine/container',
        severity: 'note',
        title: 'This is a container: it needs no kernel and no reboot of the host',
        detail: `It is managed by ${virtualization.name}, and runs on its host’s kernel (${release}), which can run ${pair.target.name} programs.`,
        affected: [],
        remedies: [
          {
            hint: 'Take a snapshot or a copy of the container first. Tell its manager afterwards, where its configuration names the architecture.',
          },
        ],
      },
    ];
  },
};
