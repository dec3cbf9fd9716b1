import { availableParallelism } from 'node:os';
import type { Repositories } from '../../apt/repositories.ts';
import { findUnheardOf, readOwnVersions, readRepositories } from '../../apt/system/read-repositories.ts';
import {
  assertNothingPassedOver,
  openPrivateApt,
  type PrivateApt,
  pendingUpgrades,
  type Solution,
  solve,
} from '../../apt/system/solve.ts';
import { withSourceBuilds } from '../../apt/system/source-builds.ts';
import { CrossgradeError } from '../../base/error.ts';
import type { Answers } from '../../base/finding.ts';
import type { Machine } from '../../base/machine.ts';
import { listsFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { firmwareLoader, keptForFirmware } from '../../boot/firmware-loader.ts';
import { dataNeeds } from '../../data/space.ts';
import { Dependents } from '../../debian/dependents.ts';
import { type InstalledPackage, type InstanceKey, instanceKey } from '../../debian/package.ts';
import { readOtherSpace } from '../../hardware/system/other-space.ts';
import { type KeptHigher, keptHigher, namesInAnswers } from '../../plan/downgrade.ts';
import { isSameTarget, withAddresses } from '../../plan/likely-target.ts';
import { makePlan, type Planned } from '../../plan/make-plan.ts';
import type { SpaceNeed, TargetSet } from '../../plan/plan.ts';
import type { OtherSpace } from '../../plan/space.ts';
import {
  besideFor,
  type DependentGroup,
  type DependentSoftware,
  localSoftwareQuestion,
} from '../../software/local-software.ts';
import { lookAtKept } from '../../software/system/kept-programs.ts';
import type { Solved, SpaceState } from '../check.ts';
import { decideFates } from '../no-counterpart.ts';
import type { Survey } from '../survey.ts';

/** @returns no plan where apt finds no solution, or cannot be asked for one: without the distribution's own lists */
export async function solveAndPlan(
  machine: Machine,
  apt: PrivateApt,
  answers: Answers,
  dependent: DependentSoftware | undefined,
  offline: boolean,
): Promise<{ readonly repositories: Repositories; readonly solved?: Solved }> {
  const { pair, facts } = apt;
  if (!apt.availability.get('dpkg')?.has(pair.target.name)) {
    await assertNothingPassedOver(machine, apt);
    return { repositories: await readRepositories(machine, apt, readOwnVersions(machine, apt), {}) };
  }
  const { missing } = apt.request;
  const forFirmware = firmwareLoader(pair, facts)?.packages ?? [];
  const fates = decideFates(
    missing.filter((name) => !forFirmware.includes(name)),
    answers,
    () => new Dependents(facts.inventory),
  );
  const keep = [...fates.keep, ...keptForFirmware(pair, facts, answers)];
  const looking = meanwhile(lookAtKept(machine, facts, pair, [...fates.keep, ...fates.remove, ...fates.undecided]));
  const kept = fates.keep.length === 0 ? [] : undeclaredNeeds(apt, fates.keep, (await looking).groups);
  const local = answers[localSoftwareQuestion] === 'keep' ? (dependent?.groups ?? []) : [];
  const { keep: beside, mayYield } = besideFor([...local, ...kept], facts.inventory, pair);
  const otherSpace: OtherSpace = {
    ...(await readOtherSpace(machine, facts)),
    listBytes: await listBytes(machine, apt),
  };
  const planFor = (target: TargetSet): Planned =>
    makePlan({
      pair,
      inventory: facts.inventory,
      target,
      residualConfig: answers['residual-config'] === 'keep' ? 'keep' : 'purge',
      differingFiles: null,
      ...otherSpace,
    });
  let likely: { readonly target: TargetSet; readonly planned: Planned } | undefined;
  const planLikely = (target: TargetSet): void => {
    // On the only processor it would keep apt from thinking.
    if (availableParallelism() === 1) return;
    try {
      likely = { target, planned: planFor(target) };
    } catch (error) {
      // apt may choose something else.
      if (!(error instanceof CrossgradeError)) throw error;
    }
  };
  const higher = keptHigher(answers);
  const solving = meanwhile(
    keep.length > 0 || beside.length > 0
      ? solveWithKept(machine, apt, { keep, beside, mayYield, ...(higher && { higher }) }, missing, offline)
      : solve(machine, apt, new Set(), [], higher, planLikely),
  );
  const ownVersions = meanwhile(readOwnVersions(machine, apt));
  const undamaged = meanwhile(assertNothingPassedOver(machine, apt));
  // A damaged list is the reason of whatever else goes wrong.
  const solution = giveReasons(await solving.finally(() => undamaged));
  const unheardOf = await findUnheardOf(apt, namesInAnswers(answers));
  const offers = {
    ...(await readRepositories(machine, apt, ownVersions, solution)),
    ...(unheardOf.length > 0 && { unheardOf }),
  };
  if (solution.target === undefined) {
    return { repositories: offers };
  }
  // apt answers while we plan.
  const upgrades = pendingUpgrades(machine, apt);
  const target = await withSourceBuilds(machine, facts, pair, solution.target, offline);
  const { plan, problems, stuck } =
    likely && isSameTarget(likely.target, target)
      ? { ...likely.planned, plan: withAddresses(likely.planned.plan, target.packages) }
      : planFor(target);
  const { plugIns } = await looking;
  const solved: Solved = {
    target,
    plan,
    problems,
    stuck,
    pendingUpgrades: await upgrades,
    space: await spaceStates(machine, plan.space),
    ...(kept.length > 0 && { undeclared: kept }),
    ...(plugIns.length > 0 && { plugIns }),
  };
  return { repositories: offers, solved };
}

/** @returns what packages that stay need, and do not say: with them it would go, and they would not start */
function undeclaredNeeds(
  { facts }: PrivateApt,
  keep: readonly string[],
  groups: readonly DependentGroup[],
): DependentGroup[] {
  const declared = new Set([...keep, ...new Dependents(facts.inventory).closureOf(keep).map(({ name }) => name)]);
  const isDeclared = (key: InstanceKey): boolean => declared.has(key.replace(/:.*$/, ''));
  return groups
    .filter(({ name }) => keep.includes(name))
    .map(({ byName = {}, ...one }) => {
      const named = Object.entries(byName).filter(([, key]) => !isDeclared(key));
      return {
        ...one,
        packages: one.packages.filter((key) => !isDeclared(key)),
        ...(named.length > 0 && { byName: Object.fromEntries(named) }),
      };
    })
    .filter(({ packages, byName }) => packages.length > 0 || byName !== undefined);
}

/** What the administrator wants to stay as it is. */
interface Kept {
  /** In the source architecture. */
  readonly keep: readonly string[];
  /** Beside the target's builds. */
  readonly beside: readonly InstalledPackage[];
  /** Those of `beside` that go where they cannot be installed together with the rest. */
  readonly mayYield: ReadonlySet<InstanceKey>;
  /** In no older version. */
  readonly higher?: KeptHigher;
}

/** The kept packages, and what they need, come from the source architecture's lists. */
async function solveWithKept(
  machine: Machine,
  source: PrivateApt,
  { keep, beside, mayYield, higher }: Kept,
  lacking: readonly string[],
  offline: boolean,
): Promise<Solution> {
  const { facts, pair } = source;
  const architectures = [pair.target.name, pair.source.name];
  const apt = await openPrivateApt(machine, facts, pair, `${machine.workDirectory}/both`, architectures, offline);
  const solution = await solve(machine, apt, new Set(keep), beside, higher, undefined, mayYield);
  const missing = [...new Set([...lacking, ...(solution.target?.missing ?? [])])].sort();
  const there = new Set(solution.target?.packages.map(instanceKey));
  const stays = beside.map(instanceKey).filter((key) => there.has(key));
  const target = solution.target && {
    ...solution.target,
    missing,
    ...(stays.length > 0 && { beside: stays.sort() }),
  };
  const { conflict } = solution;
  if (conflict === undefined) return { ...(target && { target }) };
  const { conflict: anyway } = await solve(machine, source, new Set());
  const forcedOut = conflict.blamed.filter((name) => anyway === undefined || !anyway.blamed.includes(name));
  return { conflict: { ...conflict, forcedOut }, ...(target && { target }) };
}

/** What every screen says of packages that have a build for the target, and go all the same. */
function giveReasons({ target, conflict }: Solution): Solution {
  const lost = conflict?.blamed.filter((name) => target?.missing.includes(name)) ?? [];
  if (target === undefined || lost.length === 0) return { ...(target && { target }), ...(conflict && { conflict }) };
  const reasonOf = (name: string): string =>
    conflict?.forcedOut?.includes(name)
      ? 'it cannot be installed beside the packages that are kept'
      : 'it cannot be installed together with the rest';
  const givenUp = { ...target.givenUp, ...Object.fromEntries(lost.map((name) => [name, reasonOf(name)])) };
  return { target: { ...target, givenUp }, ...(conflict && { conflict }) };
}

/** What the root's own folder of lists will have in addition. */
async function listBytes(machine: Machine, { folder }: PrivateApt): Promise<number> {
  const there = new Set(await machine.list(listsFolder));
  let bytes = 0;
  for (const name of await machine.list(`${folder}/lists`)) {
    if (!there.has(name) && !name.includes('_local_')) {
      bytes += (await machine.info(`${folder}/lists/${name}`))?.bytes ?? 0;
    }
  }
  return bytes;
}

/** Exports and new data need space as well. */
export async function withDataSpace<Asked extends { readonly solved?: Solved }>(
  machine: Machine,
  asked: Asked,
  survey: Survey | undefined,
): Promise<Asked> {
  const needs = dataNeeds(survey?.data ?? []);
  if (asked.solved === undefined || needs.length === 0) return asked;
  return {
    ...asked,
    solved: { ...asked.solved, space: await spaceStates(machine, [...asked.solved.plan.space, ...needs]) },
  };
}

/** Adds up what goes to the same filesystem, for both moments, and takes the worse one. */
async function spaceStates(machine: Machine, needs: readonly SpaceNeed[]): Promise<SpaceState[]> {
  const byDevice = new Map<number, { paths: RootPath[]; bytes: number; atImport: number; freeBytes: number }>();
  for (const { path, bytes, bytesAtImport = bytes } of needs) {
    const place = await existing(machine, path);
    const { device, freeBytes } = await machine.filesystem(place);
    const known = byDevice.get(device) ?? { paths: [], bytes: 0, atImport: 0, freeBytes };
    byDevice.set(device, {
      paths: [...known.paths, path],
      bytes: known.bytes + bytes,
      atImport: known.atImport + bytesAtImport,
      freeBytes,
    });
  }
  return [...byDevice.values()].map(({ paths, bytes, atImport, freeBytes }) => ({
    paths,
    neededBytes: Math.max(bytes, atImport),
    freeBytes,
  }));
}

/** A path, or the next folder above it that is there. */
async function existing(machine: Machine, path: RootPath): Promise<RootPath> {
  let here = path;
  while (here !== '/' && !(await machine.exists(here)))
    here = (here.slice(0, here.lastIndexOf('/')) || '/') as RootPath;
  return here;
}

/** Goes on while we look elsewhere; that it has failed is told to who waits for it, even if that comes late. */
export function meanwhile<Value>(work: Promise<Value>): Promise<Value> {
  work.catch(() => undefined);
  return work;
}
