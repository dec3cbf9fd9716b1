import type { Step } from '../../src/run/step.ts';
import { planOfWave, remainingOfWave } from '../wave.ts';

/** Source: the procedure's “all packages: libraries and perl first, then everything”. */
export const replaceRest: Step = {
  id: 'switch/replace-rest',
  title: 'Replace everything else',
  why: 'Every program becomes one of the target architecture.',
  purpose:
    'Replaces every package that is left, programs and services, by the target’s build. Libraries whose two builds exclude each other change here, too.',
  remaining: (context) => remainingOfWave(context, 'rest'),
  plan: (context) => planOfWave(context, 'rest'),
  undo: 'point of no return',
};
