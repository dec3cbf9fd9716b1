import type { Check } from '../../../src/check/check.ts';

/** Source: /proc/cpuinfo, `lm` (long mode); uname(2). */
export const processor: Check = {
  id: 'machine/processor',
  about: {
    'machine/processor-lacks-target': {
      text: 'Programs of the target architecture need a processor feature that this one lacks, or does not show: 64-bit x86 programs need long mode (lm).',
      source: '/proc/cpuinfo, proc(5)',
    },
    'machine/kernel-lacks-target': {
      text: 'Programs of the target architecture need a kernel of that architecture. This root cannot boot one itself.',
      source: 'uname(2)',
    },
  },
  findings: ({ pair, root, facts }) => {
    const { target } = pair;
    if (target.cpuFlag !== undefined && !facts.cpuFlags.has(target.cpuFlag)) {
      return [
        {
          id: 'machine/processor-lacks-target',
          severity: 'blocker',
          title: `This processor cannot run ${target.name} programs`,
          detail: `It lacks the feature “${target.cpuFlag}”. In a virtual machine, the processor's model may be set too old.`,
          affected: [],
          remedies: [
            { hint: 'Choose another processor model for the virtual machine, or move the disk to a newer machine.' },
          ],
        },
      ];
    }
    if (!root.can.has('boot') && !pair.targetKernelMachines.includes(facts.runningKernel.machine)) {
      return [
        {
          id: 'machine/kernel-lacks-target',
          severity: 'blocker',
          title: `The running kernel cannot run ${target.name} programs`,
          detail: `${facts.runningKernel.release} runs as ${facts.runningKernel.machine}, and this root has no kernel of its own to boot.`,
          affected: [],
          remedies: [{ hint: `Boot the host into a kernel for ${target.name} first.` }],
        },
      ];
    }
    return [];
  },
};
