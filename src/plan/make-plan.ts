import { archiveName } from '../apt/apt-output.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Inventory } from '../debian/inventory.ts';
import { type AvailablePackage, instanceKey } from '../debian/package.ts';
import type { Problem } from '../dpkg/dpkg-model.ts';
import { knownToDiffer } from './known-to-differ.ts';
import { planLevel, type StuckDrift } from './level.ts';
import { compareWithTarget } from './package-changes.ts';
import type { Archive, Levelled, Plan, TargetSet } from './plan.ts';
import { replayPlan } from './replay.ts';
import { type OtherSpace, spaceNeeds } from './space.ts';
import { planWaves } from './waves.ts';
import { isTakenOver } from './way.ts';

export interface PlanInput extends OtherSpace {
  readonly pair: ArchitecturePair;
  readonly inventory: Inventory;
  readonly target: TargetSet;
  readonly residualConfig: 'purge' | 'keep';
  /** Shared files whose content differs between the builds, by package; null before the archives were compared. */
  readonly differingFiles: Readonly<Record<string, string[]>> | null;
}

export interface Planned {
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  /** Libraries that cannot be brought to their twin's version. */
  readonly stuck: readonly StuckDrift[];
}

/**
 * The whole crossgrade as data, and what dpkg would refuse of it: a plan with problems must not be run. Who ordered the
 * batches is not asked whether they are sound: they are replayed.
 */
export function makePlan(input: PlanInput): Planned {
  const { pair, inventory, target } = input;
  const difference = compareWithTarget(inventory, target, pair, input.residualConfig);
  const level = planLevel(inventory, target, pair);
  const waves = planWaves({
    pair,
    inventory,
    level: level.builds,
    target: target.packages,
    toUnpack: difference.toUnpack,
    toPurge: difference.toPurge,
    kernels: Object.values(target.renamed).filter((name) => name.startsWith('linux-')),
    // Until the archives are there, what is known of them makes the plan that will be run.
    differing: new Set(Object.keys(input.differingFiles ?? knownToDiffer)),
  });
  const unpacked = [
    ...new Map([...level.builds, ...difference.toUnpack].map((one) => [instanceKey(one), one])).values(),
  ];
  const archives = unpacked.map(archiveOf);
  const downloadBytes = archives.reduce((sum, archive) => sum + archive.bytes, 0);
  const installed = inventory.packages.filter((instance) => instance.state !== 'config-files');
  const plan: Plan = {
    version: 1,
    sourceArchitecture: pair.source.name,
    targetArchitecture: pair.target.name,
    ...(isTakenOver(inventory, pair) && { takenOver: true as const }),
    changes: difference.changes,
    ...(level.builds.length > 0 && { level: level.builds.map((build) => levelledOf(build, inventory)).sort(byKey) }),
    batches: waves.batches,
    archives,
    downloadBytes,
    space: spaceNeeds(waves.batches, unpacked, installed, downloadBytes, {
      ...input,
      originalsBytes: originalsBytes(level.builds, installed),
    }),
    renamed: { ...target.renamed },
    missing: [...target.missing],
    ...(target.beside && { beside: [...target.beside] }),
    differingFiles: input.differingFiles,
    endState: difference.endState,
  };
  return {
    plan,
    problems: distinct([...waves.problems, ...replayPlan(plan, inventory, target)]),
    stuck: level.stuck,
  };
}

function distinct(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [problem.text, problem])).values()];
}

function levelledOf(build: AvailablePackage, { packages }: Inventory): Levelled {
  const here = packages.find((one) => instanceKey(one) === instanceKey(build) && one.state !== 'config-files');
  return { key: instanceKey(build), from: here?.version ?? null, to: build.version };
}

/** All archives; of the largest one the files as well, and once more on their way there. */
function originalsBytes(builds: readonly AvailablePackage[], installed: Inventory['packages']): number {
  const keys = new Set(builds.map(instanceKey));
  const sizes = installed.filter((one) => keys.has(instanceKey(one))).map((one) => one.installedBytes);
  return sizes.reduce((sum, bytes) => sum + bytes, 0) + 2 * Math.max(0, ...sizes);
}

function byKey(one: Levelled, other: Levelled): number {
  return one.key < other.key ? -1 : 1;
}

function archiveOf(build: AvailablePackage): Archive {
  return {
    key: instanceKey(build),
    version: build.version,
    fileName: archiveName(build),
    bytes: build.archiveBytes,
    sha256: build.sha256,
    uri: build.uri ?? '',
  };
}
