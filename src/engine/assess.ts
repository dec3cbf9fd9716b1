import { availableParallelism } from 'node:os';
import { readAptComplaints } from '../core/apt-output.ts';
import { aptWithoutLists } from '../core/apt-without-lists.ts';
import { type ArchitecturePair, architecturePairs, findPair } from '../core/architecture.ts';
import type { Check, CheckInput, Solved, SpaceState } from '../core/check.ts';
import { dataNeeds } from '../core/data/space.ts';
import { Dependents } from '../core/dependents.ts';
import { type KeptHigher, keptHigher, namesInAnswers } from '../core/downgrade.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Facts } from '../core/facts.ts';
import type { Answers, Finding, Question } from '../core/finding.ts';
import { isSameTarget, withAddresses } from '../core/likely-target.ts';
import { besideFor, type DependentSoftware, localSoftwareQuestion } from '../core/local-software.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import { makePlan, type Planned } from '../core/make-plan.ts';
import { decideFates } from '../core/no-counterpart.ts';
import type { Offers } from '../core/offers.ts';
import { type InstalledPackage, instanceKey } from '../core/package.ts';
import { listsFolder } from '../core/paths.ts';
import type { SpaceNeed, TargetSet } from '../core/plan.ts';
import type { OtherRoom } from '../core/space.ts';
import type { Survey } from '../core/survey.ts';
import { readAptAnswers, readSourceFiles } from './apt-files.ts';
import { nameEarlier } from './await-earlier.ts';
import { heldDpkgLocks } from './dpkg-locks.ts';
import { findLostFileLists } from './file-lists.ts';
import { brokenLists } from './lists.ts';
import { findUnheardOf, readOffers, readOwnVersions } from './offers.ts';
import { readOtherRoom } from './other-room.ts';
import { readFacts } from './probe.ts';
import {
  assertNothingPassedOver,
  assertUsable,
  type LaidOutApt,
  layOutApt,
  lookUpInstalled,
  openPrivateApt,
  type PreparedApt,
  type PrivateApt,
  pendingUpgrades,
  prepareApt,
  type Solution,
  solve,
  targetLists,
} from './solve.ts';
import { withSourceOffers } from './source-offers.ts';
import { unread } from './unread.ts';

/** Everything that is known before the first change. */
export interface Assessment {
  readonly pair: ArchitecturePair;
  readonly facts: Facts;
  readonly survey?: Survey;
  readonly findings: readonly Finding[];
  /** Asked or not: every decision that this root needs. */
  readonly questions: readonly Question[];
  readonly solved?: Solved;
  /** Names in answers that are neither installed nor in a repository, where that means that they were misspelt. */
  readonly unheardOf?: readonly string[];
}

export interface AssessOptions {
  /** Looks at what is no matter of packages. */
  readonly lookAround?: (machine: Machine, facts: Facts, pair: ArchitecturePair) => Promise<Survey>;
  /** A repository that cannot be used is a finding, beside all others, and no error. */
  readonly forReport?: boolean;
  /** Take the package lists that are there, and fetch none. */
  readonly offline?: boolean;
  /** What was read just before. */
  readonly known?: Facts;
  readonly early?: EarlyApt;
}

/** An apt that has been set to work. */
export interface EarlyApt {
  readonly prepared: Promise<PreparedApt>;
}

/**
 * Lets apt read the package lists that are there, as long as something else is read: its cache of them takes it longer
 * than all the rest before the solving. Returns when apt is at work: until then nothing else shall keep us busy.
 *
 * @returns undefined where they have to be fetched first, or no way leads to the target
 */
export async function startApt(machine: Machine, targetName: string, offline: boolean): Promise<EarlyApt | undefined> {
  const pair = architecturePairs.find(({ target }) => target.name === targetName);
  if (!offline || !pair) return undefined;
  try {
    const sourceFiles = await readSourceFiles(machine);
    const apt = await layOutApt(machine, sourceFiles, pair, targetLists(machine), [pair.target.name]);
    return { prepared: meanwhile(readLists(machine, pair, apt)) };
  } catch (error) {
    // Told where it is asked: what else is wrong comes first.
    return { prepared: meanwhile(Promise.reject(error)) };
  }
}

