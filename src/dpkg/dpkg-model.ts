import { addTo } from '../base/multimap.ts';
import {
  type Dependency,
  type InstalledPackage,
  type InstanceKey,
  instanceKey,
  type PackageStanza,
  type PackageState,
  type Provide,
  type Relation,
} from '../debian/package.ts';
import { compareVersions, satisfies } from '../debian/version.ts';

/** One instance in the model: what the package says of itself, and how far dpkg got with it. */
export interface ModelInstance {
  /** What dpkg knows of an installed one beside its state is taken from it: the version that was configured last, … */
  readonly stanza: PackageStanza | InstalledPackage;
  readonly state: PackageState;
}

/** A reason for which dpkg would refuse. */
export interface Problem {
  readonly instance: InstanceKey;
  /** One sentence. */
  readonly text: string;
  /** The installed instance that stands in the way, where it is one. */
  readonly enemy?: InstanceKey;
  /** dpkg would do it, and the system would be in danger. */
  readonly law?: boolean;
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
  readonly stanza: PackageStanza;
  readonly key: InstanceKey;
  /** Pre-Depends and Depends. */
  readonly needs: readonly Dependency[];
}

/** How far dpkg got with a build that is there. */
interface Standing {
  readonly state: PackageState;
  /** Version that was configured last, in the same place of the database; '' when none was. */
  readonly configVersion: string;
  /** dpkg's error flag: it must be unpacked again before anything else. */
  readonly broken: boolean;
  /** In state triggers-awaited: what it waits for, `name` or `name:architecture`; nothing when that is not known. */
  readonly awaits?: readonly string[];
}

interface Provision {
  readonly build: Build;
  readonly provide: Provide;
}

/** A relation, and the build that declares it. */
interface Refusal {
  readonly owner: Build;
  readonly relation: Relation;
}

/** Every build that a model has met, by name. Clones share it: which builds are there, each model knows itself. */
class Catalogue {
  readonly #builds = new Map<PackageStanza, Build>();
  readonly #named = new Map<string, Build[]>();
  readonly #provisions = new Map<string, Provision[]>();
  readonly #conflicts = new Map<string, Refusal[]>();
  readonly #breaks = new Map<string, Refusal[]>();

