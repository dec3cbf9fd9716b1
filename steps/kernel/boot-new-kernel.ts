import type { Step } from '../../src/core/step.ts';

/** Source: the procedure's “reboot, and make sure that the 64-bit kernel boots”; uname(1). */
export const bootNewKernel: Step = {
  id: 'kernel/boot-new-kernel',
  title: 'Boot the new kernel',
  why: 'The programs that come next only run under it.',
  purpose:
    'Asks for a reboot when the running kernel cannot run programs of the target. crossgrade resume goes on afterwards.',
  needs: ['boot'],
  remaining: ({ pair, facts }) =>
    pair.targetKernelMachines.includes(facts.runningKernel.machine)
      ? []
      : [`the running kernel (${facts.runningKernel.release}) cannot run ${pair.target.name} programs`],
  plan: () => [{ do: 'await-reboot' }],
  undo: () => [],
};
