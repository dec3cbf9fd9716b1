import { DependencyGraph, dependenciesOf } from '../debian/dependency-graph.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../debian/package.ts';
import { wavePackages } from './own-programs.ts';

/** What maintainer scripts run besides: nothing can be mended without them. */
const ofScripts = ['debianutils', 'diffutils', 'sed'];

/** Without one of these neither dpkg nor a maintainer script runs, or no resume begins. */
const vital = [...new Set([...wavePackages, ...ofScripts])].sort();

/** @returns names of installed packages that dpkg, maintainer scripts and we ourselves cannot do without, sorted */
export function rescuePackages(packages: readonly InstalledPackage[]): string[] {
  const there = packages.filter(({ state }) => state !== 'config-files');
  const graph = new DependencyGraph(there);
  const found = new Set<string>();
  const add = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    for (const one of there.filter((candidate) => candidate.name === name)) {
      for (const relation of dependenciesOf(one).flat()) {
        for (const one of graph.satisfying(relation)) add(one.name);
      }
    }
  };
  for (const name of vital) if (there.some((one) => one.name === name)) add(name);
  return [...found].sort();
}

/** Nothing of this is needed to run a program. */
export function isVitalPath(path: string): boolean {
  return !/^\/(etc|var)\/|^\/usr\/share\/(doc|doc-base|man|info|locale|i18n|lintian|bug|zsh|bash-completion)\/|\/gconv\//.test(
    path,
  );
}

/**
 * Of which saved packages the files should be there.
 *
 * @param saved `name:architecture`, both builds of each
 * @param half a package that dpkg knows in no build has been lost half-way: it shall be of this architecture
 */
export function wantedInstances(
  saved: readonly InstanceKey[],
  packages: readonly InstalledPackage[],
  half: string,
): InstanceKey[] {
  const there = packages.filter(({ state }) => state !== 'config-files' && state !== 'not-installed');
  const keys = new Set(there.map(instanceKey));
  const names = new Set(there.map(({ name }) => name));
  return saved.filter((key) => {
    const [name = '', architecture] = key.split(':');
    return keys.has(key) || (!names.has(name) && architecture === half);
  });
}
