import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { comparisonPage } from '../../../src/cli/report/html/comparison-page.ts';
import { verifyJsonSchema, verifyReportSchema } from '../../../src/compare/verify-report.ts';
import { stopped, verifyReportOn } from '../../support/screens/verify-report.ts';
import { wickedText } from '../../support/troubles/wicked.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../docs/verify-report.schema.json', import.meta.url), 'utf8'),
) as Parameters<typeof z.fromJSONSchema>[0];

describe('the report of verify', () => {
  test('is of the published schema, which is that of the source: otherwise npm run build:schema', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(verifyJsonSchema())));
    const written: unknown = JSON.parse(JSON.stringify(verifyReportOn([stopped])));
    expect(verifyReportSchema.parse(written)).toEqual(written);
    expect(z.fromJSONSchema(published).safeParse(written).success).toBe(true);
    expect(z.fromJSONSchema(published).safeParse({ ...verifyReportOn([]), verdict: 'perhaps' }).success).toBe(false);
  });

  test('is as planned where every difference has a reason', () => {
    expect(verifyReportOn([]).verdict).toBe('as-planned');
    expect(verifyReportOn([stopped]).verdict).toBe('differences');
  });

  test('has the areas in their order, whatever was compared first', () => {
    expect(verifyReportOn([stopped]).differences.map(({ area }) => area)).toEqual(['packages', 'services']);
  });

  test('is a page with all of it, in which no text gets out of its place', () => {
    const page = comparisonPage(verifyReportOn([stopped, { what: wickedText, explanation: null }]));
    const words = [
      'nginx.service does not run',
      'systemctl start nginx',
      'zsnes went',
      'there is no build',
      'sshd (1)',
    ];
    for (const word of words) expect(page).toContain(word);
    expect(page).not.toContain(wickedText);
    expect(page).toContain('As before, but for 2 things to look at.');
    expect(comparisonPage(verifyReportOn([]))).toContain('All is as it was, but for what has a reason.');
  });
});
