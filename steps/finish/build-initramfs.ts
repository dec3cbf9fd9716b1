import { initramfsHookFile, initramfsSettingFile } from '../../src/base/own-paths.ts';
import type { RootPath } from '../../src/base/root.ts';
import type { Kernel } from '../../src/boot/kernel-facts.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';

/** Source: update-initramfs(8). */
export const buildInitramfs: Step = {
  id: 'finish/build-initramfs',
  title: 'Build the initramfs, once',
  why: 'It holds copies of programs and libraries, which must now be those of the target architecture.',
  purpose:
    'Builds an image for each kernel of the target with the system’s own program, and looks whether any program in it is still of the old architecture.',
  remaining: (context) => [
    ...stale(context).map((kernel) => `the initramfs for ${kernel.version} is not of the new system`),
    ...settings(context).map((path) => `${path} is still there`),
  ],
  plan: (context) => [
    ...stale(context).map((kernel): Action => ({ do: 'build-initramfs', version: kernel.version })),
    ...settings(context).map((path): Action => ({ do: 'remove', path })),
  ],
  undo: 'point of no return',
};

/** Of a build that was cut off. */
function settings({ facts }: StepContext): RootPath[] {
  return [initramfsSettingFile, initramfsHookFile].filter((path) => path in facts.ownFiles);
}

/** Kernels of the target whose initramfs is older than the moment when the last program was replaced. */
function stale({ pair, facts }: StepContext): Kernel[] {
  if (facts.initramfsGenerator === undefined) {
    return [];
  }
  const replaced = Date.parse(facts.milestones.replaced ?? '');
  return facts.kernels.filter(
    ({ architecture, initramfs }) =>
      architecture === pair.target.name &&
      (!initramfs || !(initramfs.mtime * 1000 >= Math.floor(replaced / 1000) * 1000)),
  );
}
