import type * as z from 'zod';
import { type Answers, type Finding, isOpen, type Question, singleKey } from '../base/finding.ts';
import { addTo } from '../base/multimap.ts';
import { redacted } from '../base/passwords.ts';
import type { Unseen } from '../base/unseen.ts';
import type { Release } from '../debian/release.ts';
import type { Duration } from '../plan/duration.ts';
import type { Plan } from '../plan/plan.ts';
import type { Why } from '../plan/why.ts';
import type { SpaceState } from './check.ts';
import {
  type CheckedRow,
  type CheckReport,
  change,
  type Decision,
  type PlannedReport,
  type progress,
  type Verdict,
  type Wave,
} from './check-report-schema.ts';

export interface ReportInput {
  readonly toolVersion: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly system: {
    /** As the administrator named it. */
    readonly root: string;
    readonly kind: 'host' | 'chroot';
    /** Text of /etc/hostname. */
    readonly hostName?: string | undefined;
    readonly release: Release;
    readonly sourceArchitecture: string;
    readonly targetArchitecture: string;
    readonly packages: number;
  };
  readonly findings: readonly Finding[];
  /** What came of each check; absent where none was made. */
  readonly checks?: readonly CheckedRow[];
  readonly questions: readonly Question[];
  readonly answers: Answers;
  readonly planned?: { readonly plan: Plan; readonly space: readonly SpaceState[]; readonly duration: Duration };
  readonly progress?: z.infer<typeof progress>;
  readonly notLookedAt: readonly Unseen[];
  readonly why?: readonly Why[];
  /** The system is of the target architecture already. */
  readonly isThere?: boolean;
}

/** Puts together what was found. Pure: the same input gives the same report. */
export function makeReport(input: ReportInput): CheckReport {
  const { system } = input;
  const decisions = input.questions.map((question) => decisionOf(question, input.answers));
  const findings = input.findings.map((one) => ({
    id: one.id,
    severity: one.severity,
    title: one.title,
    detail: one.detail,
    affected: [...one.affected],
    remedies: [...one.remedies],
    source: one.source,
  }));
  // A report is sent to others.
  return redacted({
    schemaVersion: 1,
    tool: { name: 'crossgrade', version: input.toolVersion },
    createdAt: input.createdAt,
    system: {
      root: system.root,
      kind: system.kind,
      hostName: shortHostName(system.hostName ?? ''),
      release: { ...system.release },
      sourceArchitecture: system.sourceArchitecture,
      targetArchitecture: system.targetArchitecture,
      packages: system.packages,
    },
    verdict: verdictOf(input, decisions),
    findings,
    checks: [...(input.checks ?? [])],
    decisions,
    plan: input.planned ? planOf(input.planned) : null,
    progress: input.progress ?? null,
    notLookedAt: input.notLookedAt.map(({ what, why }) => ({ what, why })),
    why: [...(input.why ?? [])],
  });
}

function verdictOf({ findings, progress, isThere }: ReportInput, decisions: readonly Decision[]): Verdict {
  if (progress) return 'in-progress';
  if (isThere) return 'nothing-to-do';
  const open = openDecisions(decisions);
  if (findings.some((one) => one.severity === 'blocker' && !isDecisionOpen(one, open))) return 'blocked';
  return open.size > 0 ? 'decisions-open' : 'ready';
}

/** @returns ids of the decisions that are still to be taken */
export function openDecisions(decisions: readonly Pick<Decision, 'id' | 'open'>[]): ReadonlySet<string> {
  return new Set(decisions.filter((one) => one.open).map((one) => one.id));
}

/** @returns whether a finding blocks only as long as one of these decisions is not taken */
export function isDecisionOpen(
  { severity, remedies }: Pick<Finding, 'severity' | 'remedies'>,
  open: ReadonlySet<string>,
): boolean {
  return severity === 'blocker' && remedies.some((one) => 'decision' in one && open.has(one.decision));
}

/** A report is sent to others: the domain is no business of theirs, and what is no host name even less. */
/** @param text of /etc/hostname */
export function shortHostName(text: string): string | null {
  const name = text.trim().split('.')[0] ?? '';
  return /^[a-z0-9][a-z0-9-]{0,62}$/i.test(name) ? name : null;
}

function decisionOf(question: Question, answers: Answers): Decision {
  const { id, text, why, affected, choices, single, assumed } = question;
  const answer = answers[id] ?? null;
  const singleAnswers = affected.flatMap((name): [string, string][] => {
    const own = single && answers[singleKey(id, name)];
    return own === undefined ? [] : [[name, own]];
  });
  // Where each has an answer of its own, none is taken for granted.
  const isAssumed = (answer === null || answer === stopValue) && single?.undecided.length !== 0;
  return {
    id,
    text,
    why,
    affected: [...affected],
    choices: choices.map(({ value, title, consequence, recommended }) => ({
      value,
      title,
      consequence,
      recommended: recommended === true,
    })),
    answer,
    singleValues: [...(single?.choices.map(({ value }) => value) ?? [])],
    singleAnswers: Object.fromEntries(singleAnswers),
    open: isOpen(question, answers),
    plannedAs: (isAssumed ? assumed : answer) ?? null,
  };
}

/** The answer with which no run starts; there is a plan all the same, to look at. */
const stopValue = 'stop';

/** @returns decisions of which the plan takes another value than was answered; none without a plan */
export function assumptions({ plan, decisions }: CheckReport): Decision[] {
  return plan === null ? [] : decisions.filter(({ answer, plannedAs }) => plannedAs !== null && plannedAs !== answer);
}

/** The wave after which nothing can be taken back. */
const borderWave = 'core';

function planOf({ plan, space, duration }: NonNullable<ReportInput['planned']>): PlannedReport {
  const calls = plan.batches.map((batch, index) => ({ ...batch, number: index + 1 }));
  const callsByName = new Map<string, number[]>();
  const waves: Wave[] = [];
  for (const { number, id, wave: name, operation, instances } of calls) {
    if (waves.at(-1)?.name !== name) waves.push({ name, calls: [] });
    waves.at(-1)?.calls.push({ number, id, operation, instances: [...instances] });
    for (const one of new Set(instances.map((key) => key.slice(0, key.indexOf(':'))))) addTo(callsByName, one, number);
  }
  // Without a core wave the first wave after the libraries is the border, as it is for the steps.
  const border = calls.find(
    ({ wave: name }) => plan.takenOver || name === borderWave || name === 'rest' || name === 'purge',
  );
  const counts = Object.fromEntries(change.options.map((one) => [one, 0])) as PlannedReport['counts'];
  for (const entry of plan.changes) counts[entry.change] += 1;
  return {
    counts,
    download: { bytes: plan.downloadBytes, archives: plan.archives.length },
    filesystems: space.map(({ paths, neededBytes, freeBytes }) => ({ paths: [...paths], neededBytes, freeBytes })),
    duration,
    waves,
    calls: calls.length,
    pointOfNoReturn: border ? { afterCall: border.number - 1, beforeWave: border.wave } : null,
    packages: plan.changes.map((entry) => ({
      name: entry.name,
      change: entry.change,
      before: entry.before ?? null,
      after: entry.after ?? null,
      reason: entry.reason,
      calls: callsByName.get(entry.name) ?? [],
    })),
    endState: { ...plan.endState },
  };
}
