import { instanceKey, type PackageStanza } from '../debian/package.ts';
import type { DpkgModel } from './dpkg-model.ts';

/**
 * The largest set that one dpkg call can unpack and configure, in an order that it accepts.
 *
 * @param model what is there; it is not changed
 */
export function installable<P extends PackageStanza>(model: DpkgModel, candidates: readonly P[]): P[] {
  let set = dependersFirst(candidates);
  for (;;) {
    if (set.length === 0) {
      return [];
    }
    const trial = model.clone();
    const unpacked: P[] = [];
    for (const build of set) {
      if (trial.unpackProblems(build).length === 0) {
        trial.unpack(build);
        unpacked.push(build);
      }
    }
    const failing = new Set(trial.configureProblems(unpacked.map(instanceKey)).map((problem) => problem.instance));
    const settled = unpacked.filter((build) => !failing.has(instanceKey(build)));
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
export function dependersFirst<P extends PackageStanza>(packages: readonly P[]): P[] {
  const byName = new Map(packages.map((build) => [build.name, build]));
  const ordered: P[] = [];
  const seen = new Set<P>();
  const visit = (build: P): void => {
    if (seen.has(build)) {
      return;
    }
    seen.add(build);
    for (const relation of build.preDepends.flat()) {
      const needed = byName.get(relation.name);
      if (needed) {
        visit(needed);
      }
    }
    ordered.push(build);
  };
  for (const build of packages) {
    visit(build);
  }
  return ordered.reverse();
}
