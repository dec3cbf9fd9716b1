import type { Inventory } from './inventory.ts';
import type { InstalledPackage } from './package.ts';

/** @returns packages that dpkg has begun to install, upgrade or remove, and has not finished with */
export function unfinishedPackages({ packages }: Pick<Inventory, 'packages'>): InstalledPackage[] {
  return packages.filter((one) => one.reinstallRequired || (one.state !== 'installed' && one.state !== 'config-files'));
}
