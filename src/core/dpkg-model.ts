import { CrossgradeError } from './error.ts';
import { addTo } from './lists.ts';
import {
  type Dependency,
  type InstanceKey,
  instanceKey,
  type PackageRecord,
  type PackageState,
  type Provide,
  type Relation,
} from './package.ts';
import { compareVersions, satisfies } from './version.ts';

/** One instance in the model: what the package says of itself, and how far dpkg got with it. */
export interface ModelInstance {
  readonly record: PackageRecord;
  readonly state: PackageState;
}

/** A reason for which dpkg would refuse. */
export interface Problem {
  readonly instance: InstanceKey;
  /** One sentence. */
  readonly text: string;
  /** The installed instance that stands in the way, where it is one. */
  readonly enemy?: InstanceKey;
}

const present: ReadonlySet<PackageState> = new Set([
  'half-installed',
  'unpacked',
  'half-configured',
  'triggers-awaited',
  'triggers-pending',
  'installed',
]);
const configured: ReadonlySet<PackageState> = new Set(['installed', 'triggers-pending', 'triggers-awaited']);

/** @returns whether dpkg counts the package as working, so that others may depend on it. */
export function isConfigured(state: PackageState): boolean {
  return configured.has(state);
}

/** @returns whether the package's files are there. */
export function isUnpacked(state: PackageState): boolean {
  return state !== 'half-installed' && present.has(state);
}

/** A build, with what is asked of it so often that it is computed once. */
interface Build {
  readonly record: PackageRecord;
  readonly key: InstanceKey;
  /** Pre-Depends and Depends. */
  readonly needs: readonly Dependency[];
  /** Conflicts and Breaks. */
  readonly refuses: readonly Relation[];
}

interface Provision {
  readonly build: Build;
  readonly provide: Provide;
}

/** Every build that a model has met, by name. Clones share it: which builds are there, each model knows itself. */
class Catalogue {
  readonly #builds = new Map<PackageRecord, Build>();
  readonly #named = new Map<string, Build[]>();
  readonly #provisions = new Map<string, Provision[]>();
  readonly #enemies = new Map<string, Set<Build>>();

