import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { formatRehearsal } from '../../../src/cli/report/rehearsal-view.ts';
import { createLook } from '../../../src/cli/screen/terminal.ts';
import {
  type RehearsalReport,
  rehearsalJsonSchema,
  rehearsalReportSchema,
  resultOf,
} from '../../../src/rehearsal/rehearsal-report.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../docs/rehearsal-report.schema.json', import.meta.url), 'utf8'),
) as Parameters<typeof z.fromJSONSchema>[0];

const report: RehearsalReport = {
  schemaVersion: 1,
  tool: { name: 'crossgrade', version: '0.1.0' },
  createdAt: '2026-11-30T12:00:00.000Z',
  system: { root: '/', hostName: 'old', sourceArchitecture: 'i386', targetArchitecture: 'amd64' },
  result: 'as-planned',
  seconds: 120,
  bytes: 2 ** 30,
  steps: [{ id: 'switch/replace-rest', seconds: 60 }],
  slowest: [{ package: 'man-db', activity: 'configure', seconds: 12 }],
  comparison: { rows: [{ area: 'packages', label: 'i386', before: '90', after: '0' }], differences: [] },
  changes: { groups: [{ by: 'package', created: 10, changed: 2, deleted: 0, writtenAnew: 0 }], unexplained: [] },
  notRehearsed: [{ what: 'the next boot', why: 'nothing boots' }],
  changedMeanwhile: false,
};
const failed: RehearsalReport = {
  ...report,
  result: 'failed',
  failure: { step: 'switch/replace-core', code: 'CG0223', message: 'dpkg could not finish.', details: ['log /x'] },
};
const shown = (one: RehearsalReport) =>
  formatRehearsal(one, { look: createLook({ isTTY: false }, {}, false), columns: 80 }).join('\n');

describe('the report of a rehearsal', () => {
  test('is of the published schema, which is that of the source: otherwise npm run build:schema', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(rehearsalJsonSchema())));
    for (const one of [report, failed]) {
      const written: unknown = JSON.parse(JSON.stringify(one));
      expect(rehearsalReportSchema.parse(written)).toEqual(written);
      expect(z.fromJSONSchema(published).safeParse(written).success).toBe(true);
    }
  });

  test('is as planned only where nothing is left to look at', () => {
    const difference = { what: 'a', explanation: null, area: 'services' as const };
    const { comparison, changes } = report;
    expect(resultOf({ ...(comparison && { comparison }), changes })).toBe('as-planned');
    expect(resultOf({ comparison: { rows: [], differences: [difference] }, changes })).toBe('differences');
    const unexplained = [{ path: '/srv/x', kind: 'created' as const }];
    expect(resultOf({ ...(comparison && { comparison }), changes: { ...changes, unexplained } })).toBe('differences');
    expect(resultOf({ changes })).toBe('failed');
  });

  test('says where a run would stop, and what nobody has seen', () => {
    expect(shown(failed)).toContain('A run would stop at switch/replace-core:');
    expect(shown(failed)).toContain('NOT ready');
    expect(shown(report)).toContain('The rehearsal came to its end, and was thrown away.');
    expect(shown(report)).toContain('man-db: configure, 12 s');
    expect(shown({ ...report, changedMeanwhile: true })).toContain('rehearse once more');
  });
});
