import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Answers } from '../../base/finding.ts';
import type { Machine } from '../../base/machine.ts';
import { nearestFew } from '../../base/nearest.ts';
import { aptGuardFile } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { Unseen } from '../../base/unseen.ts';
import { defaultTarget } from '../../debian/architecture.ts';
import { estimateDuration } from '../../plan/duration.ts';
import { findWay, type Way } from '../../plan/way.ts';
import { explainPackage, knownNames, type Why, type WhyInput } from '../../plan/why.ts';
import type { Facts } from '../../run/facts.ts';
import { forRoot } from '../../run/name-root.ts';
import { isPastPointOfNoReturn } from '../../run/point-of-no-return.ts';
import type { Step } from '../../run/step.ts';
import { readFacts } from '../../run/system/read-facts.ts';
import { readContext } from '../../run/system/run.ts';
import { pairOf } from '../../state/pair-of.ts';
import type { State } from '../../state/state.ts';
import { keptAsPlanned } from '../../state/system/kept-as-planned.ts';
import { StateStore } from '../../state/system/state-store.ts';
import { checkAnswers } from '../answers-file.ts';
import type { Check, CheckInput } from '../check.ts';
import { makeReport, type ReportInput } from '../check-report.ts';
import type { CheckReport } from '../check-report-schema.ts';
import { type Assessment, assess, findAll, lendWhatIsBroken, type OnStage, startApt } from './assess.ts';
import { surveyRoot } from './survey-root.ts';

export interface GatherOptions {
  /** As the administrator named it. */
  readonly root: string;
  /** Architecture. */
  /** Undefined: where the system's own architecture leads. */
  readonly target: string | undefined;
  /** Package names, as the administrator typed them. */
  readonly why: readonly string[];
  /** Where to look for programs and data outside packages; empty for nowhere, absent for the usual folders. */
  readonly scan: readonly RootPath[] | undefined;
  /** Use the package lists that are there. */
  readonly offline: boolean;
}

/** What a report is made with. */
export interface Crossgrade {
  readonly checks: readonly Check[];
  readonly steps: readonly Step[];
  readonly version: string;
}

/**
 * Everything that `check` reports, whatever state the root is in: before a crossgrade, in the middle of one, after it.
 * Changes nothing.
 *
 * @throws {CrossgradeError} CG0009 for a package that nobody knows, CG0461 for a folder that is not there, CG0463 for an
 * ordinary user in the middle of a crossgrade; what reading the facts and solving throw
 */
export async function gatherReport(
  machine: Machine,
  options: GatherOptions,
  answers: Answers,
  crossgrade: Crossgrade,
  onStage: OnStage,
): Promise<CheckReport> {
  await assertThere(machine, options.scan ?? []);
  const store = new StateStore(machine);
  const { state, unseen } = await loadState(store);
  if (unseen.length > 0 && (await machine.exists(aptGuardFile))) {
    // What is half-way looks like a fault, and its usual cure would do harm.
    throw new CrossgradeError('A crossgrade of this root is in progress, and only root can read how far it is.', {
      code: 'CG0463',
      hint: 'Nothing was changed. Run the same command as root, for example with sudo; do not mend packages meanwhile.',
      exitCode: exitCodes.blocked,
    });
  }
  const hostName = await machine.readTextIfThere('/etc/hostname');
  const report = (facts: Facts, source: string, rest: Partial<ReportInput>): CheckReport =>
    makeReport({
      toolVersion: crossgrade.version,
      createdAt: new Date().toISOString(),
      system: {
        root: options.root,
        kind: machine.root.kind,
        hostName,
        release: facts.release,
        sourceArchitecture: source,
        targetArchitecture:
          state?.targetArchitecture ?? options.target ?? defaultTarget(facts.inventory.nativeArchitecture),
        packages: facts.inventory.packages.filter((one) => one.state !== 'config-files').length,
      },
      findings: [],
      questions: [],
      answers,
      notLookedAt: unseen,
      ...rest,
    });

  if (state && state.finishedAt === null) {
    const context = await readContext(machine, store, pairOf(state));
    const { facts } = context;
    const { plan, target } = await planOf(store);
    const remaining = crossgrade.steps.filter(
      (step) => (step.needs ?? []).every((need) => machine.root.can.has(need)) && step.remaining(context).length > 0,
    );
    const inventory = await asBefore(store, facts);
    return report(facts, state.sourceArchitecture, {
      planned: { plan, space: [], duration: estimateDuration(plan, target.packages) },
      progress: {
        startedAt: state.startedAt,
        pastPointOfNoReturn: isPastPointOfNoReturn(context),
        remaining: remaining.map(({ title }) => title),
      },
      why: whys(options.why, { inventory, plan, target }),
    });
  }
  const offline = options.offline || !machine.root.can.has('network');
  const standIn = await lendWhatIsBroken(machine, options.target, offline);
  const early = await startApt(machine, options.target, offline);
  try {
    const readDatabase = onStage('reading the package database');
    const facts = await readFacts(machine).finally(readDatabase);
    const target = options.target ?? defaultTarget(facts.inventory.nativeArchitecture);
    const kept = state ? await keptAsPlanned(store) : new Set<string>();
    const way = findWay(facts.inventory, target, kept);
    if (isThere(way, unseen)) {
      const asked = state && options.why.length > 0;
      const input: AlmostInput = { facts, kept, root: machine.root, answers };
      return report(facts, state?.sourceArchitecture ?? target, {
        isThere: true,
        ...findWhenThere(crossgrade.checks, way, input),
        ...(asked && { why: whys(options.why, { ...(await planOf(store)), inventory: await asBefore(store, facts) }) }),
      });
    }
    const assessment = await assess(machine, target, crossgrade.checks, answers, onStage, {
      lookAround: (...it) => surveyRoot(...it, options.scan),
      forReport: true,
      offline,
      known: facts,
      kept,
      standIn,
      ...(early && { early }),
    });
    checkAnswers(answers, assessment);
    return report(assessment.facts, assessment.pair.source.name, contentsOf(assessment, options, unseen));
  } finally {
    // It works in a folder that is gone when this root is closed.
    await early?.prepared.catch(() => undefined);
  }
}