async function readLists(machine: Machine, pair: ArchitecturePair, apt: LaidOutApt): Promise<PreparedApt> {
  const prepared = meanwhile(prepareApt(machine, pair, apt, true));
  const read = await apt.run(['apt-cache', 'gencaches']).finally(() => prepared);
  // Later calls would take what it has read until it stumbled.
  if (read.exitCode !== 0) throw await brokenLists(machine, apt, read);
  return prepared;
}

/** Told what begins now; what it returns is called when that has come to its end. */
export type OnStage = (text: string) => () => void;

/**
 * Looks at the root, asks apt for the target set, and plans. Changes nothing.
 *
 * @param targetName Debian architecture to go to
 * @throws {CrossgradeError} CG0150 already there, CG0151 no way from here; what the solver throws
 */
export async function assess(
  machine: Machine,
  targetName: string,
  checks: readonly Check[],
  answers: Answers,
  onStage: OnStage,
  { lookAround, forReport = false, offline = false, known, early }: AssessOptions = {},
): Promise<Assessment> {
  const stage = async <Value>(text: string, work: () => Promise<Value>): Promise<Value> => {
    const done = onStage(text);
    return await work().finally(done);
  };
  const stillKnown = await waitForOthers(machine, onStage, known);
  // apt reads the same files meanwhile.
  const asking = meanwhile(Promise.all([askAptForComplaints(machine), readAptAnswers(machine)]));
  const facts = stillKnown ?? (await stage('reading the package database', () => readFacts(machine)));
  const pair = choosePair(facts, targetName);
  const openApt = () => openTarget(machine, facts, pair, offline, early);
  const askApt = async (
    dependent?: DependentSoftware,
  ): Promise<{ readonly offers: Offers; readonly solved?: Solved }> => {
    const apt = await stage(offline ? 'reading the package lists' : 'fetching the package lists', openApt);
    if (!forReport) assertUsable(apt.trouble, pair);
    return stage('asking apt for the target system', () => solveAndPlan(machine, apt, answers, dependent, offline));
  };
  const first: CheckInput = { pair, facts, root: machine.root, answers, aptComplaints: [] };
  const isUseless = checks.some((check) => check.decisive && findingsOf(check, first).some(isHopeless));
  // What stays for programs outside packages is known when they were looked at.
  const waits = answers[localSoftwareQuestion] === 'keep';
  // A report names all blockers: who mends one shall not meet the next one only afterwards.
  const solving = forReport && !isUseless && !waits ? meanwhile(askApt()) : undefined;
  const seen =
    lookAround && (await stage('looking at the machine and its files', () => lookAround(machine, facts, pair)));
  const lostFileLists = await findLostFileLists(machine, facts.inventory.packages);
  const [{ complaints: aptComplaints, lockSeen }, aptAnswers] = await asking;
  const survey = seen && { ...seen, notLookedAt: [...seen.notLookedAt, ...(await unread(machine, lockSeen))] };
  const seenAll = { pair, facts, ...(survey && { survey }) };
  const base: CheckInput = { ...first, ...seenAll, aptComplaints, lostFileLists, aptAnswers };
  const findings = (input: CheckInput): Finding[] => checks.flatMap((check) => findingsOf(check, input));
  const concluded = (input: CheckInput): Assessment => ({
    ...seenAll,
    ...(input.solved && { solved: input.solved }),
    ...(input.offers?.unheardOf && { unheardOf: input.offers.unheardOf }),
    findings: findings(input),
    questions: checks.flatMap((check) => check.questions?.(input) ?? []),
  });
  const isBlocked = findings(base).some(isHopeless);
  if (isUseless || (isBlocked && !forReport)) return concluded(base);
  try {
    return concluded({
      ...base,
      ...(await withDataSpace(machine, await (solving ?? askApt(survey?.dependent)), survey)),
    });
  } catch (error) {
    if (!isBlocked || !(error instanceof CrossgradeError)) throw error;
    const unseen = { what: 'what apt makes of the target system', why: error.message };
    const notLookedAt = [...(survey?.notLookedAt ?? []), unseen];
    return { ...concluded(base), survey: { ...survey, notLookedAt } };
  }
}

