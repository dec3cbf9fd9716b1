import type { Check } from '../../../src/check/check.ts';
import { architecturePairs, runsUnder } from '../../../src/debian/architecture.ts';

/** What shows each target, in words. */
const features = architecturePairs
  .flatMap(({ target }) => (target.cpuFlags ? [`${target.name}: ${target.cpuFlags.join(' or ')}`] : []))
  .join(', ');

/** Source: /proc/cpuinfo, `flags` and `Features`; uname(2); binfmt_misc. */
export const processor: Check = {
  id: 'machine/processor',
  title: 'The processor, and the running kernel, for programs of the target',
  about: {
    'machine/processor-lacks-target': {
      text: `Programs of the target architecture need a processor feature that this one lacks, or does not show (${features}).`,
      source: '/proc/cpuinfo, proc(5)',
    },
    'machine/kernel-lacks-target': {
      text: 'Programs of the target architecture need a kernel of that architecture. This root cannot boot one itself.',
      source: 'uname(2)',
    },
  },
  findings: ({ pair, root, facts }) => {
    const { target } = pair;
    const { runningKernel, cpuFlags } = facts;
    // Where another program plays the processor, this one needs nothing; no machine boots that way.
    if (!root.can.has('boot') && runningKernel.emulated?.includes(target.elfMachine)) return [];
    if (target.cpuFlags?.some((flag) => cpuFlags.has(flag)) === false) {
      return [
        {
          id: 'machine/processor-lacks-target',
          severity: 'blocker',
          title: `This processor cannot run ${target.name} programs`,
          detail: `It lacks the feature “${target.cpuFlags.join('” or “')}”. In a virtual machine, the processor's model may be set too old.`,
          affected: [],
          remedies: [
            { hint: 'Choose another processor model for the virtual machine, or move the disk to a newer machine.' },
          ],
        },
      ];
    }
    if (!root.can.has('boot') && !runsUnder(target, runningKernel)) {
      return [
        {
          id: 'machine/kernel-lacks-target',
          severity: 'blocker',
          title: `The running kernel cannot run ${target.name} programs`,
          detail: `${runningKernel.release} runs as ${runningKernel.machine}, and this root has no kernel of its own to boot.`,
          affected: [],
          remedies: [{ hint: `Boot the host into a kernel for ${target.name} first.` }],
        },
      ];
    }
    return [];
  },
};
