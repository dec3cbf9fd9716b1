import type { Step } from '../../src/run/step.ts';
import { planOfWave, remainingOfWave, undoOfWave } from '../wave.ts';

/** Source: the procedure's “install the 64-bit kernel”. */
export const installKernel: Step = {
  id: 'kernel/install-kernel',
  title: 'Install the kernel of the target architecture',
  why: 'Programs of the target need a kernel that can run them; the old kernel stays beside it.',
  purpose: 'Installs the kernel packages of the target, with what they need. No package that is there is replaced.',
  remaining: (context) => remainingOfWave(context, 'kernel'),
  plan: (context) => planOfWave(context, 'kernel'),
  undo: (context) => undoOfWave(context, 'kernel'),
};
