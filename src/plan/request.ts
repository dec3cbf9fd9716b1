import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Availability } from '../debian/availability.ts';
import { dependersByName } from '../debian/dependency-graph.ts';
import { type Inventory, isAutomatic } from '../debian/inventory.ts';
import { isKernelImage } from '../debian/kernel-image.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../debian/package.ts';
import { higherVersion, type KeptHigher } from './downgrade.ts';

/** What apt is asked to install on the virtual target system. */
export interface Request {
  /** Arguments for `apt-get install`. */
  readonly arguments: readonly string[];
  /** Installed name to the name that takes its place. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Installed names that the target does not offer, and that somebody may miss. */
  readonly missing: readonly string[];
  /** Packages from nowhere that stay as they are: arch:all ones, and kept ones. No repository has their version. */
  readonly local: readonly InstalledPackage[];
  /**
   * Arguments for arch:all packages from nowhere, and what is asked in their place where apt finds no system with them:
   * the newer version that the target has, or nothing at all for what came only because something needs it. Where
   * something of the target still does, apt brings it in: it is offered all the same. And for instances beside the
   * target's builds of which nobody knows whether they are needed.
   */
  readonly fallbacks: ReadonlyMap<string, string | undefined>;
}

/**
 * Asks for everything that is installed: by the same name, at the same version where the target has it.
 *
 * @param keep names that stay in the source architecture
 * @param beside installed instances that stay beside the target's builds of the same names
 * @param higher names that shall not go down to an older version where a repository has one that is none
 * @param mayYield those of `beside` that go where they cannot be installed together with the rest
 */
export function makeRequest(
  inventory: Inventory,
  availability: Availability,
  pair: ArchitecturePair,
  keep: ReadonlySet<string>,
  beside: readonly InstalledPackage[] = [],
  higher: KeptHigher = new Set<string>(),
  mayYield: ReadonlySet<InstanceKey> = new Set(),
): Request {
  const installed = inventory.packages.filter((instance) => instance.state !== 'config-files');
  const fates = letDependenciesEnd(
    installed.map((instance) => ({ instance, fate: fateOf(instance, availability, pair, keep, higher) })),
    inventory,
  );
  const wanted = new Set<string>();
  const renamed: Record<string, string> = {};
  for (const { instance, fate } of fates) {
    if ('ask' in fate) {
      wanted.add(fate.ask);
    }
    if ('successor' in fate) {
      renamed[instance.name] = fate.successor;
    }
  }
  for (const name of kernelsToReplace(fates, renamed, pair)) {
    if (versionsOf(pair.defaultKernel, availability, pair).length > 0) {
      wanted.add(pair.defaultKernel);
      renamed[name] = pair.defaultKernel;
    }
  }
  const staying = beside
    .filter(({ name }) => !keep.has(name))
    .map((instance) => ({ instance, fate: asItIs(instance, availability) }));
  for (const { fate } of staying) wanted.add(fate.ask);
  const namesWith = (fate: 'missing' | 'local'): InstalledPackage[] =>
    [...fates, ...staying].filter((one) => fate in one.fate).map((one) => one.instance);
  return {
    arguments: [...wanted].sort(),
    renamed,
    missing: namesWith('missing')
      .map((instance) => instance.name)
      .sort(),
    local: namesWith('local'),
    fallbacks: new Map([
      ...fallbacksOf(fates, inventory, keep),
      ...staying
        .filter(({ instance }) => mayYield.has(instanceKey(instance)))
        .map(({ fate }): [string, undefined] => [fate.ask, undefined]),
    ]),
  };
}

type Fate =
  | { readonly ask: string }
  | { readonly ask: string; readonly successor: string }
  /** `newer`: of a newer version, which the target has. */
  | { readonly ask: string; readonly local: true; readonly newer?: string }
  | { readonly missing: true }
  /** Nobody asks for it: a kernel of the source, whose metapackage brings the next one, or a dependency that ends. */
  | { readonly vanishes: true };

interface Fated {
  readonly instance: InstalledPackage;
  readonly fate: Fate;
}

/**
 * What the target lacks, and what came only because of packages that the target has: their builds for the target do
 * not need it. `sse2-support` is such a package: only builds for i386 depend on it.
 */