function contentsOf(
  { facts, findings, checked, questions, solved, survey }: Assessment,
  { root, why }: GatherOptions,
  unseen: readonly Unseen[],
): Partial<ReportInput> {
  return {
    findings: forRoot(findings, root),
    checks: checked,
    questions,
    ...(solved && {
      planned: {
        plan: solved.plan,
        space: solved.space,
        duration: estimateDuration(solved.plan, solved.target.packages),
      },
      why: whys(why, { inventory: facts.inventory, plan: solved.plan, target: solved.target }),
    }),
    notLookedAt: [...new Map([...unseen, ...(survey?.notLookedAt ?? [])].map((one) => [one.what, one])).values()],
  };
}

async function planOf(store: StateStore): Promise<Pick<WhyInput, 'plan' | 'target'>> {
  return { plan: await store.plan(), target: await store.target() };
}

/** The marks are those that were there before the first change: dpkg loses them on its way. */
async function asBefore(store: StateStore, { inventory }: Facts): Promise<WhyInput['inventory']> {
  const before = await store.record();
  const automatic = new Set(before?.automatic ?? inventory.automatic) as Facts['inventory']['automatic'];
  return { ...inventory, automatic };
}

/** To find nothing in a folder that was misspelt would be taken for an answer. */
async function assertThere(machine: Machine, folders: readonly RootPath[]): Promise<void> {
  for (const path of folders) {
    if ((await machine.exists(path)) || machine.unreadable().includes(path)) continue;
    throw new CrossgradeError(`--scan names ${path}, which is not there in this root.`, {
      code: 'CG0461',
      hint: 'Nothing was changed. Name folders as they are called inside the root, or leave --scan out.',
      exitCode: exitCodes.usage,
    });
  }
}

/** An ordinary user may not read the state folder; the rest of the report is of use all the same. */
async function loadState(store: StateStore): Promise<{ state: State | undefined; unseen: Unseen[] }> {
  try {
    return { state: await store.load(), unseen: [] };
  } catch (error) {
    const cause = error instanceof CrossgradeError ? (error.cause as NodeJS.ErrnoException | undefined) : undefined;
    if (cause?.code !== 'EACCES' && cause?.code !== 'EPERM') throw error;
    return {
      state: undefined,
      unseen: [{ what: 'whether a crossgrade is in progress', why: 'only root can read crossgrade’s state' }],
    };
  }
}

/** An ordinary user cannot see that packages were kept: no guard is there, so no crossgrade is half-way. */
function isThere(way: Way, unseen: readonly Unseen[]): boolean {
  return way.kind === 'there' || (unseen.length > 0 && way.kind === 'open' && way.start === 'leftovers');
}

type AlmostInput = Omit<CheckInput, 'aptComplaints' | 'pair'>;

function findWhenThere(all: readonly Check[], way: Way, given: AlmostInput): Pick<ReportInput, 'findings' | 'checks'> {
  if (way.kind !== 'there' || way.pair === undefined) return { findings: [] };
  const input: CheckInput = { ...given, pair: way.pair, aptComplaints: [] };
  const { findings, checked } = findAll(
    all.filter(({ whenThere }) => whenThere),
    input,
  );
  return { findings, checks: checked };
}

function whys(words: readonly string[], input: WhyInput): Why[] {
  return words.flatMap((word) => {
    const found = explainPackage(word, input);
    if (found.length > 0) return found;
    const near = nearestFew(word.replace(/:.*$/, ''), knownNames(input), 5);
    throw new CrossgradeError(`Neither this system nor the plan has a package ${word}.`, {
      code: 'CG0009',
      hint: near.length > 0 ? `Did you mean: ${near.join(', ')}?` : 'Nothing was changed. Check the name.',
      exitCode: exitCodes.usage,
    });
  });
}
