import * as z from 'zod';
import { comparisonSchema } from '../compare/comparison.ts';
import { type Changer, changerTitles } from './attribute.ts';

const changerNames = Object.keys(changerTitles) as [Changer, ...Changer[]];

/** What a rehearsal has shown as one value: what `--json` writes. */
export const rehearsalReportSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('crossgrade'), version: z.string() }),
  createdAt: z.string().describe('ISO 8601'),
  system: z.strictObject({
    root: z.string(),
    hostName: z.string().nullable(),
    sourceArchitecture: z.string(),
    targetArchitecture: z.string(),
  }),
  result: z
    .enum(['as-planned', 'differences', 'failed'])
    .describe('differences: some that nothing explains; failed: a run would stop'),
  failure: z
    .strictObject({
      step: z.string().nullable(),
      code: z.string(),
      message: z.string(),
      details: z.array(z.string()).readonly(),
    })
    .exactOptional()
    .describe('why it stopped'),
  seconds: z.number().nonnegative().describe('of the run itself, without the view'),
  bytes: z
    .int()
    .nonnegative()
    .describe('what the run wrote and did not remove again; downloaded archives are not in it'),
  steps: z.array(z.strictObject({ id: z.string(), seconds: z.number().nonnegative() })).readonly(),
  slowest: z
    .array(z.strictObject({ package: z.string(), activity: z.string(), seconds: z.number().nonnegative() }))
    .readonly()
    .describe('the packages that dpkg was longest at work on'),
  comparison: comparisonSchema.exactOptional().describe('absent when it failed'),
  changes: z
    .strictObject({
      groups: z
        .array(
          z.strictObject({
            by: z.enum(changerNames),
            created: z.int(),
            changed: z.int(),
            deleted: z.int(),
            writtenAnew: z.int(),
          }),
        )
        .readonly(),
      unexplained: z
        .array(z.strictObject({ path: z.string(), kind: z.enum(['created', 'changed', 'deleted', 'written-anew']) }))
        .readonly(),
    })
    .describe('every path that would be another one afterwards'),
  notRehearsed: z.array(z.strictObject({ what: z.string(), why: z.string() })).readonly(),
  changedMeanwhile: z.boolean().describe('packages of the system were changed while it went on'),
});

export type RehearsalReport = Readonly<z.infer<typeof rehearsalReportSchema>>;

/** JSON Schema of the report, draft 2020-12. */
export function rehearsalJsonSchema(): object {
  return { ...z.toJSONSchema(rehearsalReportSchema), title: 'Report of crossgrade rehearse' };
}

export function resultOf({
  failure,
  comparison,
  changes,
}: Pick<RehearsalReport, 'failure' | 'comparison' | 'changes'>): RehearsalReport['result'] {
  if (failure !== undefined || comparison === undefined) return 'failed';
  const isOpen = comparison.differences.some(({ explanation }) => explanation === null);
  return isOpen || changes.unexplained.length > 0 ? 'differences' : 'as-planned';
}
