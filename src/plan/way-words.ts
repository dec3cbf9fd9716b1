import { listNames } from '../base/list-names.ts';
import type { Inventory } from '../debian/inventory.ts';
import { type InstalledPackage, instanceKey } from '../debian/package.ts';
import { tornPackages } from './torn-packages.ts';
import type { Way } from './way.ts';

/**
 * One story for every command: what of the source a system of the target keeps, and how that would go over.
 *
 * @returns lines; none where it keeps nothing
 */
export function thereWords(kept: readonly InstalledPackage[], target: string): string[] {
  if (kept.length === 0) return [];
  const programs = kept.filter(({ multiArch }) => multiArch !== 'same').map(instanceKey);
  const architecture = kept[0]?.architecture ?? '';
  return [
    `It keeps programs of ${architecture}, which need nothing of a crossgrade: ${listNames(programs, 8)}.`,
    `One that shall go over is apt’s affair: apt-get install NAME:${target}.`,
  ];
}

/**
 * What every command says of a root where no crossgrade of ours was begun.
 *
 * @returns sentences; the first one says how it stands
 */
export function standing({ packages }: Pick<Inventory, 'packages'>, way: Way, target: string): string[] {
  if (way.kind === 'there') return [`This system is ${target} already.`, ...thereWords(way.kept, target)];
  if (way.kind === 'none' || way.start === 'source') return ['No crossgrade was begun on this root.'];
  const { source } = way.pair;
  if (way.start === 'torn') {
    const torn = listNames(tornPackages(packages, way.pair).map(instanceKey).sort(), 8);
    return [`A crossgrade was begun by other means, and dpkg has not finished with ${torn}.`];
  }
  const left = packages.filter((one) => one.architecture === source.name && one.state !== 'config-files').length;
  return way.start === 'mixed'
    ? [`A crossgrade was begun by other means: dpkg is ${target}, and ${left} packages are ${source.name}.`]
    : [`This system is ${target}; of ${source.name} ${left} libraries are left that no package needs.`];
}
