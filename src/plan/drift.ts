import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Inventory } from '../debian/inventory.ts';
import type { AvailablePackage, InstalledPackage } from '../debian/package.ts';
import { compareVersions, withoutRebuild } from '../debian/version.ts';
import type { TargetSet } from './plan.ts';

/** An installed build whose version is not the one that the target set has. */
export interface Drift {
  readonly installed: InstalledPackage;
  readonly target: AvailablePackage;
  /** `rebuild`: both were made of the same source, and only built another number of times (`+b1`). */
  readonly direction: Direction;
  /** Both builds have to be there at once for a time, for which dpkg wants them to be of one version. */
  readonly mustLevel: boolean;
}

export type Direction = 'up' | 'down' | 'rebuild';

/**
 * What the versions of a system and of its target set differ in. A package that is simply replaced may differ; of what
 * stands beside its twin dpkg configures neither.
 */
export function findDrift(inventory: Inventory, target: TargetSet, pair: ArchitecturePair): Drift[] {
  const builds = new Map(
    target.packages.filter((build) => build.architecture === pair.target.name).map((build) => [build.name, build]),
  );
  return inventory.packages.flatMap((installed) => {
    const build = builds.get(installed.name);
    const isThere = installed.architecture === pair.source.name && installed.state !== 'config-files';
    if (!isThere || build === undefined || compareVersions(installed.version, build.version) === 0) return [];
    return [
      {
        installed,
        target: build,
        direction: directionOf(installed.version, build.version),
        mustLevel: installed.multiArch === 'same' && build.multiArch === 'same',
      },
    ];
  });
}

/** @returns what going from one version to the other is; `rebuild` for equal ones, too */
export function directionOf(from: string, to: string): Direction {
  const order = compareVersions(withoutRebuild(from), withoutRebuild(to));
  return order === 0 ? 'rebuild' : order < 0 ? 'up' : 'down';
}