  build(stanza: PackageStanza): Build {
    const known = this.#builds.get(stanza);
    if (known) {
      return known;
    }
    const build: Build = { stanza, key: instanceKey(stanza), needs: [...stanza.preDepends, ...stanza.depends] };
    this.#builds.set(stanza, build);
    addTo(this.#named, stanza.name, build);
    for (const provide of stanza.provides) {
      addTo(this.#provisions, provide.name, { build, provide });
    }
    for (const relation of stanza.conflicts) {
      addTo(this.#conflicts, relation.name, { owner: build, relation });
    }
    for (const relation of stanza.breaks) {
      addTo(this.#breaks, relation.name, { owner: build, relation });
    }
    return build;
  }

  named(name: string): readonly Build[] {
    return this.#named.get(name) ?? none;
  }

  provisions(name: string): readonly Provision[] {
    return this.#provisions.get(name) ?? none;
  }

  /** Conflicts with something of this name. */
  conflicts(name: string): readonly Refusal[] {
    return this.#conflicts.get(name) ?? none;
  }

  /** Breaks of something of this name. */
  breaks(name: string): readonly Refusal[] {
    return this.#breaks.get(name) ?? none;
  }
}

const none: readonly never[] = [];

/** What an archive meets while dpkg looks whether it can be unpacked. */
interface Arrival {
  readonly build: Build;
  /** What it takes the place of. */
  readonly replaced: ReadonlySet<Build>;
  /** Its other builds that get deconfigured for it. */
  readonly deconfigured: ReadonlySet<Build>;
}

/**
 * dpkg's database and dpkg's rules, without dpkg: which unpack, configure and remove operations it would
 * accept, and what the database looks like afterwards. Whatever it accepts, dpkg accepts. It refuses more than dpkg where
 * dpkg is lenient and apt is not (the architecture of a provider before an unpack), and where dpkg would take a package
 * away that the call does not name (a conflict with something that is replaced).
 *
 * @see dpkg's lib/dpkg/depcon.c, src/main/depcon.c, src/main/packages.c, src/main/archives.c, src/main/remove.c;
 *   deb-control(5); Debian policy 7
 */
export class DpkgModel {
  /** The architecture of the dpkg that runs; arch:all packages count as this one. */
  native: string;
  readonly #catalogue: Catalogue;
  /** What is there, one build of an instance at a time. */
  readonly #states = new Map<Build, Standing>();
  /** Of which the configuration may be left, with the version that was configured last. */
  readonly #residual = new Map<Build, string>();

  constructor(instances: Iterable<ModelInstance>, native: string, catalogue = new Catalogue()) {
    this.native = native;
    this.#catalogue = catalogue;
    for (const { stanza, state } of instances) {
      const standing = startOf(stanza, state);
      if (present.has(state)) {
        this.#states.set(catalogue.build(stanza), standing);
      } else if (state === 'config-files') {
        this.#residual.set(catalogue.build(stanza), standing.configVersion);
      }
    }
  }

  clone(): DpkgModel {
    const copy = new DpkgModel([], this.native, this.#catalogue);
    for (const [build, standing] of this.#states) {
      copy.#states.set(build, standing);
    }
    for (const [build, configVersion] of this.#residual) {
      copy.#residual.set(build, configVersion);
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
  unpackProblems(stanza: PackageStanza): Problem[] {
    const build = this.#catalogue.build(stanza);
    const { key } = build;
    const replaced = this.#replacedBy(build);
    if (replaced === undefined) {
      const [other] = this.#placesOf(stanza.name);
      return [
        {
          instance: key,
          text: `${key} cannot be there beside the builds of ${stanza.name} that are`,
          ...(other && { enemy: other.key }),
        },
      ];
    }
    const arrival: Arrival = { build, replaced: new Set(replaced), deconfigured: new Set(this.#deconfiguredBy(build)) };
    return [...this.#missingBefore(arrival), ...this.#enemiesOf(arrival), ...this.#enemiesAgainst(arrival)];
  }

  /**
   * Unpacks a build: instances that cannot stand beside it are replaced, others of another version are
   * deconfigured. Does not ask whether dpkg would agree.
   */
  unpack(stanza: PackageStanza): void {
    const build = this.#catalogue.build(stanza);
    for (const other of this.#deconfiguredBy(build)) {
      this.#states.set(other, { ...this.#standing(other), state: 'half-configured', awaits: [] });
    }
    let configVersion = '';
    for (const other of this.#replacedBy(build) ?? this.#placesOf(stanza.name)) {
      configVersion = this.#states.get(other)?.configVersion ?? this.#residual.get(other) ?? '';
      this.#states.delete(other);
      this.#residual.delete(other);
    }
    this.#states.set(build, { state: 'unpacked', configVersion, broken: false });
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
      const text = build === undefined ? `${key} is not unpacked` : this.#notToBeConfigured(build);
      if (build && text === undefined) {
        hopeful.add(build);
      } else if (text !== undefined) {
        problems.push({ instance: key, text });
      }
    }
    // After the first round only those can fail that depend on one that failed in the round before.
    for (let suspects: ReadonlySet<Build> = hopeful; suspects.size > 0; ) {
      const failed = this.#failing(hopeful, suspects);
      if (failed.size === 0) {
        break;
      }
      problems.push(...[...failed].map(([{ key }, text]) => ({ instance: key, text })));
      const names = new Set([...failed.keys()].flatMap(({ stanza }) => namesOf(stanza)));
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
        this.#states.set(build, { state: 'installed', configVersion: build.stanza.version, broken: false });
      }
    }
  }

  /**
   * Why dpkg would not remove these instances together, essential and protected apart; empty when it would. Dependencies
   * that were broken before, and not by one of these, do not matter to it; those of packages that are only unpacked do.
   * Where only the configuration is left of an instance, dpkg asks the same before it purges that.
   */
  removeProblems(keys: readonly InstanceKey[]): Problem[] {
    const leaving = new Set(
      keys.map((key) => this.#find(key) ?? this.#findResidual(key)).filter((one) => one !== undefined),
    );
    const problems: Problem[] = [];
    const offered = new Map<string, Provision[]>();
    for (const build of leaving) {
      const { name, provides } = build.stanza;
      if (this.#states.get(build)?.broken) {
        problems.push({ instance: build.key, text: `${build.key} has to be unpacked again before it can be removed` });
      }
      for (const provide of [{ name }, ...provides]) {
        addTo(offered, provide.name, { build, provide });
      }
    }
    // Of another version than the one that is asked for it is missed all the same.
    const serves = (relation: Relation, depender: Build): boolean =>
      (offered.get(relation.name) ?? none).some(({ build: { stanza }, provide }) =>
        this.#suitsArchitecture(relation, depender.stanza, stanza, provide.qualifier),
      );
    for (const [build, { state }] of this.#states) {
      if (state === 'half-installed' || leaving.has(build)) {
        continue;
      }
      for (const dependency of build.needs) {
        if (dependency.some((relation) => serves(relation, build)) && !this.#staysMet(dependency, build, leaving)) {
          problems.push({ instance: build.key, text: `${build.key} depends on ${describe(dependency)}` });
        }
      }
    }
    return problems;
  }

  /** Takes them away; their configuration may stay. */
  remove(keys: readonly InstanceKey[]): void {
    for (const key of keys) {
      const build = this.#find(key);
      if (build) {
        this.#states.delete(build);
        // Whether anything is left the model cannot know, nor rely on.
        this.#residual.set(build, '');
      }
    }
  }

  /** Takes them away, or what is left of them. */
  purge(keys: readonly InstanceKey[]): void {
    this.remove(keys);
    for (const key of keys) {
      for (let build = this.#findResidual(key); build; build = this.#findResidual(key)) {
        this.#residual.delete(build);
      }
    }
  }

  /** What the next dpkg call will find: the architecture of the dpkg that is unpacked. */
  settleNative(): void {
    const [dpkg] = this.#there('dpkg');
    // Without it there is no next call: who judges a plan sees that.
    if (dpkg) this.native = dpkg.stanza.architecture;
  }

  /** @returns whether a dependency of this package is satisfied by what is configured. */
  isSatisfied(dependency: Dependency, depender: PackageStanza): boolean {
    return this.#holds(dependency, this.#catalogue.build(depender), nothing);
  }

  /** Why dpkg does not even look at what it depends on. Of pending triggers alone it says now this, now that. */
  #notToBeConfigured(build: Build): string | undefined {
    const { state, broken } = this.#standing(build);
    if (isConfigured(state)) {
      return `${build.key} is configured already`;
    }
    return broken || state === 'half-installed'
      ? `${build.key} has to be unpacked again before it can be configured`
      : undefined;
  }

  #configureProblem(build: Build, hopeful: ReadonlySet<Build>): string | undefined {
    const { key, stanza, needs } = build;
    for (const dependency of needs) {
      if (!this.#holds(dependency, build, hopeful)) {
        return `${key} depends on ${describe(dependency)}, which is not configured`;
      }
    }
    for (const other of this.#there(stanza.name)) {
      const differs = compareVersions(other.stanza.version, stanza.version) !== 0;
      if (other !== build && (differs || this.#standing(other).state === 'half-installed')) {
        return `${key} needs ${other.key} to be of the same version`;
      }
    }
    for (const name of namesOf(stanza)) {
      for (const { owner, relation } of this.#catalogue.breaks(name)) {
        if (owner !== build && this.#states.has(owner) && isBrokenBy(relation, stanza, this.native)) {
          return `${owner.key} breaks ${key}`;
        }
      }
    }
    return undefined;
  }

  #instance(build: Build): ModelInstance {
    return { stanza: build.stanza, state: this.#states.get(build)?.state ?? 'not-installed' };
  }

  #standing(build: Build): Standing {
    return this.#states.get(build) ?? absent;
  }

  #find(key: InstanceKey): Build | undefined {
    return this.#there(nameOf(key)).find((build) => build.key === key);
  }

  #findResidual(key: InstanceKey): Build | undefined {
    return this.#catalogue.named(nameOf(key)).find((build) => build.key === key && this.#residual.has(build));
  }

  /** Builds of one name that are there. */
  #there(name: string): Build[] {
    return this.#catalogue.named(name).filter((build) => this.#states.has(build));
  }

  /** Builds of one name that have a place in the database: dpkg counts those of which the configuration is left, too. */
  #placesOf(name: string): Build[] {
    return this.#catalogue.named(name).filter((build) => this.#states.has(build) || this.#residual.has(build));
  }

  /**
   * What dpkg takes away when it unpacks this build: it gets its place in the database.
   *
   * @returns undefined when dpkg finds no place: more than one build is there, and this one cannot stand beside another
   */
  #replacedBy({ stanza }: Build): Build[] | undefined {
    const places = this.#placesOf(stanza.name);
    const instances = new Set(places.map(({ key }) => key));
    if (instances.size > 1 && stanza.multiArch !== 'same') {
      return undefined;
    }
    return places.filter(
      (other) =>
        other.stanza.architecture === stanza.architecture ||
        (instances.size === 1 && (other.stanza.multiArch !== 'same' || stanza.multiArch !== 'same')),
    );
  }

  /** Its other builds, as far as they are configured and of another version. */
  #deconfiguredBy({ stanza, key }: Build): Build[] {
    const replaced = this.#replacedBy(this.#catalogue.build(stanza));
    return this.#there(stanza.name).filter(
      (other) =>
        other.key !== key &&
        !replaced?.includes(other) &&
        isConfigured(this.#standing(other).state) &&
        compareVersions(other.stanza.version, stanza.version) !== 0,
    );
  }

  #missingBefore(arrival: Arrival): Problem[] {
    const { key, stanza } = arrival.build;
    return stanza.preDepends
      .filter((dependency) => !dependency.some((relation) => this.#preDependHolds(relation, arrival)))
      .map((dependency) => ({
        instance: key,
        text: `${key} pre-depends on ${describe(dependency)}, which is not configured`,
      }));
  }

  /** What the arrival declares to be against. A break is none of something that is only unpacked. */
  #enemiesOf(arrival: Arrival): Problem[] {
    const { build } = arrival;
    const { key, stanza } = build;
    const problems: Problem[] = [];
    for (const [relations, harms] of [
      [stanza.conflicts, isPresent],
      [stanza.breaks, isConfigured],
    ] as const) {
      for (const relation of relations) {
        const enemy = this.#inTheWay({ owner: build, relation }, arrival, harms)?.key;
        if (enemy) {
          problems.push({ instance: key, text: `${key} conflicts with ${enemy}, which is installed`, enemy });
        }
      }
    }
    return problems;
  }

  /** What is there and declares to be against the arrival. */
  #enemiesAgainst(arrival: Arrival): Problem[] {
    const { key, stanza } = arrival.build;
    const problems: Problem[] = [];
    for (const name of namesOf(stanza)) {
      for (const refusal of this.#catalogue.conflicts(name)) {
        const enemy = refusal.owner;
        // The old record of the arrival itself counts, also when only its configuration was left.
        const isOldSelf = enemy.key === key && this.#residual.has(enemy);
        if (
          (this.#states.has(enemy) || isOldSelf) &&
          !arrival.deconfigured.has(enemy) &&
          this.#inTheWay(refusal, arrival, isPresent)
        ) {
          problems.push({
            instance: key,
            text: `${enemy.key}, which is installed, conflicts with ${key}`,
            enemy: enemy.key,
          });
        }
      }
    }
    return problems;
  }

  /**
   * Here, what is unpacked counts when it was configured before, in a version that would do as well. That dpkg asks no
   * provider for its architecture is not relied on.
   */
  #preDependHolds(relation: Relation, { build, replaced, deconfigured }: Arrival): boolean {
    const depender = build.stanza;
    const counts = (other: Build): boolean =>
      other === build || (this.#states.has(other) && !replaced.has(other) && !deconfigured.has(other));
    for (const other of this.#catalogue.named(relation.name)) {
      if (
        counts(other) &&
        this.#suitsArchitecture(relation, depender, other.stanza) &&
        versionSuits(relation, other.stanza.version) &&
        (other === build || this.#servesUnpack(other, relation))
      ) {
        return true;
      }
    }
    return this.#catalogue
      .provisions(relation.name)
      .some(
        ({ build: other, provide }) =>
          counts(other) &&
          (other === build || isSettled(this.#standing(other).state)) &&
          this.#suitsArchitecture(relation, depender, other.stanza, provide.qualifier) &&
          provisionSuits(relation, provide),
      );
  }

  #servesUnpack(build: Build, relation: Relation): boolean {
    const { state, configVersion } = this.#standing(build);
    return (
      isSettled(state) || (state !== 'half-installed' && configVersion !== '' && versionSuits(relation, configVersion))
    );
  }

  /**
   * What a conflict or break finds once the arrival is unpacked. Its owner's own name never counts, whatever the
   * architecture; nor does dpkg ask who provides a name for its architecture.
   *
   * @param harms in which states something is in the way
   */
  #inTheWay(
    { owner, relation }: Refusal,
    arrival: Arrival,
    harms: (state: PackageState) => boolean,
  ): Build | undefined {
    const own = owner.stanza.name;
    const stands = (build: Build): boolean =>
      build === arrival.build ||
      (!arrival.replaced.has(build) && this.#states.has(build) && harms(this.#standing(build).state));
    const named =
      relation.name !== own &&
      this.#catalogue
        .named(relation.name)
        .find(
          (build) =>
            stands(build) &&
            meansArchitecture(relation, build.stanza, this.native) &&
            versionSuits(relation, build.stanza.version),
        );
    return (
      named ||
      this.#catalogue
        .provisions(relation.name)
        .find(({ build, provide }) => build.stanza.name !== own && stands(build) && provisionSuits(relation, provide))
        ?.build
    );
  }

  /** @param hopeful what is being configured in the same call */
  #holds(dependency: Dependency, depender: Build, hopeful: ReadonlySet<Build>): boolean {
    return this.#isMet(dependency, depender, (build) => {
      const standing = this.#states.get(build);
      return (
        standing !== undefined &&
        (isSettled(standing.state) ||
          hopeful.has(build) ||
          (standing.state === 'triggers-awaited' && this.#comesToItsEnd(standing)))
      );
    });
  }

  /** Before a removal nothing is done about triggers. */
  #staysMet(dependency: Dependency, depender: Build, leaving: ReadonlySet<Build>): boolean {
    return this.#isMet(dependency, depender, (build) => {
      const standing = this.#states.get(build);
      return standing !== undefined && isSettled(standing.state) && !leaving.has(build);
    });
  }

  #isMet(dependency: Dependency, { stanza: depender }: Build, counts: (build: Build) => boolean): boolean {
    for (const relation of dependency) {
      for (const build of this.#catalogue.named(relation.name)) {
        if (
          counts(build) &&
          this.#suitsArchitecture(relation, depender, build.stanza) &&
          versionSuits(relation, build.stanza.version)
        ) {
          return true;
        }
      }
      for (const { build, provide } of this.#catalogue.provisions(relation.name)) {
        if (
          counts(build) &&
          this.#suitsArchitecture(relation, depender, build.stanza, provide.qualifier) &&
          provisionSuits(relation, provide)
        ) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * To configure what depends on a package that waits for triggers, dpkg runs these, even with --no-triggers: so what
   * has them pending must be one that could be configured.
   */
  #comesToItsEnd({ awaits = none }: Standing): boolean {
    const pending = awaits.flatMap((spec) =>
      this.#there(nameOf(spec)).filter(({ key, stanza }) => spec === key || spec === stanza.name),
    );
    return (
      awaits.length > 0 &&
      pending.every(
        (build) =>
          isSettled(this.#standing(build).state) &&
          build.needs.every((dependency) =>
            this.#isMet(dependency, build, (other) => isSettled(this.#standing(other).state)),
          ),
      )
    );
  }

  /** @param provided the architecture that its provision is said to have */
  #suitsArchitecture(relation: Relation, depender: PackageStanza, offered: PackageStanza, provided?: string): boolean {
    const { qualifier } = relation;
    if (qualifier === undefined && offered.multiArch === 'foreign') {
      return true;
    }
    if (qualifier === 'any' && offered.multiArch === 'allowed') {
      return true;
    }
    // To dpkg, `native` is an architecture like another, which nothing has.
    return this.#real(provided ?? offered.architecture) === this.#real(qualifier ?? depender.architecture);
  }

  #real(architecture: string): string {
    return architecture === 'all' ? this.native : architecture;
  }
}

