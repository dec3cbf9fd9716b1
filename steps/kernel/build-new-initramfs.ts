import type { Kernel } from '../../src/boot/kernel-facts.ts';
import type { Step, StepContext } from '../../src/run/step.ts';
import { needsNewKernel } from '../new-kernel.ts';

/** Source: update-initramfs(8). */
export const buildNewInitramfs: Step = {
  id: 'kernel/build-new-initramfs',
  title: 'Build an initramfs for the new kernel',
  why: 'It cannot mount its root without one.',
  purpose:
    'Builds the image with which the new kernel boots the system as it is now, its programs still of the old architecture. At the end it is built once more, from the new programs.',
  needs: ['boot'],
  remaining: (context) => without(context).map(({ version }) => `the kernel ${version} has no initramfs`),
  plan: (context) => without(context).map(({ version }) => ({ do: 'build-initramfs', version, anyClass: true })),
  // It goes with its kernel.
  undo: () => [],
};

function without(context: StepContext): Kernel[] {
  const { pair, facts } = context;
  if (facts.initramfsGenerator === undefined || !needsNewKernel(context)) return [];
  return facts.kernels.filter(({ architecture, initramfs }) => architecture === pair.target.name && !initramfs);
}
