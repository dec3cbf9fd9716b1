import { oldDictionaries } from '../../src/files/dictionaries.ts';
import type { Step, StepContext } from '../../src/run/step.ts';
import { dictionariesBuilt } from '../../src/state/state.ts';

/** Source: ispell-autobuildhash(8); ispell(5). */
export const rebuildDictionaries: Step = {
  id: 'finish/rebuild-dictionaries',
  title: 'Compile ispell’s dictionaries anew',
  why: 'ispell’s hash files have the word size of the ispell that compiled them; another one cannot read them.',
  purpose:
    'Runs ispell-autobuildhash --force, which compiles every dictionary in /var/lib/ispell from the words in /usr/share/ispell. The packages of dictionaries are for all architectures, so nothing else does it. One that cannot be compiled keeps no run from its end; that is told, and ispell says so where it is used.',
  remaining: (context) => waiting(context).map((path) => `${path} was compiled by the old ispell`),
  plan: () => [
    // It ends with the first one that it cannot compile, or with what asks for a terminal.
    {
      do: 'command',
      argv: ['timeout', '--kill-after=10', '1800', 'ispell-autobuildhash', '--force'],
      mayFail: true,
    },
    { do: 'milestone', name: dictionariesBuilt },
  ],
  undo: 'point of no return',
};

function waiting({ facts: { dictionaries, milestones } }: StepContext): string[] {
  return milestones[dictionariesBuilt] === undefined ? oldDictionaries(dictionaries, milestones.replaced) : [];
}
