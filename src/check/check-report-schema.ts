import * as z from 'zod';
import { durationSchema } from '../plan/duration.ts';
import { whySchema } from '../plan/why.ts';

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
export const change = z.enum(['crossgraded', 'replaced', 'added', 'vanishing', 'kept-foreign', 'untouched']);
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

export const progress = z.strictObject({
  startedAt: z.string(),
  pastPointOfNoReturn: z.boolean(),
  remaining: z.array(z.string()).describe('titles of the steps that are still to be done'),
});

const checked = z.strictObject({
  id: z.string().describe('of the check; `crossgrade explain ID` says more'),
  title: z.string().describe('what it looks at'),
  result: z
    .enum(['passed', 'partly', 'not-looked-at', 'does-not-apply', 'note', 'warning', 'blocker'])
    .describe(
      'partly: nothing was found in what could be looked at; does-not-apply: this kind of root has no such thing; the last three: the gravest of its findings',
    ),
  findings: z.array(z.string()).describe('ids'),
  notLookedAt: z.string().nullable().describe('what of it was not looked at, and why'),
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
  checks: z
    .array(checked)
    .exactOptional()
    .describe('every check, also those that found nothing; empty in the middle of a crossgrade, absent in old reports'),
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

export type CheckedRow = z.infer<typeof checked>;

export type Decision = CheckReport['decisions'][number];

export type PackageRow = PlannedReport['packages'][number];

export type Wave = PlannedReport['waves'][number];
