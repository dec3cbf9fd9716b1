import { addTo } from '../base/multimap.ts';
import type { Dependency, PackageStanza, Relation } from './package.ts';
import { formatDependency } from './relation.ts';
import { satisfies } from './version.ts';

/** One step of a chain: this package needs the next one. */
export interface Link {
  readonly name: string;
  /** As it is written in the package: `libc6 (>= 2.36)`; '' for the last one. */
  readonly needs: string;
}

/** What a package cannot do without. */
export function dependenciesOf({ preDepends, depends }: PackageStanza): readonly Dependency[] {
  return [...preDepends, ...depends];
}

/** Packages by each name that they depend on, whatever the other alternatives. */
export function dependersByName<One extends PackageStanza>(packages: readonly One[]): ReadonlyMap<string, One[]> {
  const dependers = new Map<string, One[]>();
  for (const one of packages) {
    for (const { name } of dependenciesOf(one).flat()) {
      const known = dependers.get(name);
      if (known === undefined) {
        dependers.set(name, [one]);
      } else if (known.at(-1) !== one) {
        known.push(one);
      }
    }
  }
  return dependers;
}

/** Who needs whom among some packages: by name, architectures apart. */
export class DependencyGraph<One extends PackageStanza> {
  readonly #packages: readonly One[];
  /** By each name that they have or provide. */
  readonly #byName = new Map<string, One[]>();

  constructor(packages: readonly One[]) {
    this.#packages = packages;
    for (const one of packages) {
      for (const name of namesOf(one)) addTo(this.#byName, name, one);
    }
  }

  /** Packages that satisfy a relation, versions considered. */
  satisfying({ name, operator, version }: Relation): One[] {
    const suits = (offered: string | undefined): boolean =>
      operator === undefined ||
      version === undefined ||
      (offered !== undefined && satisfies(offered, operator, version));
    return (this.#byName.get(name) ?? []).filter((one) =>
      one.name === name
        ? suits(one.version)
        : one.provides.some((provide) => provide.name === name && suits(provide.version)),
    );
  }

  /** Names that depend on a package, or on what it provides; sorted. */
  dependersOf(name: string): string[] {
    const offered = new Set(this.#packages.filter((one) => one.name === name).flatMap((one) => [...namesOf(one)]));
    const dependers = this.#packages.filter(
      (one) =>
        one.name !== name && dependenciesOf(one).some((dependency) => dependency.some((r) => offered.has(r.name))),
    );
    return [...new Set(dependers.map((one) => one.name))].sort();
  }

  /**
   * The shortest chain to each package that some others need, from one of those to the package itself.
   *
   * @param start names to begin with; of chains of one length, the one that begins with an earlier name counts
   * @returns by name; what nothing of these needs is not in it
   */
  chainsFrom(start: Iterable<string>): ReadonlyMap<string, readonly Link[]> {
    const chains = new Map<string, readonly Link[]>();
    for (const name of start) chains.set(name, [{ name, needs: '' }]);
    const byName = new Map<string, One[]>();
    for (const one of this.#packages) addTo(byName, one.name, one);
    // A map goes on to what is added while it is walked through: nearer ones first.
    for (const [name, chain] of chains) {
      for (const dependency of (byName.get(name) ?? []).flatMap(dependenciesOf)) {
        for (const needed of dependency.flatMap((relation) => this.#byName.get(relation.name) ?? [])) {
          if (chains.has(needed.name)) continue;
          const link = { name, needs: formatDependency(dependency) };
          chains.set(needed.name, [...chain.slice(0, -1), link, { name: needed.name, needs: '' }]);
        }
      }
    }
    return chains;
  }
}

function namesOf({ name, provides }: PackageStanza): ReadonlySet<string> {
  return new Set([name, ...provides.map((provide) => provide.name)]);
}
