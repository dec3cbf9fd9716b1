import { offerArchitecture, type SourceArchitectures } from '../../src/apt/sources.ts';
import type { RootPath } from '../../src/base/root.ts';
import { takeBackEdit } from '../../src/base/take-back-edit.ts';
import type { ArchitecturePair } from '../../src/debian/architecture.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: sources.list(5), `[arch=…]` and `Architectures:`. */
export const offerTargetArchitecture: Step = {
  id: 'prepare/offer-target-architecture',
  title: 'Let every repository offer the target architecture',
  why: 'A source that is restricted to the old architecture would give no packages for the new one.',
  purpose:
    'Adds the target architecture to sources that name their architectures, in the files where apt has them (usually /etc/apt/sources.list and sources.list.d). Sources without such a restriction are not touched.',
  remaining: (context) =>
    context.facts.milestones.cleanup
      ? []
      : changedFiles(context).map(([path]) => `${path} is restricted to the old architecture`),
  plan: (context) => changedFiles(context).map(([path, content]) => ({ do: 'write', path, content })),
  // What the administrator has changed since is theirs, a file that they have removed as well.
  undo: ({ pair, facts, record: before }) =>
    Object.entries(before?.sourceFiles ?? {}).flatMap(([path, old]) => {
      const now = facts.sourceFiles[path];
      if (now === undefined) return [];
      const content = takeBackEdit(old, offerArchitecture(old, path, architecturesOf(pair)), now);
      return content === now ? [] : [{ do: 'write', path: path as RootPath, content }];
    }),
};

function changedFiles({ pair, facts }: StepContext): [RootPath, string][] {
  return Object.entries(facts.sourceFiles)
    .map(([path, text]): [RootPath, string, string] => [
      path as RootPath,
      offerArchitecture(text, path, architecturesOf(pair)),
      text,
    ])
    .filter(([, wanted, text]) => wanted !== text)
    .map(([path, wanted]) => [path, wanted]);
}

function architecturesOf({ source, target }: ArchitecturePair): SourceArchitectures {
  return { source: source.name, target: target.name };
}