  build(record: PackageRecord): Build {
    const known = this.#builds.get(record);
    if (known) {
      return known;
    }
    const build: Build = {
      record,
      key: instanceKey(record),
      needs: [...record.preDepends, ...record.depends],
      refuses: [...record.conflicts, ...record.breaks],
    };
    this.#builds.set(record, build);
    addTo(this.#named, record.name, build);
    for (const provide of record.provides) {
      addTo(this.#provisions, provide.name, { build, provide });
    }
    for (const { name } of build.refuses) {
      this.#enemies.set(name, (this.#enemies.get(name) ?? new Set()).add(build));
    }
    return build;
  }

  named(name: string): readonly Build[] {
    return this.#named.get(name) ?? [];
  }

  provisions(name: string): readonly Provision[] {
    return this.#provisions.get(name) ?? [];
  }

  /** Builds that conflict with something of this name, or break it. */
  enemies(name: string): Iterable<Build> {
    return this.#enemies.get(name) ?? [];
  }
}

/**
 * dpkg's database and dpkg's rules, without dpkg: which unpack, configure and remove operations it would
 * accept, and what the database looks like afterwards. Where dpkg is lenient and apt is not (the
 * architecture of a provider) the model follows apt, so that whatever it accepts, dpkg accepts.
 *
 * @see dpkg's lib/dpkg/depcon.c, src/main/depcon.c, src/main/packages.c; deb-control(5); Debian policy 7
 */
export class DpkgModel {
  /** The architecture of the dpkg that runs; arch:all packages count as this one. */
  native: string;
  readonly #catalogue: Catalogue;
  /** What is there, one build of an instance at a time. */
  readonly #states = new Map<Build, PackageState>();

  constructor(instances: Iterable<ModelInstance>, native: string, catalogue = new Catalogue()) {
    this.native = native;
    this.#catalogue = catalogue;
    for (const { record, state } of instances) {
      if (present.has(state)) {
        this.#states.set(catalogue.build(record), state);
      }
    }
  }

  clone(): DpkgModel {
    const copy = new DpkgModel([], this.native, this.#catalogue);
    for (const [build, state] of this.#states) {
      copy.#states.set(build, state);
    }
    return copy;
  }

  get(key: InstanceKey): ModelInstance | undefined {
    const build = this.#find(key);
    return build && this.#instance(build);
  }

  instances(): ModelInstance[] {
    return [...this.#states.keys()].map((build) => this.#instance(build));
  }

  /** Every instance of one name. */
  named(name: string): ModelInstance[] {
    return this.#there(name).map((build) => this.#instance(build));
  }

  /** Why dpkg would not unpack this build now; empty when it would. */
  unpackProblems(record: PackageRecord): Problem[] {
    const build = this.#catalogue.build(record);
    const { key } = build;
    const problems: Problem[] = [];
    for (const dependency of record.preDepends) {
      if (!this.#holds(dependency, build)) {
        problems.push({
          instance: key,
          text: `${key} pre-depends on ${describe(dependency)}, which is not configured`,
        });
      }
    }
    const leaving = new Set(this.#replacedBy(record));
    for (const relation of build.refuses) {
      const enemy = this.#refused(relation, record.name, leaving)?.key;
      if (enemy) {
        problems.push({ instance: key, text: `${key} conflicts with ${enemy}, which is installed`, enemy });
      }
    }
    for (const enemy of this.#enemiesOf(record)) {
      // Here, a package's own other build does not count.
      if (enemy.record.name === record.name) {
        continue;
      }
      if (!leaving.has(enemy) && enemy.record.conflicts.some((relation) => concerns(relation, record))) {
        problems.push({
          instance: key,
          text: `${enemy.key}, which is installed, conflicts with ${key}`,
          enemy: enemy.key,
        });
      }
    }
    return problems;
  }

  /**
   * Unpacks a build: instances that cannot stand beside it are replaced, others of another version are
   * deconfigured. Does not ask whether dpkg would agree.
   */
  unpack(record: PackageRecord): void {
    for (const build of this.#replacedBy(record)) {
      this.#states.delete(build);
    }
    for (const other of this.#there(record.name)) {
      if (this.#isConfigured(other) && compareVersions(other.record.version, record.version) !== 0) {
        this.#states.set(other, 'half-configured');
      }
    }
    this.#states.set(this.#catalogue.build(record), 'unpacked');
  }

  /**
   * Why dpkg could not configure these instances in one call; those it names are the ones that fail,
   * directly or because of another. Empty when all succeed.
   */
  configureProblems(keys: readonly InstanceKey[]): Problem[] {
    const problems: Problem[] = [];
    const hopeful = new Set<Build>();
    for (const key of keys) {
      const build = this.#find(key);
      if (build) {
        hopeful.add(build);
      } else {
        problems.push({ instance: key, text: `${key} is not unpacked` });
      }
    }
    // After the first round only those can fail that depend on one that failed in the round before.
    for (let suspects: ReadonlySet<Build> = hopeful; suspects.size > 0; ) {
      const failed = this.#failing(hopeful, suspects);
      if (failed.size === 0) {
        break;
      }
      problems.push(...[...failed].map(([{ key }, text]) => ({ instance: key, text })));
      const names = new Set([...failed.keys()].flatMap(({ record }) => namesOf(record)));
      suspects = new Set(
        [...hopeful].filter(({ needs }) =>
          needs.some((alternatives) => alternatives.some(({ name }) => names.has(name))),
        ),
      );
    }
    return problems;
  }

  /** Those of the suspects that fail, and why; they are taken out of the hopeful ones as they are found. */
  #failing(hopeful: Set<Build>, suspects: ReadonlySet<Build>): Map<Build, string> {
    const failed = new Map<Build, string>();
    for (const build of hopeful) {
      const text = suspects.has(build) ? this.#configureProblem(build, hopeful) : undefined;
      if (text !== undefined) {
        hopeful.delete(build);
        failed.set(build, text);
      }
    }
    return failed;
  }

  configure(keys: readonly InstanceKey[]): void {
    for (const key of keys) {
      const build = this.#find(key);
      if (build) {
        this.#states.set(build, 'installed');
      }
    }
  }

  /**
   * Why dpkg would not remove these instances together, essential and protected apart; empty when it would. Dependencies
   * that were broken before, and not by one of these, do not matter to it.
   */
  removeProblems(keys: readonly InstanceKey[]): Problem[] {
    const leaving = keys.map((key) => this.#find(key)).filter((build) => build !== undefined);
    const offered = new Map<string, Build[]>();
    for (const build of leaving) {
      for (const name of namesOf(build.record)) {
        addTo(offered, name, build);
      }
    }
    const after = this.clone();
    after.remove(keys);
    const serves = (relation: Relation, depender: Build): boolean =>
      (offered.get(relation.name) ?? []).some(({ record }) =>
        this.#suitsArchitecture(relation, depender.record, record),
      );
    const problems: Problem[] = [];
    for (const build of after.#states.keys()) {
      if (!after.#isConfigured(build)) {
        continue;
      }
      for (const dependency of build.needs) {
        if (dependency.some((relation) => serves(relation, build)) && !after.#holds(dependency, build)) {
          problems.push({ instance: build.key, text: `${build.key} depends on ${describe(dependency)}` });
        }
      }
    }
    return problems;
  }

  remove(keys: readonly InstanceKey[]): void {
    for (const key of keys) {
      const build = this.#find(key);
      if (build) {
        this.#states.delete(build);
      }
    }
  }

  /** What the next dpkg call will find: the architecture of the dpkg that is unpacked. */
  settleNative(): void {
    const [dpkg] = this.#there('dpkg');
    if (!dpkg) {
      throw new CrossgradeError('The package database does not know dpkg itself.', { code: 'CG0110' });
    }
    this.native = dpkg.record.architecture;
  }

  /** @returns whether a dependency of this package is satisfied by what is configured. */
  isSatisfied(dependency: Dependency, depender: PackageRecord): boolean {
    return this.#holds(dependency, this.#catalogue.build(depender));
  }

  #configureProblem(build: Build, hopeful: ReadonlySet<Build>): string | undefined {
    const { key, record, needs } = build;
    for (const dependency of needs) {
      if (!this.#holds(dependency, build, hopeful)) {
        return `${key} depends on ${describe(dependency)}, which is not configured`;
      }
    }
    if (record.multiArch === 'same') {
      for (const other of this.#there(record.name)) {
        const differs = compareVersions(other.record.version, record.version) !== 0;
        if (other !== build && (differs || this.#states.get(other) === 'half-installed')) {
          return `${key} needs ${other.key} to be of the same version`;
        }
      }
    }
    for (const enemy of this.#enemiesOf(record)) {
      if (enemy !== build && breaks(enemy.record, record)) {
        return `${enemy.key} breaks ${key}`;
      }
    }
    return undefined;
  }

  #instance(build: Build): ModelInstance {
    return { record: build.record, state: this.#states.get(build) ?? 'not-installed' };
  }

  #isConfigured(build: Build): boolean {
    const state = this.#states.get(build);
    return state !== undefined && isConfigured(state);
  }

  #find(key: InstanceKey): Build | undefined {
    return this.#there(key.slice(0, key.indexOf(':'))).find((build) => build.key === key);
  }

  /** Builds of one name that are there. */
  #there(name: string): Build[] {
    return this.#catalogue.named(name).filter((build) => this.#states.has(build));
  }

  /** Builds that are there and declare a conflict with, or a break of, a name of this one. */
  *#enemiesOf(record: PackageRecord): Generator<Build> {
    for (const name of namesOf(record)) {
      for (const enemy of this.#catalogue.enemies(name)) {
        if (this.#states.has(enemy)) {
          yield enemy;
        }
      }
    }
  }

  /** What dpkg takes away when it unpacks this build. */
  #replacedBy(record: PackageRecord): Build[] {
    return this.#there(record.name).filter(
      (other) =>
        other.record.architecture === record.architecture ||
        other.record.multiArch !== 'same' ||
        record.multiArch !== 'same',
    );
  }

  #holds(dependency: Dependency, depender: Build, hopeful?: ReadonlySet<Build>): boolean {
    return dependency.some((relation) => this.#alternativeHolds(relation, depender.record, hopeful));
  }

  #alternativeHolds(relation: Relation, depender: PackageRecord, hopeful?: ReadonlySet<Build>): boolean {
    for (const build of this.#catalogue.named(relation.name)) {
      if (this.#counts(build, relation, depender, hopeful) && versionSuits(relation, build.record.version)) {
        return true;
      }
    }
    for (const { build, provide } of this.#catalogue.provisions(relation.name)) {
      if (this.#counts(build, relation, depender, hopeful) && provisionSuits(relation, provide)) {
        return true;
      }
    }
    return false;
  }

  #counts(build: Build, relation: Relation, depender: PackageRecord, hopeful?: ReadonlySet<Build>): boolean {
    const state = this.#states.get(build);
    return (
      state !== undefined &&
      (isConfigured(state) || hopeful?.has(build) === true) &&
      this.#suitsArchitecture(relation, depender, build.record)
    );
  }

  #suitsArchitecture(relation: Relation, depender: PackageRecord, offered: PackageRecord): boolean {
    if (relation.qualifier === undefined && offered.multiArch === 'foreign') {
      return true;
    }
    if (relation.qualifier === 'any') {
      return offered.multiArch === 'allowed' || this.#real(offered.architecture) === this.#real(depender.architecture);
    }
    const wanted =
      relation.qualifier === undefined || relation.qualifier === 'native'
        ? this.#real(relation.qualifier === 'native' ? 'all' : depender.architecture)
        : relation.qualifier;
    return this.#real(offered.architecture) === wanted;
  }

  #real(architecture: string): string {
    return architecture === 'all' ? this.native : architecture;
  }

  /** A build that is there, under another name, and that this relation concerns. */
  #refused(relation: Relation, ownName: string, leaving: ReadonlySet<Build>): Build | undefined {
    const stands = (build: Build): boolean =>
      this.#states.has(build) &&
      build.record.name !== ownName &&
      !leaving.has(build) &&
      concerns(relation, build.record);
    return (
      this.#catalogue.named(relation.name).find(stands) ??
      this.#catalogue.provisions(relation.name).find(({ build }) => stands(build))?.build
    );
  }
}

