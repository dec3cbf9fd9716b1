import { bootDefaultFile } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';
import { leaveDefaultAlone } from '../boot-default.ts';

/** Source: grub-mkconfig(8). */
export const restoreBootDefault: Step = {
  id: 'finish/restore-boot-default',
  title: 'Give GRUB its own default back',
  why: 'The old kernel is gone: the setting that kept GRUB from starting it has done its work.',
  purpose: 'Removes /etc/default/grub.d/zz-crossgrade.cfg and runs update-grub.',
  remaining: ({ facts }) => (bootDefaultFile in facts.ownFiles ? ['GRUB’s default is still set by crossgrade'] : []),
  plan: leaveDefaultAlone,
  undo: 'point of no return',
};
