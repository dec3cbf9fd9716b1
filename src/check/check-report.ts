import * as z from 'zod';
import { type Answers, type Finding, isOpen, type Question, singleKey } from '../base/finding.ts';
import { addTo } from '../base/multimap.ts';
import { redacted } from '../base/passwords.ts';
import type { Unseen } from '../base/unseen.ts';
import type { Release } from '../debian/release.ts';
import { type Duration, durationSchema } from '../plan/duration.ts';
import type { Plan } from '../plan/plan.ts';
import { type Why, whySchema } from '../plan/why.ts';
import type { SpaceState } from './check.ts';

const bytes = z.number().nonnegative().describe('bytes');
const count = z.int().nonnegative();
const id = z.string().describe('stable; `crossgrade explain ID` says more');

const remedy = z.union([
  z.strictObject({ hint: z.string() }),
  z.strictObject({ command: z.string().describe('to be copied; works on the host, also for another root') }),
  z.strictObject({ decision: z.string().describe('id of a decision') }),
]);

const finding = z.strictObject({
  id,
  severity: z.enum(['blocker', 'warning', 'note']).describe('blocker: a run does not start'),
  title: z.string(),
  detail: z.string(),
  affected: z.array(z.string()).describe('packages, files or services'),
  remedies: z.array(remedy),
  source: z.string().describe('where it is documented'),
});

const decision = z.strictObject({
  id: z.string().describe('the key in an answers file'),
  text: z.string(),
  why: z.string(),
  affected: z.array(z.string()),
  choices: z.array(
    z.strictObject({
      value: z.string().describe('the value in an answers file'),
      title: z.string(),
      consequence: z.string(),
      recommended: z.boolean(),
    }),
  ),
  answer: z.string().nullable().describe('for all that has no answer of its own; null: none was given'),
  singleValues: z
    .array(z.string())
    .describe(
      'values that an answers file may give to a single one of the affected, as `id/NAME`; empty: one answer for all',
    ),
  singleAnswers: z.record(z.string(), z.string()).describe('answers for single ones, by name'),
  open: z.boolean().describe('still to be taken, or the answers contradict each other'),
  plannedAs: z
    .string()
    .nullable()
    .describe('value that the plan was computed with; another one than the answer while that is open, or is to stop'),
});

const build = z.strictObject({ architecture: z.string(), version: z.string() });
const change = z.enum(['crossgraded', 'replaced', 'added', 'vanishing', 'kept-foreign', 'untouched']);

const packageRow = z.strictObject({
  name: z.string(),
  change,
  before: build.nullable(),
  after: build.nullable(),
  reason: z.string(),
  calls: z.array(count).describe('numbers of the dpkg calls that work on it'),
});

const call = z.strictObject({
  number: count.describe('from 1, through all waves'),
  id: z.string(),
  operation: z.enum(['install', 'unpack', 'configure', 'remove', 'purge']),
  instances: z.array(z.string()).describe('name:architecture, in the order given to dpkg'),
});

const wave = z.strictObject({
  name: z.enum(['level', 'kernel', 'libraries', 'core', 'rest', 'purge']),
  calls: z.array(call),
});

const filesystem = z.strictObject({
  paths: z.array(z.string()),
  neededBytes: bytes,
  freeBytes: bytes,
});

const planned = z.strictObject({
  counts: z.record(change, count),
  download: z.strictObject({ bytes, archives: count }),
  filesystems: z.array(filesystem).describe('what is needed at the worst moment, beside what is free now'),
  duration: durationSchema,
  waves: z.array(wave),
  calls: count.describe('dpkg calls in all'),
  pointOfNoReturn: z
    .strictObject({ afterCall: count, beforeWave: z.string() })
    .nullable()
    .describe('rollback works until then; null: it works to the end'),
  packages: z.array(packageRow),
  endState: z.record(z.string(), z.string()).describe('name:architecture to version, after the run'),
});

const progress = z.strictObject({
  startedAt: z.string(),
  pastPointOfNoReturn: z.boolean(),
  remaining: z.array(z.string()).describe('titles of the steps that are still to be done'),
});

/** The report of `crossgrade check` as one value: what every view shows, and what `--json` writes. */
export const reportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('crossgrade'), version: z.string() }),
  createdAt: z.string().describe('ISO 8601'),
  system: z.strictObject({
    root: z.string(),
    kind: z.enum(['host', 'chroot']),
    hostName: z.string().nullable().describe('without its domain'),
    release: z.strictObject({ id: z.string(), version: z.string(), codename: z.string() }),
    sourceArchitecture: z.string(),
    targetArchitecture: z.string(),
    packages: count.describe('installed ones'),
  }),
  verdict: z
    .enum(['ready', 'decisions-open', 'blocked', 'in-progress', 'nothing-to-do'])
    .describe('blocked: a run would not start; decisions-open: it would, once they are taken'),
  findings: z.array(finding),
  decisions: z.array(decision),
  plan: planned.nullable().describe('null while a blocker forbids to ask apt, and when there is nothing to do'),
  progress: progress.nullable().describe('of a crossgrade that has begun and is not finished'),
  notLookedAt: z.array(z.strictObject({ what: z.string(), why: z.string() })),
  why: z.array(whySchema).describe('answers to --why PACKAGE'),
});

/** JSON Schema of the report, draft 2020-12. */
export function reportJsonSchema(): object {
  return { ...z.toJSONSchema(reportSchema), title: 'Report of crossgrade check' };
}

export type CheckReport = z.infer<typeof reportSchema>;
export type Verdict = CheckReport['verdict'];
export type PlannedReport = NonNullable<CheckReport['plan']>;
export type Decision = CheckReport['decisions'][number];
export type PackageRow = PlannedReport['packages'][number];
export type Wave = PlannedReport['waves'][number];

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
  const border = calls.find(({ wave: name }) => name === borderWave || name === 'rest' || name === 'purge');
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