async function openTarget(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  offline: boolean,
  early: EarlyApt | undefined,
): Promise<PrivateApt> {
  return early
    ? lookUpInstalled(machine, facts, pair, await early.prepared)
    : openPrivateApt(machine, facts, pair, targetLists(machine), [pair.target.name], offline);
}

/** @returns what is known, unless there was something to wait for, which may have changed the root */
async function waitForOthers(machine: Machine, onStage: OnStage, known: Facts | undefined): Promise<Facts | undefined> {
  let done: (() => void) | undefined;
  await machine.waitForEarlier(250, (atWork) => {
    done ??= onStage(`waiting for what an interrupted run had started: ${nameEarlier(atWork)}`);
    return true;
  });
  done?.();
  return done === undefined ? known : undefined;
}

/** Goes on while we look elsewhere; that it has failed is told to who waits for it, even if that comes late. */
function meanwhile<Value>(work: Promise<Value>): Promise<Value> {
  work.catch(() => undefined);
  return work;
}

/** No decision takes it away. */
function isHopeless({ severity, remedies }: Finding): boolean {
  return severity === 'blocker' && !remedies.some((one) => 'decision' in one);
}

/** @throws when a check says nothing about a finding that it makes: a mistake in the check */
export function findingsOf(check: Check, input: CheckInput): Finding[] {
  return check.findings(input).map((found) => {
    const about = check.about[found.id];
    if (about === undefined) throw new Error(`${check.id} says nothing about ${found.id}`);
    return { ...found, source: about.source };
  });
}

function choosePair(facts: Facts, targetName: string): ArchitecturePair {
  const { nativeArchitecture } = facts.inventory;
  const left = facts.inventory.packages.filter(
    (one) => one.state !== 'config-files' && ![targetName, 'all'].includes(one.architecture),
  );
  if (nativeArchitecture === targetName && left.some((one) => one.multiArch !== 'same')) {
    throw new CrossgradeError(`dpkg is ${targetName} already, but ${left.length} packages of this system are not.`, {
      code: 'CG0152',
      details: [left.slice(0, 8).map(instanceKey).join(' ') + (left.length > 8 ? ` and ${left.length - 8} more` : '')],
      hint: 'Nothing was changed. A crossgrade by hand was begun here; crossgrade cannot go on with it.',
      exitCode: 3,
    });
  }
  if (nativeArchitecture === targetName) {
    throw new CrossgradeError(`This system is ${targetName} already.`, {
      code: 'CG0150',
      hint: 'Nothing was changed, and there is nothing to do.',
      exitCode: 3,
    });
  }
  const pair = findPair(nativeArchitecture, targetName);
  if (!pair) {
    throw new CrossgradeError(`crossgrade knows no way from ${nativeArchitecture} to ${targetName}.`, {
      code: 'CG0151',
      hint: 'Nothing was changed. Look at crossgrade --help for what it can do.',
      exitCode: 3,
    });
  }
  return pair;
}

