import { instanceKey, type PackageRecord } from '../debian/package.ts';
import type { DpkgModel } from './dpkg-model.ts';

/**
 * The largest set that one dpkg call can unpack and configure, in an order that it accepts.
 *
 * @param model what is there; it is not changed
 */
export function installable<P extends PackageRecord>(model: DpkgModel, candidates: readonly P[]): P[] {
  let set = dependersFirst(candidates);
  for (;;) {
    if (set.length === 0) {
      return [];
    }
    const trial = model.clone();
    const unpacked: P[] = [];
    for (const wish of set) {
      if (trial.unpackProblems(wish).length === 0) {
        trial.unpack(wish);
        unpacked.push(wish);
      }
    }
    const failing = new Set(trial.configureProblems(unpacked.map(instanceKey)).map((problem) => problem.instance));
    const settled = unpacked.filter((wish) => !failing.has(instanceKey(wish)));
    if (failing.size === 0) {
      return settled;
    }
    set = settled;
  }
}

/**
 * A package goes before what it pre-depends on: then its Pre-Depends is satisfied by the build that is
 * still there, and both fit into one dpkg call.
 */
export function dependersFirst<P extends PackageRecord>(packages: readonly P[]): P[] {
  const byName = new Map(packages.map((wish) => [wish.name, wish]));
  const ordered: P[] = [];
  const seen = new Set<P>();
  const visit = (wish: P): void => {
    if (seen.has(wish)) {
      return;
    }
    seen.add(wish);
    for (const relation of wish.preDepends.flat()) {
      const needed = byName.get(relation.name);
      if (needed) {
        visit(needed);
      }
    }
    ordered.push(wish);
  };
  for (const wish of packages) {
    visit(wish);
  }
  return ordered.reverse();
}
