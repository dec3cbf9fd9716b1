import type { Batch } from '../../src/plan/plan.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';
import { openBatches, remainingOfWave } from '../wave.ts';

/** Source: the procedure's “remove the :i386 packages”; dpkg(1), `--purge`. */
export const purgeOldInstances: Step = {
  id: 'finish/purge-old-instances',
  title: 'Purge the packages of the old architecture',
  why: 'Nothing needs them any more, and the old architecture can only leave when they are gone.',
  purpose:
    'Runs dpkg --purge on the old builds. First it copies what their scripts could take from the new builds (PAM profiles, alternatives, diversions), and puts that back right afterwards.',
  remaining: (context) => remainingOfWave(context, 'purge'),
  plan: (context) =>
    openBatches(context, 'purge').map(
      (batch): Action => ({ do: 'batch', batch, ...(takesTwins(context, batch) && { leaving: 'source' as const }) }),
    ),
  undo: 'point of no return',
};

/** Their scripts may take what the build that stays needs, too. */
function takesTwins({ pair, plan }: StepContext, { instances }: Batch): boolean {
  return instances.some((key) => `${key.slice(0, key.indexOf(':'))}:${pair.target.name}` in plan.endState);
}