/**
 * @returns whether dpkg would not configure the one while the other is there. That one may be its own other build:
 *   a co-installable package that breaks a name which it provides itself cannot be configured twice.
 */
export function breaks(enemy: PackageRecord, record: PackageRecord): boolean {
  return enemy.breaks.some((relation) => concerns(relation, record));
}

/** Its own, and those that it provides. */
function namesOf({ name, provides }: PackageRecord): string[] {
  return [name, ...provides.map((provide) => provide.name)];
}

/** @returns a dependency in the words of deb-control(5): `a (>= 1) | b:any`. */
export function describe(dependency: Dependency): string {
  return dependency
    .map(({ name, qualifier, operator, version }) => {
      const qualified = qualifier === undefined ? name : `${name}:${qualifier}`;
      return operator === undefined ? qualified : `${qualified} (${operator} ${version})`;
    })
    .join(' | ');
}

function versionSuits(relation: Relation, version: string): boolean {
  return (
    relation.operator === undefined ||
    relation.version === undefined ||
    satisfies(version, relation.operator, relation.version)
  );
}

/** A versioned relation needs a versioned provision. */
function provisionSuits(relation: Relation, provide: Provide): boolean {
  if (relation.operator === undefined) {
    return true;
  }
  return provide.version !== undefined && versionSuits(relation, provide.version);
}

/** Conflicts and Breaks without a qualifier mean every architecture. */
function concerns(relation: Relation, record: PackageRecord): boolean {
  if (relation.qualifier !== undefined && relation.qualifier !== 'any' && relation.qualifier !== record.architecture) {
    return false;
  }
  return (
    (relation.name === record.name && versionSuits(relation, record.version)) ||
    record.provides.some((provide) => provide.name === relation.name && provisionSuits(relation, provide))
  );
}
