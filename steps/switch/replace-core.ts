import type { Step } from '../../src/run/step.ts';
import { planOfWave, remainingOfWave } from '../wave.ts';

/** Source: the procedure's “dash and bash first”, “the packaging tools”. */
export const replaceCore: Step = {
  id: 'switch/replace-core',
  title: 'Replace the essential packages, dpkg and apt',
  why: 'Shells, dpkg, tar and perl are what every other package’s scripts run with.',
  purpose:
    'Replaces shells, dpkg, tar, perl and apt, and all essential and protected packages, by the target’s builds. From here on dpkg’s own architecture is the target.',
  remaining: (context) => remainingOfWave(context, 'core'),
  plan: (context) => [...planOfWave(context, 'core'), { do: 'command', argv: ['ldconfig'] }],
  undo: 'point of no return',
};
