import type { PackageFacts } from '../apt/package-facts.ts';
import { offerArchitecture } from '../apt/sources.ts';
import { archiveFolder } from '../base/own-paths.ts';
import { shellWords } from '../base/shell-word.ts';
import { takeBackEdit } from '../base/take-back-edit.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { type InstalledPackage, type InstanceKey, instanceKey, type PackageState } from '../debian/package.ts';
import { compareVersions } from '../debian/version.ts';
import type { Archive, Batch, Plan } from '../plan/plan.ts';
import { isReplacing } from '../plan/replacing.ts';
import { type Basis, selectionOf } from './basis.ts';

/** Something that is not as it was when the plan was made, and that the plan does not explain. */
export type PlanChange =
  | { readonly kind: 'installed' | 'removed' | 'residual'; readonly key: InstanceKey; readonly version: string }
  | { readonly kind: 'version'; readonly key: InstanceKey; readonly from: string; readonly to: string }
  | { readonly kind: 'unfinished'; readonly key: InstanceKey; readonly version: string; readonly state: PackageState }
  | { readonly kind: 'selection'; readonly key: InstanceKey; readonly from: string; readonly to: string }
  | { readonly kind: 'architecture'; readonly name: string; readonly how: 'added' | 'removed' }
  | { readonly kind: 'source'; readonly path: string; readonly how: 'added' | 'removed' | 'changed' };

/** What a comparison looks at. */
export interface Compared {
  readonly pair: ArchitecturePair;
  readonly plan: Plan;
  readonly facts: Pick<PackageFacts, 'inventory' | 'sourceFiles'>;
}

/** Our own package is left alone by every plan: a newer one may go on, and who was refused to remove it has selected that. */
const ownPackage: InstanceKey = 'crossgrade:all';

/** @returns a sentence, without a full stop */
export function describeChange(change: PlanChange): string {
  switch (change.kind) {
    case 'installed':
      return `${change.key} ${change.version} was installed`;
    case 'removed':
      return `${change.key} ${change.version} was removed`;
    case 'residual':
      return `${change.key} was installed and removed: its configuration is there`;
    case 'version': {
      const way = compareVersions(change.from, change.to) < 0 ? 'upgraded' : 'downgraded';
      return `${change.key} was ${way} from ${change.from} to ${change.to}`;
    }
    case 'unfinished':
      return `${change.key} ${change.version} is ${change.state}: a call of dpkg was not finished`;
    case 'selection':
      return `${change.key} ${selectionWords(change.from, change.to)}`;
    case 'architecture':
      return `the architecture ${change.name} was ${change.how}`;
    case 'source':
      return `${change.path} was ${change.how}`;
  }
}

function selectionWords(from: string, to: string): string {
  if (to === 'hold') return 'was put on hold';
  if (to === 'remove') return 'was selected to be removed';
  return from === 'hold' ? 'is not on hold any more' : 'is not selected to be removed any more';
}

/**
 * What is different before the point of no return, where the plan's own calls have only brought packages beside what was
 * there, or have levelled it. dpkg may have been killed in the middle of such a call, so what it works on is ours in
 * whatever state it is.
 */
export function changesBefore(basis: Basis, compared: Compared): PlanChange[] {
  const { plan, facts, pair } = compared;
  const ours = callsOf(plan, (batch) => !isReplacing(batch.wave));
  const there = new Map(facts.inventory.packages.map((one) => [instanceKey(one), one]));
  const gone = Object.entries(basis.packages).flatMap(([name, version]): PlanChange[] => {
    const key = name as InstanceKey;
    const now = there.get(key);
    const isThere = now !== undefined && now.state !== 'config-files';
    return isThere || ours.taken.has(key) || key === ownPackage ? [] : [{ kind: 'removed', key, version }];
  });
  const others = [...there.values()]
    .filter((one) => instanceKey(one) !== ownPackage)
    .flatMap((one) => changeOf(one, basis, ours, pair));
  return [
    ...[...gone, ...others].sort(byKey),
    ...architectureChanges(basis, compared),
    ...sourceChanges(basis, compared),
  ];
}

