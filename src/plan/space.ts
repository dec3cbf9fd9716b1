import {
  type AvailablePackage,
  type InstalledPackage,
  type InstanceKey,
  instanceKey,
  nameOf,
  type PackageStanza,
} from '../debian/package.ts';
import type { Batch, SpaceNeed } from './plan.ts';
import { rescuePackages } from './rescue-set.ts';

/** Space for dpkg's own files, logs and the journal. */
const bookkeepingBytes = 4 * 1024 * 1024;
/** Files end in the middle of a block: Installed-Size counts 1 KiB blocks, filesystems mostly have 4 KiB ones. What both
 * builds of a library share is counted twice, which is more on most systems: measured, it is too much by 7 to 18 %. */
const blockFactor = 1.03;
/** A compressed kernel with its map and configuration. */
const kernelBytes = 20 * 1024 * 1024;

/** Of the vital packages' Installed-Size that is kept for a rescue: measured, 56 to 64 %. */
const rescueShare = 0.66;

/** What takes space beside the packages, in bytes. */
export interface OtherSpace {
  /** Size of the largest initramfs now; 0 when there is none. */
  readonly initramfsBytes: number;
  /** apt's lists for the target that the root does not have yet; absent when they are there. */
  readonly listBytes?: number;
  /** Size of /etc, of which there are two copies for a time. */
  readonly etcBytes?: number;
  /** Archives of what is levelled, and what it takes to make them; absent where nothing is. */
  readonly originalsBytes?: number;
  /** Both builds of the vital packages are kept for a rescue: on the running system. */
  readonly keepsVital?: boolean;
}

/**
 * Free bytes that each part of the tree needs at the worst moment of the run, and when data is imported. What lies on one filesystem
 * has to be added up by the caller, who knows the mounts.
 *
 * @param downloadBytes archives still to be fetched
 * @see deb-control(5), Installed-Size
 */
export function spaceNeeds(
  batches: readonly Batch[],
  toUnpack: readonly AvailablePackage[],
  installed: readonly InstalledPackage[],
  downloadBytes: number,
  { initramfsBytes, listBytes = 0, etcBytes = 0, originalsBytes = 0, keepsVital = false }: OtherSpace,
): SpaceNeed[] {
  const kernels = toUnpack.filter((build) => /^linux-image-\d/.test(build.name)).length;
  const margin = (bytes: number): number => Math.ceil(Math.max(0, bytes) * blockFactor);
  const { peak, beforePurge } = growth(batches, toUnpack, installed);
  const copies = 2 * etcBytes + (keepsVital ? rescueBytes(toUnpack, installed) : 0);
  const needs: SpaceNeed[] = [
    { path: '/usr', bytes: margin(peak), bytesAtImport: margin(beforePurge) },
    { path: '/var', bytes: downloadBytes + listBytes + bookkeepingBytes + originalsBytes + copies },
    { path: '/boot', bytes: kernels * (initramfsBytes * 2 + kernelBytes) },
  ];
  return needs.filter((need) => need.bytes > 0);
}

/** Both builds of what dpkg, maintainer scripts and a resume cannot do without. */
function rescueBytes(toUnpack: readonly AvailablePackage[], installed: readonly InstalledPackage[]): number {
  const vital = new Set(rescuePackages(installed));
  const kept = [...installed, ...toUnpack].filter(
    ({ name, architecture }) => vital.has(name) && architecture !== 'all',
  );
  return Math.ceil(sumOf(kept) * rescueShare);
}

/** What installed files grow by, in bytes: the most over all batches, and before the wave that purges. */
function growth(
  batches: readonly Batch[],
  toUnpack: readonly AvailablePackage[],
  installed: readonly PackageStanza[],
): { readonly peak: number; readonly beforePurge: number } {
  const coming = new Map<InstanceKey, AvailablePackage>(toUnpack.map((build) => [instanceKey(build), build]));
  const there = new Map<string, PackageStanza[]>();
  for (const instance of installed) {
    there.set(instance.name, [...(there.get(instance.name) ?? []), instance]);
  }
  let now = 0;
  let peak = 0;
  let beforePurge = 0;
  const changing = batches.filter((batch) => batch.operation !== 'configure');
  for (const [{ operation, wave }, key] of changing.flatMap((batch) =>
    batch.instances.map((one) => [batch, one] as const),
  )) {
    const name = nameOf(key);
    const here = there.get(name) ?? [];
    const build = operation === 'remove' || operation === 'purge' ? undefined : coming.get(key);
    const staying = here.filter((one) => (build ? standBeside(one, build) : instanceKey(one) !== key));
    now += build?.installedBytes ?? 0;
    // While dpkg unpacks a package, the old and the new files are both there.
    peak = Math.max(peak, now);
    now -= sumOf(here) - sumOf(staying);
    there.set(name, build ? [...staying, build] : staying);
    if (wave !== 'purge') beforePurge = now;
  }
  return { peak, beforePurge };
}

function sumOf(packages: readonly PackageStanza[]): number {
  return packages.reduce((sum, one) => sum + one.installedBytes, 0);
}

function standBeside(one: PackageStanza, other: PackageStanza): boolean {
  return one.architecture !== other.architecture && one.multiArch === 'same' && other.multiArch === 'same';
}
