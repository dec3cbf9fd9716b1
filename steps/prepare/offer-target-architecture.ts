import type { RootPath } from '../../src/core/machine.ts';
import { offerArchitecture } from '../../src/core/sources.ts';
import type { Step, StepContext } from '../../src/core/step.ts';

/** Source: sources.list(5), `[arch=…]` and `Architectures:`. */
export const offerTargetArchitecture: Step = {
  id: 'prepare/offer-target-architecture',
  title: 'Let every repository offer the target architecture',
  why: 'A source that is restricted to the old architecture would give no packages for the new one.',
  purpose:
    'Adds the target architecture to sources that name their architectures, in /etc/apt/sources.list and sources.list.d. Sources without such a restriction are not touched.',
  remaining: (context) =>
    context.facts.milestones.cleanup
      ? []
      : changedFiles(context).map(([path]) => `${path} is restricted to the old architecture`),
  plan: (context) => changedFiles(context).map(([path, content]) => ({ do: 'write', path, content })),
  undo: ({ facts, before }) =>
    Object.entries(before?.sourceFiles ?? {})
      .filter(([path, text]) => facts.sourceFiles[path] !== text)
      .map(([path, content]) => ({ do: 'write', path: path as RootPath, content })),
};

function changedFiles({ pair, facts }: StepContext): [RootPath, string][] {
  const architectures = { source: pair.source.name, target: pair.target.name };
  return Object.entries(facts.sourceFiles)
    .map(([path, text]): [RootPath, string, string] => [
      path as RootPath,
      offerArchitecture(text, path, architectures),
      text,
    ])
    .filter(([, wanted, text]) => wanted !== text)
    .map(([path, wanted]) => [path, wanted]);
}