/** `apt-get check`, without the package lists, which it would need a long time to read. */
async function askAptForComplaints(machine: Machine): Promise<{ complaints: string[]; lockSeen: boolean }> {
  const lists = `${machine.workDirectory}/no-lists` as const;
  await machine.makeDirectory(lists, 0o755);
  const check = (more: readonly string[]) =>
    machine.run(['apt-get', '-q', ...aptWithoutLists(lists), ...more, 'check']);
  const locked = await check([]);
  const isForbidden = /Could not open lock file .*\(13: /.test(locked.stderr);
  const { exitCode, stdout, stderr } = isForbidden ? await check(['-o', 'Debug::NoLocking=true']) : locked;
  const holders = await lockHolders(machine);
  const hasAsked = !isForbidden && !/^W: Not using locking for/m.test(locked.stderr);
  const lockSeen = hasAsked || holders !== undefined;
  if (exitCode === 0) {
    return { complaints: holders ?? [], lockSeen };
  }
  const text = `${stdout}\n${stderr}`;
  const unmet = text.split('\n').filter((line) => /^ \S+ : /.test(line));
  const said = readAptComplaints(text).map((complaint) => complaint.text);
  return { complaints: [...(holders ?? []), ...unmet, ...said], lockSeen };
}

/** In apt's words. apt itself does not ask where it may not write, as in a root that is opened for reading. */
async function lockHolders(machine: Machine): Promise<string[] | undefined> {
  const held = await heldDpkgLocks(machine);
  return held?.map(({ path, holder }) => `Could not get lock ${path}. It is held by ${holder}`);
}

/** @returns no plan where apt finds no solution, or cannot be asked for one: without the distribution's own lists */
async function solveAndPlan(
  machine: Machine,
  apt: PrivateApt,
  answers: Answers,
  dependent: DependentSoftware | undefined,
  offline: boolean,
): Promise<{ readonly offers: Offers; readonly solved?: Solved }> {
  const { pair, facts } = apt;
  if (!apt.availability.get('dpkg')?.has(pair.target.name)) {
    await assertNothingPassedOver(machine, apt);
    return { offers: await readOffers(apt, readOwnVersions(machine, apt), {}) };
  }
  const { missing } = apt.request;
  const { keep } = decideFates(missing, answers, () => new Dependents(facts.inventory));
  const beside =
    answers[localSoftwareQuestion] === 'keep' ? besideFor(dependent?.groups ?? [], facts.inventory, pair).keep : [];
  const room: OtherRoom = { ...(await readOtherRoom(machine, facts)), listBytes: await listBytes(machine, apt) };
  const planFor = (target: TargetSet): Planned =>
    makePlan({
      pair,
      inventory: facts.inventory,
      target,
      residualConfig: answers['residual-config'] === 'keep' ? 'keep' : 'purge',
      differingFiles: null,
      ...room,
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
      ? solveWithKept(machine, apt, { keep, beside, ...(higher && { higher }) }, missing, offline)
      : solve(machine, apt, new Set(), [], higher, planLikely),
  );
  const ownVersions = meanwhile(readOwnVersions(machine, apt));
  const undamaged = meanwhile(assertNothingPassedOver(machine, apt));
  // A damaged list is the reason of whatever else goes wrong.
  const solution = giveReasons(await solving.finally(() => undamaged));
  const unheardOf = await findUnheardOf(apt, namesInAnswers(answers));
  const offers = { ...(await readOffers(apt, ownVersions, solution)), ...(unheardOf.length > 0 && { unheardOf }) };
  if (solution.target === undefined) {
    return { offers };
  }
  // apt answers while we plan.
  const upgrades = pendingUpgrades(machine, apt);
  const target = await withSourceOffers(machine, facts, pair, solution.target, offline);
  const { plan, problems, stuck } =
    likely && isSameTarget(likely.target, target)
      ? { ...likely.planned, plan: withAddresses(likely.planned.plan, target.packages) }
      : planFor(target);
  const solved: Solved = {
    target,
    plan,
    problems,
    stuck,
    pendingUpgrades: await upgrades,
    space: await spaceStates(machine, plan.space),
  };
  return { offers, solved };
}

/** What the administrator wants to stay as it is. */
interface Kept {
  /** In the source architecture. */
  readonly keep: readonly string[];
  /** Beside the target's builds. */
  readonly beside: readonly InstalledPackage[];
  /** In no older version. */
  readonly higher?: KeptHigher;
}

/** The kept packages, and what they need, come from the source architecture's lists. */
async function solveWithKept(
  machine: Machine,
  source: PrivateApt,
  { keep, beside, higher }: Kept,
  lacking: readonly string[],
  offline: boolean,
): Promise<Solution> {
  const { facts, pair } = source;
  const architectures = [pair.target.name, pair.source.name];
  const apt = await openPrivateApt(machine, facts, pair, `${machine.workDirectory}/both`, architectures, offline);
  const solution = await solve(machine, apt, new Set(keep), beside, higher);
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
  const givenUp = Object.fromEntries(lost.map((name) => [name, reasonOf(name)]));
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

/** Exports and new data need room as well. */
async function withDataSpace<Asked extends { readonly solved?: Solved }>(
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
