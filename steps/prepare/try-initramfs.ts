import { initramfsTrialFile } from '../../src/base/own-paths.ts';
import type { Kernel } from '../../src/boot/kernel-facts.ts';
import { compareVersions } from '../../src/debian/version.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: mkinitramfs(8), dracut(8). */
export const tryInitramfs: Step = {
  id: 'prepare/try-initramfs',
  title: 'Build an initramfs for a trial, and throw it away',
  why: 'At the end of the run the system cannot boot without a new one: what keeps it from being built has to be known before anything is replaced.',
  purpose:
    'Lets the system’s own program build an image for its newest kernel into /var/cache/crossgrade, with all hooks, but with no more modules than they ask for. Looks whether a 32-bit program that no package brought gets into it, and removes it. Nothing in /boot changes.',
  remaining: (context) => {
    const kernel = toTry(context);
    return kernel === undefined || initramfsTrialFile in context.facts.ownFiles
      ? []
      : [`no initramfs was built for a trial, for ${kernel.version}`];
  },
  plan: (context) => {
    const kernel = toTry(context);
    return kernel === undefined ? [] : [{ do: 'try-initramfs', version: kernel.version }];
  },
  undo: ({ facts }) => (initramfsTrialFile in facts.ownFiles ? [{ do: 'remove', path: initramfsTrialFile }] : []),
};

/** The newest that has an initramfs; none once packages are of the target. */
function toTry({ pair, facts }: StepContext): Kernel | undefined {
  if (facts.initramfsGenerator === undefined || facts.inventory.nativeArchitecture === pair.target.name) {
    return undefined;
  }
  const kernels = facts.kernels.filter(({ initramfs }) => initramfs !== undefined);
  return kernels.sort((a, b) => compareVersions(b.version, a.version))[0];
}
