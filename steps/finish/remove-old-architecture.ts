import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: dpkg(1), `--remove-architecture`. */
export const removeOldArchitecture: Step = {
  id: 'finish/remove-old-architecture',
  title: 'Tell dpkg to forget the old architecture',
  why: 'apt would go on fetching its package lists and offering its packages.',
  purpose:
    'Runs dpkg --remove-architecture, unless packages or configuration of the old architecture stay, as you decided.',
  remaining: ({ pair, facts, ...context }) =>
    facts.inventory.foreignArchitectures.includes(pair.source.name) && !isKept({ pair, facts, ...context })
      ? [`dpkg still accepts ${pair.source.name} packages`]
      : [],
  plan: ({ pair }) => [{ do: 'command', argv: ['dpkg', '--remove-architecture', pair.source.name] }],
  undo: 'point of no return',
};

/** Packages or configuration of the old architecture stay, as decided. */
function isKept({ pair, facts }: StepContext): boolean {
  return facts.inventory.packages.some((one) => one.architecture === pair.source.name);
}
