import { describeItem, idleHolds, waiting } from '../../src/data/exports.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: the procedure's “restore it afterwards”; pg_restore(1), slapadd(8), rrdrestore(1). */
export const importData: Step = {
  id: 'switch/import-data',
  title: 'Import the data with the new programs, and compare it',
  why: 'The new programs have to have it in their own format before anybody uses it.',
  purpose:
    'Reads what was exported, compares the content with sums that the old programs made, and starts what used it. What cannot be imported keeps its export and its original; the run goes on and says so at the end.',
  remaining: ({ facts }) => [
    ...waiting(facts.exports).map((item) => `${describeItem(item)} is not imported`),
    ...idleHolds(facts.exports).map(({ unit }) => `${unit} is still kept from running`),
  ],
  plan: () => [{ do: 'import-data' }],
  undo: 'point of no return',
};