interface Calls {
  /** Version of each instance that they bring; '' where no archive of it is in the plan. */
  readonly brought: ReadonlyMap<InstanceKey, string>;
  readonly taken: ReadonlySet<InstanceKey>;
}

function callsOf(plan: Plan, which: (batch: Batch) => boolean): Calls {
  const versions = new Map(plan.archives.map(({ key, version }) => [key, version]));
  const calls = plan.batches.filter(which);
  const takes = ({ operation }: Batch): boolean => operation === 'remove' || operation === 'purge';
  return {
    brought: new Map(
      calls
        .filter((batch) => !takes(batch))
        .flatMap(({ instances }) => instances)
        .map((key) => [key, versions.get(key) ?? '']),
    ),
    taken: new Set(calls.filter(takes).flatMap(({ instances }) => instances)),
  };
}

/** `triggers-…` is what our own calls leave in packages that they do not touch. */
const unfinishedStates: ReadonlySet<PackageState> = new Set(['half-installed', 'unpacked', 'half-configured']);

function changeOf(now: InstalledPackage, basis: Basis, ours: Calls, pair: ArchitecturePair): PlanChange[] {
  const key = instanceKey(now);
  const { version } = now;
  const from = basis.packages[key];
  if (now.state === 'config-files') {
    const isKnown = from !== undefined || basis.residualConfig.includes(key) || now.architecture === pair.target.name;
    return isKnown ? [] : [{ kind: 'residual', key, version }];
  }
  const wanted = ours.brought.get(key);
  const wasTorn = basis.unfinished?.includes(key) === true;
  const isTorn = !wasTorn && (now.reinstallRequired || unfinishedStates.has(now.state));
  if (wanted !== undefined && (version === wanted || now.reinstallRequired || now.state === 'half-installed'))
    return [];
  if (from === undefined) return [{ kind: 'installed', key, version }];
  const selection = selectionOf(now.want);
  const before = basis.selections[key] ?? 'install';
  return [
    ...(from === version ? [] : [{ kind: 'version', key, from, to: version } as const]),
    ...(from === version && isTorn && wanted === undefined
      ? [{ kind: 'unfinished', key, version, state: now.state } as const]
      : []),
    ...(before === selection ? [] : [{ kind: 'selection', key, from: before, to: selection } as const]),
  ];
}

function byKey(a: PlanChange, b: PlanChange): number {
  return 'key' in a && 'key' in b ? a.key.localeCompare(b.key, 'en') : 0;
}

function architectureChanges(basis: Basis, { pair, facts }: Compared): PlanChange[] {
  const now = facts.inventory.foreignArchitectures;
  const then = basis.foreignArchitectures;
  const other = (name: string): boolean => name !== pair.target.name;
  return [
    ...now.filter((name) => other(name) && !then.includes(name)).map((name) => ({ name, how: 'added' }) as const),
    ...then.filter((name) => other(name) && !now.includes(name)).map((name) => ({ name, how: 'removed' }) as const),
  ].map((change) => ({ kind: 'architecture', ...change }));
}

/** What apt does not read is no difference. */
function sourceChanges(basis: Basis, { pair, facts }: Compared): PlanChange[] {
  const paths = [...new Set([...Object.keys(basis.sourceFiles), ...Object.keys(facts.sourceFiles)])].sort();
  return paths.flatMap((path): PlanChange[] => {
    const then = basis.sourceFiles[path];
    const now = facts.sourceFiles[path];
    if (then === undefined) return significant(now ?? '') === '' ? [] : [{ kind: 'source', path, how: 'added' }];
    if (now === undefined) return significant(then) === '' ? [] : [{ kind: 'source', path, how: 'removed' }];
    const isSame = significant(withoutOwnEdit(path, then, now, pair)) === significant(then);
    return isSame ? [] : [{ kind: 'source', path, how: 'changed' }];
  });
}

function withoutOwnEdit(path: string, then: string, now: string, { source, target }: ArchitecturePair): string {
  if (now === then) return now;
  return takeBackEdit(then, offerArchitecture(then, path, { source: source.name, target: target.name }), now);
}

