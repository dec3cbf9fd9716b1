import type { Inventory } from '../../../src/debian/inventory.ts';
import { type InstalledPackage, instanceKey, type PackageStanza } from '../../../src/debian/package.ts';
import { formatDependency, formatRelation } from '../../../src/debian/relation.ts';
import { makePlan, type Planned } from '../../../src/plan/make-plan.ts';
import type { Plan, TargetSet } from '../../../src/plan/plan.ts';
import { i386ToAmd64 } from '../recorded/hosts.ts';
import { inventoryOf } from '../roots/packages.ts';
import { pathsOf, stanzaOf, tinyPackage } from '../roots/tiny-package.ts';
import { differencesFrom, nativeOf, ownFile, performOnDpkg } from './perform-on-dpkg.ts';
import type { RealDpkg } from './real-dpkg.ts';
import { makeUniverse } from './universe.ts';

/** A made-up host, to be had as the real dpkg's. */
interface PlannedHost {
  readonly inventory: Inventory;
  readonly target: TargetSet;
  /** Packages of which files that both builds share differ. */
  readonly differing: readonly string[];
}

/** What came of the plans of some hosts. */
export interface PlansPerformed {
  readonly hosts: number;
  readonly calls: number;
  /** Hosts that got no plan. */
  readonly refused: readonly string[];
  /** Those of them that dpkg makes a 64-bit host of, by mere trying. */
  readonly needless: readonly string[];
  /** Plans that dpkg refused, or that ended elsewhere. */
  readonly wrong: readonly string[];
}

/**
 * Makes hosts and plans, and lets the real dpkg perform them.
 *
 * @param seed of the first host; each has the next one
 * @param largest number of packages
 */
export async function performPlans(
  dpkg: RealDpkg,
  seed: number,
  count: number,
  largest: number,
): Promise<PlansPerformed> {
  const sum = { hosts: 0, calls: 0, refused: [] as string[], needless: [] as string[], wrong: [] as string[] };
  for (let own = seed; own < seed + count; own += 1) {
    const universe = makeUniverse(own, 5 + (own % (largest - 4)), own % 2 === 0);
    const host: PlannedHost = { ...universe, inventory: inventoryOf(universe.packages) };
    const { plan, problems } = planOf(host);
    sum.hosts += 1;
    layOut(dpkg, host);
    if (problems.length > 0) {
      const text = `seed ${own}: ${problems[0]?.text}`;
      sum.refused.push(text);
      if (await convertByTrial(dpkg, host, plan)) sum.needless.push(text);
    } else {
      sum.calls += plan.batches.length;
      sum.wrong.push(...(await performPlanned(dpkg, host, plan)).map((text) => `seed ${own}: ${text}`));
    }
  }
  return sum;
}

/** Figures for whoever runs it. */
export function describePlans({ hosts, calls, refused, needless, wrong }: PlansPerformed): string {
  return (
    `${hosts} hosts: ${hosts - refused.length} plans of ${calls} calls, ${wrong.length} of them not performed as foretold; ` +
    `${refused.length} without a plan, ${needless.length} of them needlessly (${((needless.length / hosts) * 100).toFixed(2)} %)`
  );
}

function planOf({ inventory, target, differing }: PlannedHost): Planned {
  return makePlan({
    pair: i386ToAmd64,
    inventory,
    target,
    residualConfig: 'purge',
    differingFiles: Object.fromEntries(differing.map((name) => [name, [`/usr/share/tiny/${name}`]])),
    initramfsBytes: 0,
  });
}

/** Gives the real dpkg the host as it is before. */
function layOut(dpkg: RealDpkg, { inventory, differing }: PlannedHost): void {
  const builds = inventory.packages.map((stanza) => ({ stanza, files: filesOf(stanza, differing) }));
  dpkg.clearArchives();
  dpkg.reset(
    'i386',
    builds.map(({ stanza }) => stanzaOf({ ...fieldsOf(stanza), ...statusOf(stanza) })),
    Object.fromEntries(
      builds.map(({ stanza, files }) => [
        stanza.multiArch === 'same' ? instanceKey(stanza) : stanza.name,
        pathsOf(files),
      ]),
    ),
  );
  for (const { files } of builds) {
    for (const [path, text] of Object.entries(files)) dpkg.write(path, text);
  }
}

