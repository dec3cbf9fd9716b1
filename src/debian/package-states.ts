import type { ArchitecturePair } from './architecture.ts';
import type { Inventory } from './inventory.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from './package.ts';

/** @returns packages that dpkg has begun to install, upgrade or remove, and has not finished with */
export function unfinishedPackages({ packages }: Pick<Inventory, 'packages'>): InstalledPackage[] {
  return packages.filter((one) => one.reinstallRequired || (one.state !== 'installed' && one.state !== 'config-files'));
}

export function heldInstances(packages: readonly InstalledPackage[]): InstanceKey[] {
  return packages
    .filter((instance) => instance.want === 'hold' && instance.state !== 'config-files')
    .map(instanceKey)
    .sort();
}

/** @returns what is installed of neither architecture of the pair */
export function ofThirdArchitectures(
  packages: readonly InstalledPackage[],
  { source, target }: ArchitecturePair,
): InstalledPackage[] {
  const known = [source.name, target.name, 'all', ''];
  return packages.filter(({ architecture, state }) => state !== 'config-files' && !known.includes(architecture));
}
