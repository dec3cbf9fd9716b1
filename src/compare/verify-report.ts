import * as z from 'zod';
import { type Comparison, comparisonSchema } from './comparison.ts';

/** What `crossgrade verify` has found as one value: what `--json` writes, and `--html` shows. */
export const verifyReportSchema = comparisonSchema.extend({
  schemaVersion: z.literal(1),
  tool: z.strictObject({ name: z.literal('crossgrade'), version: z.string() }),
  createdAt: z.string().describe('ISO 8601'),
  recordedAt: z.string().describe('ISO 8601; when what was before was written down'),
  system: z.strictObject({
    root: z.string(),
    hostName: z.string().nullable(),
    sourceArchitecture: z.string(),
    targetArchitecture: z.string(),
  }),
  verdict: z.enum(['as-planned', 'differences']).describe('differences: some that nothing explains'),
});

export type VerifyReport = Readonly<z.infer<typeof verifyReportSchema>>;

/** JSON Schema of the report, draft 2020-12. */
export function verifyJsonSchema(): object {
  return { ...z.toJSONSchema(verifyReportSchema), title: 'Report of crossgrade verify' };
}

export function isAsPlanned({ differences }: Comparison): boolean {
  return differences.every(({ explanation }) => explanation !== null);
}

/** @param toolVersion of the crossgrade that has compared */
export function makeVerifyReport(
  comparison: Comparison,
  {
    toolVersion,
    ...about
  }: { readonly toolVersion: string } & Pick<VerifyReport, 'createdAt' | 'recordedAt' | 'system'>,
): VerifyReport {
  return {
    schemaVersion: 1,
    tool: { name: 'crossgrade', version: toolVersion },
    ...about,
    verdict: isAsPlanned(comparison) ? 'as-planned' : 'differences',
    ...comparison,
  };
}
