import { entryOf, isLocked } from '../../src/boot/grub-menu.ts';
import type { Step } from '../../src/run/step.ts';
import { needsNewKernel, newKernel } from '../new-kernel.ts';

/** Source: update-grub(8). */
export const offerNewKernel: Step = {
  id: 'kernel/offer-new-kernel',
  title: 'Add the new kernel to GRUB’s menu',
  why: 'GRUB only boots what is in its menu, and needs to know of the initramfs, too.',
  purpose:
    'Runs update-grub, where GRUB starts this host and its menu has no complete entry for the new kernel yet. The old kernel stays the default.',
  needs: ['boot'],
  remaining: (context) => {
    const { grub } = context.facts.boot ?? {};
    const kernel = newKernel(context);
    if (!grub || !kernel || !needsNewKernel(context)) return [];
    return entryOf(grub.entries, kernel.version) === undefined && !isLocked(grub.entries, kernel.version)
      ? [`GRUB’s menu has no complete entry for ${kernel.version}`]
      : [];
  },
  plan: () => [{ do: 'command', argv: ['update-grub'] }],
  // The entry goes with the kernel: its package’s script runs update-grub.
  undo: () => [],
};
