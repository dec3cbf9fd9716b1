import type { Inventory } from '../debian/inventory.ts';
import { type AvailablePackage, type InstanceKey, instanceKey, type PackageStanza } from '../debian/package.ts';
import { DpkgModel, isConfigured, type Problem } from '../dpkg/dpkg-model.ts';
import { knownToDiffer } from './known-to-differ.ts';
import { boundaryProblems, type LawBook, removalProblems, unpackingProblems } from './laws.ts';
import type { Batch, Plan, TargetSet } from './plan.ts';
import { type VitalPackages, vitalPackages } from './vital.ts';

/** What of a plan is looked at. */
type Replayed = Pick<Plan, 'targetArchitecture' | 'batches' | 'differingFiles' | 'endState' | 'level'>;

/**
 * Proves a plan: goes through its batches on a model of dpkg that knows nothing of how they were found, holds each
 * boundary to the laws, and compares where they lead with what the plan foretells.
 *
 * @returns what dpkg would refuse, what would endanger the system, and what would not be as foretold; empty when the
 *   plan is sound
 */
export function replayPlan(plan: Replayed, inventory: Inventory, target: TargetSet): Problem[] {
  return new Replay(plan, inventory, target).run();
}

class Replay {
  readonly #plan: Replayed;
  readonly #model: DpkgModel;
  readonly #before: DpkgModel;
  readonly #laws: LawBook;
  #vital: VitalPackages | undefined;
  readonly #targetBuilds: ReadonlyMap<InstanceKey, AvailablePackage>;
  readonly #problems: Problem[] = [];
  readonly #told = new Set<InstanceKey>();

  /** Builds of the source that come first, by instance and version. */
  readonly #levelled: ReadonlyMap<string, AvailablePackage>;

  constructor(plan: Replayed, inventory: Inventory, target: TargetSet) {
    this.#plan = plan;
    this.#targetBuilds = new Map(target.packages.map((build) => [instanceKey(build), build]));
    this.#levelled = new Map(
      Object.values(target.sourceOffers ?? {})
        .flat()
        .map((build) => [`${instanceKey(build)}=${build.version}`, build]),
    );
    this.#laws = {
      vital: () => {
        this.#vital ??= vitalPackages(inventory, target);
        return this.#vital;
      },
      wanted: new Set(target.packages.map(({ name }) => name)),
      differing: new Set(Object.keys(plan.differingFiles ?? knownToDiffer)),
      target: plan.targetArchitecture,
    };
    this.#model = new DpkgModel(
      inventory.packages.map((stanza) => ({ stanza, state: stanza.state })),
      inventory.nativeArchitecture,
    );
    this.#before = this.#model.clone();
  }

  run(): Problem[] {
    for (const batch of this.#plan.batches) {
      this.#perform(batch);
      // Each batch is a dpkg call of its own: a new dpkg counts from the next one on.
      this.#model.settleNative();
      for (const problem of boundaryProblems(batch, this.#model, this.#before, this.#laws)) {
        // What is missing goes on to be; the first boundary tells.
        if (!this.#told.has(problem.instance)) this.#problems.push(problem);
        this.#told.add(problem.instance);
      }
    }
    this.#compareEnd();
    return this.#problems;
  }

  #perform(batch: Batch): void {
    const { operation, instances } = batch;
    if (operation === 'install' || operation === 'unpack') {
      this.#unpack(batch);
    }
    if (operation === 'install' || operation === 'configure') {
      this.#problems.push(...this.#model.configureProblems(instances));
      this.#model.configure(instances);
    }
    if (operation === 'remove' || operation === 'purge') {
      this.#remove(batch);
    }
  }

  #unpack(batch: Batch): void {
    const { id, instances, force, wave } = batch;
    this.#problems.push(...unpackingProblems(batch, this.#laws));
    for (const key of instances) {
      const build = (wave === 'level' && this.#levelledBuild(key)) || this.#targetBuilds.get(key);
      if (!build) {
        this.#problems.push({ instance: key, text: `${key} is in batch ${id}, but not in the target set` });
        continue;
      }
      this.#problems.push(...this.#model.unpackProblems(build));
      const twin = this.#model.named(build.name).find(({ stanza }) => standBeside(stanza, build));
      if (twin && this.#plan.differingFiles?.[build.name] && !force.includes('overwrite')) {
        this.#problems.push({
          instance: key,
          text: `${key} has files that differ from those of ${instanceKey(twin.stanza)}, which is installed`,
          enemy: instanceKey(twin.stanza),
        });
      }
      this.#model.unpack(build);
    }
  }

  #levelledBuild(key: InstanceKey): AvailablePackage | undefined {
    const version = this.#plan.level?.find((one) => one.key === key)?.to;
    return version === undefined ? undefined : this.#levelled.get(`${key}=${version}`);
  }

  #remove(batch: Batch): void {
    const { operation, instances, force } = batch;
    this.#problems.push(...removalProblems(batch, this.#model, this.#laws));
    const there = instances.filter((key) => this.#model.get(key) !== undefined);
    for (const key of there) {
      const { essential, protected: isProtected } = this.#model.get(key)?.stanza ?? {};
      if (essential && !force.includes('remove-essential')) {
        this.#problems.push({ instance: key, text: `${key} is essential` });
      }
      if (isProtected && !force.includes('remove-protected')) {
        this.#problems.push({ instance: key, text: `${key} is protected` });
      }
    }
    // Before a purge of what only the configuration is left of dpkg asks the same.
    const asked = operation === 'purge' ? instances : there;
    this.#problems.push(...this.#model.removeProblems(asked));
    this.#model[operation === 'purge' ? 'purge' : 'remove'](asked);
  }

  #compareEnd(): void {
    const { endState } = this.#plan;
    const there = new Set<InstanceKey>();
    for (const { stanza, state } of this.#model.instances()) {
      const key = instanceKey(stanza);
      there.add(key);
      const wanted = endState[key];
      if (wanted === undefined) {
        this.#problems.push({ instance: key, text: `${key} would be left over` });
      } else if (wanted !== stanza.version) {
        this.#problems.push({ instance: key, text: `${key} would stay at ${stanza.version} instead of ${wanted}` });
      } else if (!isConfigured(state)) {
        this.#problems.push({ instance: key, text: `${key} would not be configured` });
      }
    }
    for (const key of Object.keys(endState) as InstanceKey[]) {
      if (!there.has(key)) {
        this.#problems.push({ instance: key, text: `${key} would be missing` });
      }
    }
  }
}

/** Two builds of one package that dpkg can have at once. */
function standBeside(one: PackageStanza, other: PackageStanza): boolean {
  return one.architecture !== other.architecture && one.multiArch === 'same' && other.multiArch === 'same';
}
