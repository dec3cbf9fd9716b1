import { DependencyGraph, dependenciesOf } from './dependency-graph.ts';
import { type Inventory, isAutomatic } from './inventory.ts';
import type { InstalledPackage, Relation } from './package.ts';

/** Who needs whom among the installed packages, by name: as apt and dpkg count it, architectures apart. */
export class Dependents {
  readonly #inventory: Inventory;
  readonly #installed: readonly InstalledPackage[];
  readonly #graph: DependencyGraph<InstalledPackage>;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
    this.#installed = inventory.packages.filter(({ state }) => state !== 'config-files');
    this.#graph = new DependencyGraph(this.#installed);
  }

  /** @returns installed packages with a dependency that nothing would satisfy any more, and what depends on those; sorted */
  brokenWithout(names: readonly string[]): string[] {
    const gone = new Set(names);
    for (let before = -1; before !== gone.size; ) {
      before = gone.size;
      for (const one of this.#installed.filter(({ name }) => !gone.has(name))) {
        if (dependenciesOf(one).some((offers) => this.#isLost(offers, gone))) {
          gone.add(one.name);
        }
      }
    }
    return [...gone].filter((name) => !names.includes(name)).sort();
  }

  /** @returns automatically installed packages that nothing needs any more when these are gone; sorted */
  needlessWithout(names: readonly string[]): string[] {
    const gone = new Set(names);
    const wanted = this.#installed.filter((one) => one.essential || !isAutomatic(one, this.#inventory));
    const before = this.#reachable(wanted);
    const after = this.#reachable(
      wanted.filter(({ name }) => !gone.has(name)),
      gone,
    );
    return [...before]
      .filter((one) => !after.has(one) && !gone.has(one.name))
      .map(({ name }) => name)
      .sort();
  }

  /** @returns the packages and what they need, all in all; a depender of another architecture needs the same names */
  closureOf(names: readonly string[]): InstalledPackage[] {
    const start = this.#installed.filter(({ name }) => names.includes(name));
    return [...this.#reachable(start)];
  }

  #isLost(dependency: readonly Relation[], gone: ReadonlySet<string>): boolean {
    const offers = dependency.flatMap((relation) => this.#graph.satisfying(relation));
    return offers.length > 0 && offers.every(({ name }) => gone.has(name));
  }

  #reachable(start: readonly InstalledPackage[], without: ReadonlySet<string> = new Set()): Set<InstalledPackage> {
    const found = new Set(start);
    for (const one of found) {
      for (const relation of dependenciesOf(one).flat()) {
        for (const one of this.#graph.satisfying(relation)) {
          if (!without.has(one.name)) {
            found.add(one);
          }
        }
      }
    }
    return found;
  }
}
