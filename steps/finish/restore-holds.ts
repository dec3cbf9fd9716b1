import { aptWithoutLists } from '../../src/apt/apt-without-lists.ts';
import { wantedHolds } from '../../src/compare/comparison.ts';
import { heldInstances } from '../../src/debian/package-states.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: dpkg(1), selection states; apt-mark(8), `hold`. */
export const restoreHolds: Step = {
  id: 'finish/restore-holds',
  title: 'Restore the holds',
  why: 'A hold is lost when its package is replaced.',
  purpose: 'Runs apt-mark hold on the packages that were held before.',
  remaining: (context) => lost(context).map((key) => `${key} is not on hold`),
  plan: (context) => [
    { do: 'command', argv: ['apt-mark', 'hold', ...aptWithoutLists('/nonexistent'), ...lost(context)] },
  ],
  undo: 'point of no return',
};

function lost({ pair, plan, record: before, facts }: StepContext): string[] {
  if (!before) {
    return [];
  }
  const held = new Set(heldInstances(facts.inventory.packages));
  return wantedHolds(pair, plan, before).filter((key) => !held.has(key));
}