/** Lets the real dpkg go through the plan of a made-up host. */
function performPlanned(dpkg: RealDpkg, { target, differing }: PlannedHost, plan: Plan): Promise<string[]> {
  const builds = new Map(target.packages.map((build) => [instanceKey(build), build]));
  return performOnDpkg(dpkg, plan, (key) => {
    const build = builds.get(key);
    if (!build) throw new Error(`${key} is in the plan, but not in the target set`);
    return archiveOf(dpkg, build, differing);
  });
}

/** All archives again and again, and then the purge: as one would do it without a plan. */
async function convertByTrial(dpkg: RealDpkg, { target, differing }: PlannedHost, plan: Plan): Promise<boolean> {
  const force = ['overwrite', 'remove-essential', 'remove-protected'].map((word) => `--force-${word}`);
  for (let round = 0; round < 5; round += 1) {
    const there = new Map(dpkg.packages().map((one) => [instanceKey(one), one]));
    const open = target.packages.filter((build) => there.get(instanceKey(build))?.version !== build.version);
    const archives = open.map((build) => archiveOf(dpkg, build, differing));
    if (archives.length > 0) await dpkg.run(nativeOf(dpkg), [...force, '--unpack', ...archives]);
    await dpkg.run(nativeOf(dpkg), ['--configure', '--pending']);
    const leaving = [...there.keys()].filter((key) => !(key in plan.endState));
    if (leaving.length > 0) await dpkg.run(nativeOf(dpkg), [...force, '--purge', ...leaving]);
    await dpkg.run(nativeOf(dpkg), ['--configure', '--pending']);
    if (differencesFrom(plan, dpkg).length === 0) return true;
  }
  return false;
}

/** @returns its path */
function archiveOf(dpkg: RealDpkg, build: PackageStanza, differing: readonly string[]): string {
  const archive = tinyPackage({ fields: fieldsOf(build), files: filesOf(build, differing) });
  return dpkg.addArchive(`${build.name}_${build.version}_${build.architecture}.deb`, archive);
}

function fieldsOf(stanza: PackageStanza): Record<string, string> {
  const fields: Record<string, string> = {
    Package: stanza.name,
    Architecture: stanza.architecture,
    Version: stanza.version,
    'Multi-Arch': stanza.multiArch === 'no' ? '' : stanza.multiArch,
    Essential: stanza.essential ? 'yes' : '',
    Protected: stanza.protected ? 'yes' : '',
    'Pre-Depends': stanza.preDepends.map(formatDependency).join(', '),
    Depends: stanza.depends.map(formatDependency).join(', '),
    Conflicts: stanza.conflicts.map(formatRelation).join(', '),
    Breaks: stanza.breaks.map(formatRelation).join(', '),
    Replaces: stanza.replaces.map(formatRelation).join(', '),
    Provides: stanza.provides
      .map((provide) => formatRelation({ ...provide, ...(provide.version !== undefined && { operator: '=' }) }))
      .join(', '),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
}

function statusOf({ want, state, configVersion }: InstalledPackage): Record<string, string> {
  return {
    Status: `${want} ok ${state}`,
    ...(configVersion !== '' && { 'Config-Version': configVersion }),
    ...(state === 'triggers-pending' && { 'Triggers-Pending': 'menu' }),
  };
}

/** One of its own, and one that all builds share where they can be there at once. */
function filesOf(
  { name, architecture, multiArch }: PackageStanza,
  differing: readonly string[],
): Record<string, string> {
  return {
    [ownFile(instanceKey({ name, architecture }))]: name,
    ...(multiArch === 'same' && { [`usr/share/tiny/${name}`]: differing.includes(name) ? architecture : name }),
  };
}
