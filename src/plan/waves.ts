import { addTo } from '../base/multimap.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Inventory } from '../debian/inventory.ts';
import { type AvailablePackage, type InstanceKey, instanceKey, nameOf, type PackageStanza } from '../debian/package.ts';
import { compareVersions } from '../debian/version.ts';
import { breaks, DpkgModel, isConfigured, isUnpacked, type Problem } from '../dpkg/dpkg-model.ts';
import { dependersFirst, installable } from '../dpkg/layers.ts';
import type { Batch, WaveName } from './plan.ts';

export interface WaveInput {
  readonly pair: ArchitecturePair;
  readonly inventory: Inventory;
  /** Every package of the end state. */
  readonly target: readonly AvailablePackage[];
  readonly toUnpack: readonly AvailablePackage[];
  readonly toPurge: readonly InstanceKey[];
  /** Builds of the source that are brought to the target's versions first. */
  readonly level: readonly AvailablePackage[];
  /** Names of kernel metapackages that come in. */
  readonly kernels: readonly string[];
  /** Packages of which files that both builds share differ, by name. */
  readonly differing: ReadonlySet<string>;
}

export interface WavePlan {
  readonly batches: Batch[];
  /** What dpkg would refuse; a plan with problems must not be run. */
  readonly problems: readonly Problem[];
}

/**
 * Orders dpkg's work into waves and batches. Each batch is proven against the model before it is emitted,
 * and applied to it, so that the next one is planned on what it leaves behind.
 */
export function planWaves(input: WaveInput): WavePlan {
  return new Planning(input).plan();
}

class Planning {
  readonly #input: WaveInput;
  readonly #model: DpkgModel;
  readonly #open = new Map<InstanceKey, AvailablePackage>();
  readonly #leaving: ReadonlySet<InstanceKey>;
  /** Packages of the target set by each name that they have or provide. */
  readonly #byName = new Map<string, AvailablePackage[]>();
  readonly #batches: Batch[] = [];
  readonly #problems: Problem[] = [];

  constructor(input: WaveInput) {
    this.#input = input;
    this.#model = new DpkgModel(
      input.inventory.packages.map((stanza) => ({ stanza, state: stanza.state })),
      input.inventory.nativeArchitecture,
    );
    for (const build of input.toUnpack) {
      this.#open.set(instanceKey(build), build);
    }
    this.#leaving = new Set(input.toPurge);
    for (const build of input.target) {
      for (const name of [build.name, ...build.provides.map((provide) => provide.name)]) {
        addTo(this.#byName, name, build);
      }
    }
  }

  plan(): WavePlan {
    this.#level();
    const late = this.#lateNames();
    this.#installInLayers('kernel', this.#closure(this.#input.kernels, true), []);
    this.#installInLayers(
      'libraries',
      [...this.#open.values()].filter((build) => this.#standsBeside(build) && !late.has(build.name)),
      [],
    );
    this.#installInLayers(
      'core',
      this.#closure(coreNames(this.#input.target), false).filter((build) => !late.has(build.name)),
      [],
    );
    this.#finishRest();
    this.#purge();
    return { batches: this.#batches, problems: this.#problems };
  }

  /** An upgrade, or a downgrade, as apt would do it: packages are replaced by others of the same architecture. */
  #level(): void {
    const { level } = this.#input;
    this.#installInLayers('level', level, []);
    for (const build of level) {
      if (this.#model.get(instanceKey(build))?.stanza !== build) {
        const found = [...this.#model.unpackProblems(build)];
        const text = `${instanceKey(build)} ${build.version} cannot be configured before the target’s builds come`;
        this.#problems.push(...(found.length > 0 ? found : [{ instance: instanceKey(build), text }]));
      }
    }
  }

  /** Instances that differ from their twin: they wait until their dependents have left the source architecture. */
  #lateNames(): Set<string> {
    const late = new Set<string>();
    for (const build of this.#open.values()) {
      if (!this.#standsBeside(build)) {
        continue;
      }
      const twin = this.#model.get(`${build.name}:${this.#input.pair.source.name}`);
      if (twin && (excludes(twin.stanza, build) || this.#input.differing.has(build.name))) {
        late.add(build.name);
      }
    }
    return late;
  }

