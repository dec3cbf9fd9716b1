import { readAptComplaints } from '../../apt/apt-output.ts';
import { aptWithoutLists } from '../../apt/apt-without-lists.ts';
import type { Repositories } from '../../apt/repositories.ts';
import type { StandIn } from '../../apt/stand-in.ts';
import { readAptAnswers, readSourceFiles } from '../../apt/system/apt-files.ts';
import { brokenLists } from '../../apt/system/package-lists.ts';
import {
  assertUsable,
  type LaidOutApt,
  layOutApt,
  lookUpInstalled,
  openPrivateApt,
  type PreparedApt,
  type PrivateApt,
  prepareApt,
  targetLists,
} from '../../apt/system/solve.ts';
import { lendPrograms } from '../../apt/system/stand-in.ts';
import { unread } from '../../apt/system/unread.ts';
import { CrossgradeError } from '../../base/error.ts';
import type { Answers, Finding, Question } from '../../base/finding.ts';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { Unseen } from '../../base/unseen.ts';
import { type ArchitecturePair, architecturePairs, defaultTarget, findPair } from '../../debian/architecture.ts';
import { heldDpkgLocks } from '../../dpkg/system/dpkg-locks.ts';
import { findLostFileLists } from '../../dpkg/system/lost-file-lists.ts';
import { findWay } from '../../plan/way.ts';
import { thereWords } from '../../plan/way-words.ts';
import type { Facts } from '../../run/facts.ts';
import { nameEarlier } from '../../run/system/await-earlier.ts';
import { readFacts } from '../../run/system/read-facts.ts';
import { type DependentSoftware, localSoftwareQuestion } from '../../software/local-software.ts';
import type { Check, CheckInput, Solved } from '../check.ts';
import type { CheckedRow } from '../check-report-schema.ts';
import { checkedRows } from '../looked-at.ts';
import type { Survey } from '../survey.ts';
import { meanwhile, solveAndPlan, withDataSpace } from './solve-and-plan.ts';
import { tryRemedies } from './try-remedies.ts';

