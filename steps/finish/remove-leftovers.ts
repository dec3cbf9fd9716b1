import { dropArchitecture } from '../../src/apt/sources.ts';
import { aptGuardFile, noRecommendsFile, runtimeFolder } from '../../src/base/own-paths.ts';
import type { RootPath } from '../../src/base/root.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';

/** Source: what the steps of `prepare` left. */
export const removeLeftovers: Step = {
  id: 'finish/remove-leftovers',
  title: 'Take the guard and the downloads away',
  why: 'apt is free again, and what crossgrade needed for itself is gone.',
  purpose:
    'Removes crossgrade’s settings for apt, the archives in /var/cache/crossgrade, and the old architecture from apt’s sources. The state, the logs and the copy of /etc stay.',
  remaining: (context) => [
    ...(context.facts.milestones.cleanup ? [] : ['crossgrade’s own files are still there']),
    ...(aptGuardFile in context.facts.ownFiles ? ['apt is still guarded'] : []),
  ],
  plan: (context) => [
    // From here on, a resume must not put them back.
    { do: 'milestone', name: 'cleanup' },
    ...withoutOldArchitecture(context),
    { do: 'remove', path: noRecommendsFile },
    { do: 'remove-cache' },
    { do: 'remove-tree', path: runtimeFolder },
    // Last: as long as it is there, a resume comes back to this step.
    { do: 'remove', path: aptGuardFile },
  ],
  undo: 'point of no return',
};

function withoutOldArchitecture({ pair, facts }: StepContext): Action[] {
  if (facts.inventory.foreignArchitectures.includes(pair.source.name)) {
    return [];
  }
  return Object.entries(facts.sourceFiles)
    .map(([path, text]) => ({
      path: path as RootPath,
      text,
      content: dropArchitecture(text, path, { source: pair.source.name, target: pair.target.name }),
    }))
    .filter(({ text, content }) => text !== content)
    .map(({ path, content }) => ({ do: 'write', path, content }));
}