const nothing: ReadonlySet<Build> = new Set();
const absent: Standing = { state: 'not-installed', configVersion: '', broken: false };

/** @returns how far dpkg got with it, in the words of its own database where it comes from there */
function startOf(stanza: PackageStanza | InstalledPackage, state: PackageState): Standing {
  const { configVersion = '', reinstallRequired = false, triggersAwaited } = stanza as Partial<InstalledPackage>;
  return {
    state,
    configVersion: isSettled(state) ? stanza.version : configVersion,
    broken: reinstallRequired,
    ...(triggersAwaited && { awaits: triggersAwaited }),
  };
}

function isPresent(state: PackageState): boolean {
  return present.has(state);
}

/** @returns whether dependencies on it hold without anything being done */
function isSettled(state: PackageState): boolean {
  return state === 'installed' || state === 'triggers-pending';
}

/**
 * @returns whether dpkg would not configure the one while the other is there. That one may be its own other build:
 *   a co-installable package that breaks a name which it provides itself cannot be configured twice.
 */
export function breaks(enemy: PackageStanza, stanza: PackageStanza): boolean {
  return enemy.breaks.some((relation) => isBrokenBy(relation, stanza, stanza.architecture));
}

/** Of a name that it only provides dpkg asks for both: that the version of the package fits, and that of the name. */
function isBrokenBy(relation: Relation, stanza: PackageStanza, native: string): boolean {
  return (
    meansArchitecture(relation, stanza, native) &&
    versionSuits(relation, stanza.version) &&
    (relation.name === stanza.name ||
      stanza.provides.some((provide) => provide.name === relation.name && provisionSuits(relation, provide)))
  );
}

/** Its own, and those that it provides. */
function namesOf({ name, provides }: PackageStanza): string[] {
  return provides.length === 0 ? [name] : [...new Set([name, ...provides.map((provide) => provide.name)])];
}

function nameOf(key: string): string {
  const colon = key.indexOf(':');
  return colon < 0 ? key : key.slice(0, colon);
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
function meansArchitecture({ qualifier }: Relation, { architecture }: PackageStanza, native: string): boolean {
  if (qualifier === undefined || qualifier === 'any') {
    return true;
  }
  return (architecture === 'all' ? native : architecture) === (qualifier === 'all' ? native : qualifier);
}
