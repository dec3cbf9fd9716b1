import type { Check, CheckInput } from '../../../src/check/check.ts';
import { DependencyGraph } from '../../../src/debian/dependency-graph.ts';

/** Source: apt's answer; apt-get(8), install. */
export const added: Check = {
  id: 'packages/added',
  title: 'Packages that come in',
  looksAt: { apt: 'target' },
  about: {
    'packages/added': {
      text: 'These packages are not installed now and come in, because a build for the target needs them: its dependencies differ from those of the old build, or a package takes the place of another. Recommended packages are not taken.',
      source: 'apt-get(8), install; Debian Policy 7.2',
    },
  },
  findings: (input) => {
    const news = newPackages(input);
    return news.length === 0
      ? []
      : [
          {
            id: 'packages/added',
            severity: 'note',
            title: 'Packages that come in',
            detail: 'Each with what it is needed by, beginning with a package that is installed.',
            affected: news,
            remedies: [{ hint: 'Nothing to do: they are part of the plan.' }],
          },
        ];
  },
};

function newPackages({ solved }: CheckInput): string[] {
  if (solved === undefined) {
    return [];
  }
  const { target, plan } = solved;
  const isNew = plan.changes.filter(({ change }) => change === 'added');
  const successors = new Map(Object.entries(target.renamed).map(([before, after]) => [after, before]));
  const there = plan.changes.filter(({ change }) => change !== 'added' && change !== 'vanishing');
  const start = [...there.map(({ name }) => name), ...successors.keys()];
  const chains = new DependencyGraph(target.packages).chainsFrom(start);
  const needers = (name: string) => (chains.get(name) ?? []).slice(0, -1).map((link) => link.name);
  return isNew.map(({ name }) => `${name} (${reasonFor(name, needers(name), successors)})`).sort();
}

function reasonFor(name: string, needers: readonly string[], successors: ReadonlyMap<string, string>): string {
  const former = successors.get(name);
  if (former !== undefined) {
    return `in the place of ${former}`;
  }
  return needers.length === 0 ? 'chosen by apt' : needers.join(' → ');
}