function letDependenciesEnd(
  fates: readonly Fated[],
  inventory: Inventory,
  dependers = dependersByName(fates.map(({ instance }) => instance)),
): readonly Fated[] {
  const fateOfEach = new Map(fates.map(({ instance, fate }) => [instance, fate]));
  const goesOn = (depender: InstalledPackage): boolean => {
    const fate = fateOfEach.get(depender);
    return fate !== undefined && (('ask' in fate && !('local' in fate)) || 'vanishes' in fate);
  };
  const ends = ({ instance, fate }: Fated): boolean => {
    const because = dependers.get(instance.name) ?? [];
    return 'missing' in fate && isAutomatic(instance, inventory) && because.length > 0 && because.every(goesOn);
  };
  return fates.some(ends)
    ? letDependenciesEnd(
        fates.map((one) => (ends(one) ? { ...one, fate: { vanishes: true } } : one)),
        inventory,
        dependers,
      )
    : fates;
}

function fallbacksOf(
  fates: readonly Fated[],
  inventory: Inventory,
  keep: ReadonlySet<string>,
): ReadonlyMap<string, string | undefined> {
  const fallbacks = new Map<string, string | undefined>();
  const dependers = dependersByName(fates.map(({ instance }) => instance));
  for (const { instance, fate } of fates) {
    if (instance.architecture !== 'all' || !('local' in fate) || keep.has(instance.name)) continue;
    // What was recommended, what nobody seems to need, and what somebody holds or protects, stays.
    const isWanted = instance.want === 'hold' || instance.essential || instance.protected;
    const cameByNeed = isAutomatic(instance, inventory) && dependers.has(instance.name) && !isWanted;
    if (fate.newer !== undefined || cameByNeed) fallbacks.set(fate.ask, fate.newer);
  }
  return fallbacks;
}

/** Kernels of the source, self-built ones as well, where neither a metapackage nor a kernel of the target goes on. */
function kernelsToReplace(
  fates: readonly Fated[],
  renamed: Request['renamed'],
  pair: ArchitecturePair,
): readonly string[] {
  const goesOn = fates.some(
    ({ instance, fate }) =>
      'ask' in fate && instance.architecture === pair.target.name && instance.name.startsWith('linux-image-'),
  );
  if (goesOn || Object.values(renamed).some((name) => name.startsWith('linux-image-'))) return [];
  return fates
    .map(({ instance }) => instance)
    .filter(({ name, architecture }) => architecture === pair.source.name && isKernelImage(name))
    .map(({ name }) => name);
}

function fateOf(
  instance: InstalledPackage,
  availability: Availability,
  pair: ArchitecturePair,
  keep: ReadonlySet<string>,
  higher: KeptHigher,
): Fate {
  const { name, architecture, version } = instance;
  if (keep.has(name)) return asItIs(instance, availability);
  const successor = successorOf(name, pair);
  if (successor !== undefined && versionsOf(successor, availability, pair).length > 0) {
    return { ask: successor, successor };
  }
  // Of the target, a name with the source's triplet is a cross compiler's.
  const versions = carriesTriplet(name, pair)
    ? [...(availability.get(name)?.get('all') ?? [])]
    : versionsOf(name, availability, pair);
  if (versions.includes(version)) {
    return { ask: `${name}=${version}` };
  }
  if (architecture === 'all') {
    const isNewer = higherVersion(version, versions) !== undefined;
    return { ask: `${name}=${version}`, local: true, ...(isNewer && { newer: name }) };
  }
  if (pair.versionedKernel.test(name)) {
    return { vanishes: true };
  }
  const kept = higher.has(name) ? higherVersion(version, versions) : undefined;
  if (kept !== undefined) return { ask: `${name}=${kept}` };
  return versions.length > 0 ? { ask: name } : { missing: true };
}

function asItIs(
  instance: InstalledPackage,
  availability: Availability,
): { readonly ask: string; readonly local?: true } {
  const { name, architecture, version } = instance;
  const ask = `${instanceKey(instance)}=${version}`;
  return availability.get(name)?.get(architecture)?.includes(version) ? { ask } : { ask, local: true };
}

/** Versions for the target. Indices name arch:all packages under their own architecture. */
function versionsOf(name: string, availability: Availability, pair: ArchitecturePair): string[] {
  const versions = availability.get(name);
  return [...(versions?.get(pair.target.name) ?? []), ...(versions?.get('all') ?? [])];
}

/** The target's name for a package whose name says its architecture. */
export function successorOf(name: string, pair: ArchitecturePair): string | undefined {
  const kernel = pair.kernelMetapackages[name];
  if (kernel !== undefined) {
    return kernel;
  }
  return carriesTriplet(name, pair) ? name.replace(pair.source.packageTriplet, pair.target.packageTriplet) : undefined;
}

/** @returns whether a name says that its package makes things for the source: `cpp-14-i686-linux-gnu` */
export function carriesTriplet(name: string, { source }: ArchitecturePair): boolean {
  return `${name}-`.includes(`-${source.packageTriplet}-`);
}