/** Without comments; an empty line ends a stanza. */
function significant(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/**
 * What there is without what our own run has brought so far, before the point of no return: what a new plan is made from.
 */
export function withoutOwn<F extends Pick<PackageFacts, 'inventory' | 'sourceFiles'>>(
  facts: F,
  basis: Basis,
  plan: Plan,
  pair: ArchitecturePair,
): F {
  const { brought } = callsOf(plan, (batch) => !isReplacing(batch.wave));
  const isOurs = (key: InstanceKey): boolean => brought.has(key) && !(key in basis.packages);
  const keepsTarget = basis.foreignArchitectures.includes(pair.target.name);
  const { inventory } = facts;
  return {
    ...facts,
    inventory: {
      ...inventory,
      packages: inventory.packages.filter((one) => !isOurs(instanceKey(one))),
      foreignArchitectures: inventory.foreignArchitectures.filter((name) => keepsTarget || name !== pair.target.name),
    },
    sourceFiles: Object.fromEntries(
      Object.entries(facts.sourceFiles).map(([path, now]) => {
        const then = basis.sourceFiles[path];
        return [path, then === undefined ? now : withoutOwnEdit(path, then, now, pair)];
      }),
    ),
  };
}

/** Something past the point of no return that a command mends. */
export interface Obstacle {
  readonly change: PlanChange;
  readonly command: string;
}

/**
 * What is different past the point of no return, in the packages alone: everything is fetched, and there is no other plan.
 *
 * `obstacles`: the plan does not know it, or would take it for done; each has a command that mends it. `rest`: what the
 * plan replaces or takes away anyway, and what only the comparison at the end has to name.
 */
export function changesPast(
  basis: Basis,
  { plan, facts, pair }: Compared,
): { readonly obstacles: readonly Obstacle[]; readonly rest: readonly PlanChange[] } {
  const packages = facts.inventory.packages.filter((one) => instanceKey(one) !== ownPackage);
  const calls = callsOf(plan, () => true);
  const archives = new Map(plan.archives.map((archive) => [archive.key, archive]));
  const known = new Set<string>([
    ...Object.keys(basis.packages),
    ...basis.residualConfig,
    ...Object.keys(plan.endState),
    ...calls.brought.keys(),
  ]);
  const strangers = packages
    .filter((one) => !known.has(instanceKey(one)) && !(isResidual(one) && one.architecture === pair.target.name))
    .map((one): Obstacle => {
      const [kind, key] = [isResidual(one) ? 'residual' : 'installed', instanceKey(one)] as const;
      return { change: { kind, key, version: one.version }, command: shellWords(['dpkg', '--purge', key]) };
    });
  const versions = packages.flatMap((one): { change: PlanChange; archive: Archive | undefined }[] => {
    const key = instanceKey(one);
    const archive = archives.get(key);
    const from = archive?.version ?? basis.packages[key];
    const isPlanned = [undefined, archive?.version, basis.packages[key]].includes(one.version);
    // What dpkg was killed at has whatever version.
    const isTorn = one.reinstallRequired || one.state === 'half-installed';
    if (isResidual(one) || isPlanned || isTorn || from === undefined) return [];
    const change = { kind: 'version', key, from, to: one.version } as const;
    return [{ change, archive: key in plan.endState ? archive : undefined }];
  });
  const there = new Set(packages.filter((one) => !isResidual(one)).map(instanceKey));
  const gone = Object.entries(basis.packages).flatMap(([name, version]): PlanChange[] => {
    const key = name as InstanceKey;
    const comesBack = calls.brought.has(key) || calls.taken.has(key) || key === ownPackage;
    return there.has(key) || !(key in plan.endState) || comesBack ? [] : [{ kind: 'removed', key, version }];
  });
  return {
    obstacles: [
      ...strangers,
      ...versions.flatMap(({ change, archive }) => {
        if (archive === undefined) return [];
        return [{ change, command: shellWords(['dpkg', '--install', `${archiveFolder}/${archive.fileName}`]) }];
      }),
    ],
    rest: [...versions.filter(({ archive }) => archive === undefined).map(({ change }) => change), ...gone],
  };
}

function isResidual({ state }: InstalledPackage): boolean {
  return state === 'config-files';
}
