import { addTo } from '../base/multimap.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { dependersByName } from '../debian/dependency-graph.ts';
import type { Inventory } from '../debian/inventory.ts';
import { isOldKernel } from '../debian/kernel-image.ts';
import {
  type AvailablePackage,
  type InstalledPackage,
  type InstanceKey,
  instanceKey,
  type PackageStanza,
} from '../debian/package.ts';
import { isUnpacked } from '../dpkg/dpkg-model.ts';
import type { PackageChange, TargetSet } from './plan.ts';

export interface PackageChanges {
  readonly changes: PackageChange[];
  /** Builds that dpkg has to unpack. */
  readonly toUnpack: readonly AvailablePackage[];
  /** Instances that will be gone, and that unpacking the above does not take away by itself. */
  readonly toPurge: readonly InstanceKey[];
  readonly endState: Record<InstanceKey, string>;
}

/**
 * What changes between the packages that are installed and the target set.
 *
 * @param residualConfig whether packages of which only configuration is left are purged
 */
export function compareWithTarget(
  inventory: Inventory,
  target: TargetSet,
  pair: ArchitecturePair,
  residualConfig: 'purge' | 'keep',
): PackageChanges {
  const installed = groupByName(inventory.packages.filter((instance) => instance.state !== 'config-files'));
  const wantedNames = new Set(target.packages.map((build) => build.name));
  const reasons: Reasons = {
    formerNames: new Map(Object.entries(target.renamed).map(([before, after]) => [after, before])),
    dependers: dependersByName(target.packages),
  };
  const changes = target.packages.map((build) => changeTo(build, installed.get(build.name) ?? [], pair, reasons));
  for (const [name, [first]] of installed) {
    if (first && !wantedNames.has(name)) {
      changes.push({
        name,
        change: 'vanishing',
        before: buildOf(first),
        reason: target.givenUp?.[name] ?? vanishingReason(first, target.renamed[name], pair),
      });
    }
  }
  return {
    changes: changes.sort((a, b) => order(a.name, b.name)),
    toUnpack: target.packages.filter((build) => mustUnpack(build, installed.get(build.name) ?? [], pair)),
    toPurge: purges(inventory, target, wantedNames, pair, residualConfig),
    endState: Object.fromEntries(
      target.packages
        .map((build): [InstanceKey, string] => [instanceKey(build), build.version])
        .sort(([a], [b]) => order(a, b)),
    ),
  };
}

/** What is needed to say why a package comes. */
interface Reasons {
  /** New name to old name. */
  readonly formerNames: ReadonlyMap<string, string>;
  /** Packages of the target that depend on a name. */
  readonly dependers: ReadonlyMap<string, readonly AvailablePackage[]>;
}

function changeTo(
  build: AvailablePackage,
  here: readonly InstalledPackage[],
  pair: ArchitecturePair,
  reasons: Reasons,
): PackageChange {
  const { name } = build;
  const same = here.find((instance) => instance.architecture === build.architecture);
  const after = buildOf(build);
  if (build.architecture === pair.source.name) {
    const reason = `kept in ${pair.source.name}, as decided, or because a kept package needs it`;
    return { name, change: 'kept-foreign', ...(same && { before: buildOf(same) }), after, reason };
  }
  const source = here.find((instance) => instance.architecture === pair.source.name);
  const before = source ?? same ?? here[0];
  const reason = reasonFor(build, before, reasons);
  if (before === undefined) {
    return { name, change: 'added', after, reason };
  }
  const change = source ? 'crossgraded' : mustUnpack(build, here, pair) ? 'replaced' : 'untouched';
  return { name, change, before: buildOf(before), after, reason };
}

function mustUnpack(build: AvailablePackage, here: readonly InstalledPackage[], pair: ArchitecturePair): boolean {
  const same = here.find((instance) => instance.architecture === build.architecture);
  if (same === undefined || !isUpToDate(same, build)) {
    return true;
  }
  return build.architecture !== pair.source.name && same.state !== 'installed';
}

function isUpToDate(instance: InstalledPackage, build: AvailablePackage): boolean {
  return instance.version === build.version && isUnpacked(instance.state);
}

function purges(
  inventory: Inventory,
  target: TargetSet,
  wantedNames: ReadonlySet<string>,
  pair: ArchitecturePair,
  residualConfig: 'purge' | 'keep',
): InstanceKey[] {
  const wanted = new Set(target.packages.map(instanceKey));
  const goes = ({ name, architecture, state }: InstalledPackage): boolean =>
    state === 'config-files'
      ? architecture === pair.source.name && residualConfig === 'purge'
      : architecture === pair.source.name || !wantedNames.has(name);
  return inventory.packages.filter((one) => !wanted.has(instanceKey(one)) && goes(one)).map(instanceKey);
}

function buildOf({ architecture, version }: PackageStanza): { architecture: string; version: string } {
  return { architecture, version };
}

function reasonFor(
  build: AvailablePackage,
  before: InstalledPackage | undefined,
  { formerNames, dependers }: Reasons,
): string {
  const former = formerNames.get(build.name);
  if (former !== undefined) {
    return `takes the place of ${former}`;
  }
  if (before !== undefined) {
    if (before.architecture === build.architecture && before.version === build.version) {
      return before.state === 'installed'
        ? 'the same package serves both architectures'
        : 'dpkg has not finished with it';
    }
    return `${before.architecture} ${before.version} becomes ${build.architecture} ${build.version}`;
  }
  const offered = [build.name, ...build.provides.map((provide) => provide.name)];
  const needers = [...new Set(offered.flatMap((name) => (dependers.get(name) ?? []).map((one) => one.name)))];
  return needers.length > 0 ? `needed by ${needers.slice(0, 3).join(', ')}` : 'asked for';
}

function groupByName<T extends PackageStanza>(packages: readonly T[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of packages) {
    addTo(groups, one.name, one);
  }
  return groups;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function vanishingReason(
  { name, architecture }: PackageStanza,
  successor: string | undefined,
  pair: ArchitecturePair,
): string {
  if (successor !== undefined) {
    return `its place is taken by ${successor}`;
  }
  if (isOldKernel(name, pair)) {
    return `a kernel for ${pair.source.name}`;
  }
  return architecture === 'all' ? 'what it needs is not there any more' : `there is no build for ${pair.target.name}`;
}