/** Everything that is known before the first change. */
export interface Assessment {
  readonly pair: ArchitecturePair;
  readonly facts: Facts;
  readonly survey?: Survey;
  readonly findings: readonly Finding[];
  /** What came of each check. */
  readonly checked: readonly CheckedRow[];
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
  /** Instances that a finished crossgrade has kept. */
  readonly kept?: ReadonlySet<string>;
  readonly early?: EarlyApt;
  /** What was found of programs, and lent, just before. */
  readonly standIn?: StandIn;
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
export async function startApt(
  machine: Machine,
  targetName: string | undefined,
  offline: boolean,
): Promise<EarlyApt | undefined> {
  const source = await nativeArchitecture(machine);
  const pair = source && findPair(source, targetName ?? defaultTarget(source));
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

/**
 * Before apt is asked for the first time: see `lendPrograms`.
 *
 * @param tried what came of it before
 */
export async function lendWhatIsBroken(
  machine: Machine,
  targetName: string | undefined,
  offline: boolean,
  tried?: StandIn,
): Promise<StandIn> {
  if (tried) return tried;
  const native = await nativeArchitecture(machine);
  const target = targetName ?? (native === undefined ? undefined : defaultTarget(native));
  const pair =
    architecturePairs.find((one) => one.source.name === native && one.target.name === target) ??
    architecturePairs.find((one) => one.target.name === target);
  return pair ? lendPrograms(machine, pair, offline) : { kind: 'unneeded' };
}

/** Of dpkg, without a look at all the rest. */
async function nativeArchitecture(machine: Machine): Promise<string | undefined> {
  const text = (await machine.readTextIfThere(`${dpkgFolder}/status`)) ?? '';
  return /^Package: dpkg\n(?:.+\n)*?Architecture: (\S+)$/m.exec(text)?.[1];
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
 * @param targetName Debian architecture to go to; undefined: where the system's own leads
 * @throws {CrossgradeError} CG0150 of the target already, CG0151 no way from here; what the solver throws
 */
export async function assess(
  machine: Machine,
  targetName: string | undefined,
  checks: readonly Check[],
  answers: Answers,
  onStage: OnStage,
  { lookAround, forReport = false, offline = false, known, kept, early, standIn: tried }: AssessOptions = {},
): Promise<Assessment> {
  const stage = async <Value>(text: string, work: () => Promise<Value>): Promise<Value> => {
    const done = onStage(text);
    return await work().finally(done);
  };
  const stillKnown = await waitForOthers(machine, onStage, known);
  const standIn = await lendWhatIsBroken(machine, targetName, offline, tried);
  // apt reads the same files meanwhile.
  const asking = meanwhile(Promise.all([askAptForComplaints(machine), readAptAnswers(machine)]));
  const facts = stillKnown ?? (await stage('reading the package database', () => readFacts(machine)));
  const pair = choosePair(facts, targetName, kept);
  const openApt = () => openTarget(machine, facts, pair, offline, early);
  const askApt = async (
    dependent?: DependentSoftware,
  ): Promise<{ readonly repositories: Repositories; readonly solved?: Solved }> => {
    const apt = await stage(offline ? 'reading the package lists' : 'fetching the package lists', openApt);
    if (!forReport) assertUsable(apt.trouble, pair);
    return stage('asking apt for the target system', () => solveAndPlan(machine, apt, answers, dependent, offline));
  };
  const first: CheckInput = { pair, facts, root: machine.root, answers, kept, aptComplaints: [], standIn };
  const isUseless = checks.some((check) => check.decisive && findingsOf(check, first).some(isHopeless));
  // What stays for programs outside packages is known when they were looked at.
  const waits = answers[localSoftwareQuestion] === 'keep';
  // A report names all blockers: who mends one shall not meet the next one only afterwards.
  const solving = forReport && !isUseless && !waits ? meanwhile(askApt()) : undefined;
  const seen =
    lookAround && (await stage('looking at the machine and its files', () => lookAround(machine, facts, pair)));
  const lostFileLists = await findLostFileLists(machine, facts.inventory.packages);
  const [{ complaints: aptComplaints, lockSeen }, aptAnswers] = await asking;
  const survey = seen && withUnread(seen, await unread(machine, lockSeen));
  const seenAll = { pair, facts, ...(survey && { survey }) };
  const base: CheckInput = { ...first, ...seenAll, aptComplaints, lostFileLists, aptAnswers };
  const concluded = async (input: CheckInput): Promise<Assessment> => {
    const { findings, checked } = findAll(checks, input);
    return {
      ...seenAll,
      ...(input.solved && { solved: input.solved }),
      ...(input.repositories?.unheardOf && { unheardOf: input.repositories.unheardOf }),
      findings: await tryRemedies(machine, pair, facts, findings),
      checked,
      questions: checks.flatMap((check) => check.questions?.(input) ?? []),
    };
  };
  const isBlocked = findAll(checks, base).findings.some(isHopeless);
  if (isUseless || (isBlocked && !forReport)) return concluded(base);
  try {
    return await concluded({
      ...base,
      ...(await withDataSpace(machine, await (solving ?? askApt(survey?.dependent)), survey)),
    });
  } catch (error) {
    if (!isBlocked || !(error instanceof CrossgradeError)) throw error;
    const unseen = { what: 'what apt makes of the target system', why: error.message };
    const notLookedAt = [...(survey?.notLookedAt ?? []), unseen];
    return { ...(await concluded(base)), survey: { ...survey, notLookedAt } };
  }
}

/** @returns what all checks have found, and what came of each */
export function findAll(
  checks: readonly Check[],
  input: CheckInput,
): { readonly findings: readonly Finding[]; readonly checked: readonly CheckedRow[] } {
  const found = new Map(checks.map((check) => [check, findingsOf(check, input)]));
  return { findings: [...found.values()].flat(), checked: checkedRows(checks, input, found) };
}

function withUnread(survey: Survey, packages: readonly Unseen[]): Survey {
  return {
    ...survey,
    notLookedAt: [...survey.notLookedAt, ...packages],
    unseenIn: { ...survey.unseenIn, packages },
  };
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

function choosePair(facts: Facts, wanted: string | undefined, kept: ReadonlySet<string> | undefined): ArchitecturePair {
  const { inventory } = facts;
  const targetName = wanted ?? defaultTarget(inventory.nativeArchitecture);
  const way = findWay(inventory, targetName, kept);
  if (way.kind === 'open') return way.pair;
  if (way.kind === 'there') {
    throw new CrossgradeError(`This system is ${targetName} already.`, {
      code: 'CG0150',
      details: thereWords(way.kept, targetName),
      hint: 'Nothing was changed, and there is nothing to do.',
      exitCode: 3,
    });
  }
  throw new CrossgradeError(`crossgrade knows no way from ${inventory.nativeArchitecture} to ${targetName}.`, {
    code: 'CG0151',
    hint: 'Nothing was changed. Look at crossgrade --help for what it can do.',
    exitCode: 3,
  });
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
