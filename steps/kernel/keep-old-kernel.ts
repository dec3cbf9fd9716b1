import type { Step, StepContext } from '../../src/run/step.ts';
import { entryFor, isDefault, leaveDefaultAlone, makeDefault } from '../boot-default.ts';
import { needsNewKernel } from '../new-kernel.ts';

/** Source: the GRUB manual, Simple configuration; /etc/grub.d/10_linux, which sorts kernels by their versions. */
export const keepOldKernel: Step = {
  id: 'kernel/keep-old-kernel',
  title: 'Keep the old kernel the default until the new one has come up',
  why: 'GRUB starts the kernel with the highest version: a newer one that does not come up would be started again and again.',
  purpose:
    'Writes /etc/default/grub.d/zz-crossgrade.cfg, which makes GRUB start the kernel that runs now, and runs update-grub.',
  needs: ['boot'],
  remaining: (context) => {
    const id = oldEntry(context);
    return id === undefined || isDefault(context, id) ? [] : ['the new kernel could become GRUB’s default'];
  },
  plan: (context) => makeDefault(oldEntry(context) ?? ''),
  undo: leaveDefaultAlone,
};

/** Once dpkg is of the target, the old kernel is no way back any more. */
function oldEntry(context: StepContext): string | undefined {
  const { pair, facts } = context;
  const isOld = needsNewKernel(context) && facts.inventory.nativeArchitecture === pair.source.name;
  return isOld ? entryFor(context, facts.runningKernel.release) : undefined;
}
