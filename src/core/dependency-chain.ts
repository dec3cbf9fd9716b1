import { addTo } from './lists.ts';
import type { PackageRecord } from './package.ts';

/**
 * The shortest way by which each package of a set is needed by one that was asked for.
 *
 * @param asked names to begin with
 * @returns name to the names on the way, from the one that was asked for to the package itself; what nothing asked for
 *   needs is not in it
 */
export function dependencyChains(
  packages: readonly PackageRecord[],
  asked: Iterable<string>,
): ReadonlyMap<string, readonly string[]> {
  const byName = new Map(packages.map((one) => [one.name, one]));
  const providers = new Map<string, string[]>();
  for (const one of packages) {
    for (const { name } of one.provides) {
      addTo(providers, name, one.name);
    }
  }
  const neededBy = (name: string): string[] => {
    const one = byName.get(name);
    return [...(one?.preDepends ?? []), ...(one?.depends ?? [])]
      .flat()
      .flatMap((relation) => [relation.name, ...(providers.get(relation.name) ?? [])])
      .filter((needed) => byName.has(needed));
  };
  const chains = new Map<string, readonly string[]>();
  for (const name of asked) {
    chains.set(name, [name]);
  }
  // A map goes on to what is added while it is walked through: nearer ones first.
  for (const [name, chain] of chains) {
    for (const needed of neededBy(name).filter((one) => !chains.has(one))) {
      chains.set(needed, [...chain, needed]);
    }
  }
  return chains;
}