  /** Both builds can be installed at once, and the one that is there is not touched. */
  #standsBeside(build: AvailablePackage): boolean {
    return (
      build.multiArch === 'same' &&
      this.#model.named(build.name).every((instance) => instance.stanza.multiArch === 'same')
    );
  }

  /**
   * Open packages of these names and what they depend on, in the target set.
   *
   * @param onlyMissing stop where a dependency is satisfied by what is installed now
   */
  #closure(names: readonly string[], onlyMissing: boolean): AvailablePackage[] {
    const found = new Set<AvailablePackage>();
    const queue = names.flatMap((name) => (this.#byName.get(name) ?? []).filter((build) => build.name === name));
    for (let build = queue.pop(); build; build = queue.pop()) {
      if (!found.has(build)) {
        found.add(build);
        queue.push(...this.#needsOf(build, onlyMissing));
      }
    }
    return [...found].filter((build) => this.#open.has(instanceKey(build)));
  }

  #needsOf(build: AvailablePackage, onlyMissing: boolean): AvailablePackage[] {
    return [...build.preDepends, ...build.depends]
      .filter((dependency) => !onlyMissing || !this.#model.isSatisfied(dependency, build))
      .map((dependency) => dependency.flatMap((relation) => this.#byName.get(relation.name) ?? [])[0])
      .filter((build) => build !== undefined);
  }

  /** As few `dpkg --install` calls as the Pre-Depends allow; what cannot be configured yet stays open. */
  #installInLayers(wave: WaveName, candidates: readonly AvailablePackage[], force: readonly string[]): void {
    let left = candidates;
    for (;;) {
      const layer = installable(this.#model, left);
      if (layer.length === 0) {
        return;
      }
      this.#emit(wave, 'install', layer.map(instanceKey), force);
      for (const build of layer) {
        this.#model.unpack(build);
        this.#open.delete(instanceKey(build));
      }
      this.#model.configure(layer.map(instanceKey));
      this.#model.settleNative();
      const done = new Set(layer);
      left = left.filter((build) => !done.has(build));
    }
  }

  #finishRest(): void {
    for (let before = -1; before !== this.#open.size; ) {
      before = this.#open.size;
      const late = this.#lateNames();
      const open = [...this.#open.values()];
      this.#installInLayers(
        'rest',
        open.filter((build) => !late.has(build.name)),
        [],
      );
      this.#installInLayers(
        'rest',
        [...this.#open.values()].filter((build) => this.#input.differing.has(build.name) && late.has(build.name)),
        ['overwrite'],
      );
    }
    if (this.#open.size > 0) {
      this.#unpackRemoveConfigure();
    }
  }

  /**
   * For what cannot be unpacked and configured in one go: a build that its twin excludes. All are
   * unpacked beside their twins, the twins leave when nothing of the source architecture needs them any
   * more, and then all are configured. At no boundary is a library missing.
   */
  #unpackRemoveConfigure(): void {
    this.#removeEnemies();
    while (this.#open.size > 0 && this.#unpackPossible()) {
      this.#configureUnpacked();
    }
    for (const build of this.#open.values()) {
      this.#problems.push(...this.#model.unpackProblems(build));
    }
    const unfinished = this.#model.instances().filter(({ state }) => !isConfigured(state));
    this.#problems.push(...this.#model.configureProblems(unfinished.map(({ stanza }) => instanceKey(stanza))));
  }

  /** Instances on their way out that stand against a build that comes. */
  #removeEnemies(): void {
    const enemies = [...this.#open.values()]
      .flatMap((build) => this.#model.unpackProblems(build))
      .map(({ enemy }) => enemy)
      .filter((enemy) => enemy !== undefined && this.#leaving.has(enemy));
    if (enemies.length > 0) {
      this.#removeWithDependents(enemies.filter((enemy) => enemy !== undefined));
    }
  }

  /**
   * Unpacks what can be, and takes away the twins that exclude it.
   *
   * @returns whether there was any
   */
  #unpackPossible(): boolean {
    const unpacked: AvailablePackage[] = [];
    for (const build of dependersFirst([...this.#open.values()])) {
      if (this.#model.unpackProblems(build).length === 0) {
        this.#model.unpack(build);
        this.#open.delete(instanceKey(build));
        unpacked.push(build);
      }
    }
    if (unpacked.length === 0) {
      return false;
    }
    const force = unpacked.some((build) => this.#input.differing.has(build.name)) ? ['overwrite'] : [];
    this.#emit('rest', 'unpack', unpacked.map(instanceKey), force);
    this.#model.settleNative();
    const skewed = unpacked
      .flatMap((build) => this.#model.named(build.name).map((twin) => ({ build, twin })))
      .filter(({ build, twin }) => twin.stanza.architecture !== build.architecture && excludes(twin.stanza, build))
      .map(({ twin }) => instanceKey(twin.stanza));
    if (skewed.length > 0) {
      this.#removeWithDependents(skewed);
    }
    return true;
  }

  #configureUnpacked(): void {
    const waiting = this.#model
      .instances()
      .filter(({ stanza, state }) => !isConfigured(state) && !this.#leaving.has(instanceKey(stanza)))
      .map(({ stanza }) => instanceKey(stanza));
    const failing = new Set(this.#model.configureProblems(waiting).map((problem) => problem.instance));
    const ready = waiting.filter((key) => !failing.has(key));
    if (ready.length > 0) {
      this.#emit('rest', 'configure', ready, []);
      this.#model.configure(ready);
    }
  }

  /** The instances and whatever of the source architecture, and on its way out, depends on them. */
  #removeWithDependents(keys: readonly InstanceKey[]): void {
    const set = new Set(keys);
    for (;;) {
      const problems = this.#model.removeProblems([...set]);
      const movable = problems.filter(({ instance }) => this.#leaving.has(instance) && !set.has(instance));
      if (movable.length === 0) {
        this.#problems.push(...problems);
        break;
      }
      for (const { instance } of movable) {
        set.add(instance);
      }
    }
    this.#emit('rest', 'remove', [...set], this.#removalForce([...set]), this.#early([...set], keys));
    this.#model.remove([...set]);
  }

  /** Of those that leave, the ones that come again, and that nothing is left of meanwhile. */
  #early(leaving: readonly InstanceKey[], because: readonly InstanceKey[]): Record<string, string> {
    const wanted = new Set(this.#input.target.map(({ name }) => name));
    const gone = leaving.filter((key) => {
      const others = this.#model.named(nameOf(key)).filter(({ stanza }) => instanceKey(stanza) !== key);
      return wanted.has(nameOf(key)) && !others.some(({ state }) => isUnpacked(state));
    });
    const reason = (key: InstanceKey): string =>
      because.includes(key)
        ? 'its builds exclude each other, or one of them and what has to come before it'
        : `it needs ${because.join(', ')}, which must leave before its own new build can come`;
    return Object.fromEntries(gone.map((key) => [nameOf(key), reason(key)]));
  }

  #purge(): void {
    // What `unpack` replaced is no longer in the model; what `remove` took left its configuration behind.
    const removed = new Set(this.#batches.filter((b) => b.operation === 'remove').flatMap((b) => b.instances));
    const residual = new Set(
      this.#input.inventory.packages.filter((p) => p.state === 'config-files').map((p) => instanceKey(p)),
    );
    const wanted = new Set(this.#input.target.map(instanceKey));
    // What a levelled package needed, and was not there before.
    const brought = this.#input.level.map(instanceKey).filter((key) => !wanted.has(key));
    const keys = [...new Set([...this.#input.toPurge, ...brought])].filter(
      (key) => this.#model.get(key) !== undefined || removed.has(key) || residual.has(key),
    );
    // What the scripts of packages without a successor take away shall stay away; what those of twins take is put back.
    const successors = new Set(this.#input.target.map((build) => build.name));
    const first = this.#removableFirst(keys.filter((key) => !successors.has(nameOf(key))));
    for (const part of [keys.filter((key) => first.has(key)), keys.filter((key) => !first.has(key))]) {
      if (part.length > 0) {
        const there = part.filter((key) => this.#model.get(key) !== undefined);
        this.#problems.push(...this.#model.removeProblems(part));
        this.#emit('purge', 'purge', part, this.#removalForce(there));
        this.#model.purge(part);
      }
    }
  }

  /** Those that nothing of the others needs. */
  #removableFirst(keys: readonly InstanceKey[]): Set<InstanceKey> {
    const set = new Set(keys);
    while (set.size > 0) {
      const dependers = this.#model.removeProblems([...set]).map(({ instance }) => this.#model.get(instance)?.stanza);
      const needed = new Set(
        dependers
          .flatMap((stanza) => [...(stanza?.preDepends ?? []), ...(stanza?.depends ?? [])].flat())
          .map(({ name }) => name),
      );
      const kept = [...set].filter((key) => {
        const stanza = this.#model.get(key)?.stanza;
        return [nameOf(key), ...(stanza?.provides ?? []).map(({ name }) => name)].some((name) => needed.has(name));
      });
      if (kept.length === 0) {
        break;
      }
      for (const key of kept) {
        set.delete(key);
      }
    }
    return set;
  }

  #removalForce(keys: readonly InstanceKey[]): string[] {
    const stanzas = keys.map((key) => this.#model.get(key)?.stanza).filter((stanza) => stanza !== undefined);
    return [
      ...(stanzas.some((stanza) => stanza.essential) ? ['remove-essential'] : []),
      ...(stanzas.some((stanza) => stanza.protected) ? ['remove-protected'] : []),
    ];
  }

  #emit(
    wave: WaveName,
    operation: Batch['operation'],
    instances: readonly InstanceKey[],
    force: readonly string[],
    early: Readonly<Record<string, string>> = {},
  ): void {
    const number = this.#batches.filter((batch) => batch.wave === wave).length + 1;
    const batch = { id: `${wave}-${number}`, wave, operation, instances: [...instances], force: [...force] };
    this.#batches.push(Object.keys(early).length === 0 ? batch : { ...batch, early: { ...early } });
  }
}

/** Both builds can be unpacked at once, but not be configured. */
function excludes(twin: PackageStanza, build: PackageStanza): boolean {
  return compareVersions(twin.version, build.version) !== 0 || breaks(twin, build);
}

/** The packages without which nothing can be repaired any more. */
function coreNames(target: readonly AvailablePackage[]): string[] {
  const tools = new Set(['dpkg', 'tar', 'apt', 'perl-base']);
  return target
    .filter((build) => build.essential || build.protected || tools.has(build.name))
    .map((build) => build.name);
}
