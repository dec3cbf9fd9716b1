import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { reportJsonSchema, reportSchema } from '../../../src/check/check-report-schema.ts';
import { explainPackage } from '../../../src/plan/why.ts';
import { recordedHosts } from '../../support/recorded/hosts.ts';
import { World } from '../../support/recorded/world.ts';
import { openQuestion, reportOn, someFindings, undecided } from '../../support/screens/report.ts';

const published = JSON.parse(
  readFileSync(new URL('../../../docs/check-report.schema.json', import.meta.url), 'utf8'),
) as Parameters<typeof z.fromJSONSchema>[0];

describe('the published schema', () => {
  test('is that of the source: otherwise npm run build:schema', () => {
    expect(published).toEqual(JSON.parse(JSON.stringify(reportJsonSchema())));
  });

  test.each(recordedHosts)('takes the report on %s, and no other things', (host) => {
    const { context, target } = new World(host);
    const why = explainPackage('libc6', { inventory: context.facts.inventory, plan: context.plan, target });
    const report = reportOn(host, {
      findings: [undecided, ...someFindings('warning', 4)],
      questions: [openQuestion],
      notLookedAt: [{ what: 'files below /root', why: 'only root can read them' }],
      why,
    });
    const written: unknown = JSON.parse(JSON.stringify(report));
    expect(reportSchema.parse(written)).toEqual(report);
    const schema = z.fromJSONSchema(published);
    expect(schema.safeParse(written).success).toBe(true);
    expect(schema.safeParse({ ...report, verdict: 'perhaps' }).success).toBe(false);
    expect(schema.safeParse({ ...report, more: 1 }).success).toBe(false);
  });

  test('takes reports without a plan', () => {
    const { context } = new World('bookworm-minimal');
    const progress = { startedAt: '2026-11-23T00:00:00.000Z', pastPointOfNoReturn: true, remaining: ['Do it'] };
    expect(reportSchema.safeParse(reportOn('bookworm-minimal', { progress })).success).toBe(true);
    expect(reportSchema.safeParse(reportOn('bookworm-minimal', { isThere: true })).success).toBe(true);
    expect(context.plan.batches.length).toBeGreaterThan(0);
  });
});

describe('the verdict', () => {
  const verdict = (changes: Parameters<typeof reportOn>[1]) => reportOn('bookworm-minimal', changes).verdict;
  const [blocker] = someFindings('blocker', 1);

  test('is ready when nothing blocks, whatever else was found', () => {
    expect(verdict({})).toBe('ready');
    expect(verdict({ findings: [...someFindings('warning', 3), ...someFindings('note', 3)] })).toBe('ready');
  });

  test('is that decisions are open when only they block', () => {
    expect(verdict({ findings: [undecided], questions: [openQuestion] })).toBe('decisions-open');
  });

  test('is blocked by a blocker that no open decision solves', () => {
    expect(verdict({ findings: blocker ? [blocker] : [] })).toBe('blocked');
    expect(verdict({ findings: blocker ? [undecided, blocker] : [], questions: [openQuestion] })).toBe('blocked');
    const stopped = { findings: [undecided], questions: [openQuestion], answers: { 'no-counterpart': 'stop' } };
    expect(verdict(stopped)).toBe('blocked');
  });

  test('says that a crossgrade is in progress, or that there is nothing to do', () => {
    const progress = { startedAt: '2026-11-23T00:00:00.000Z', pastPointOfNoReturn: false, remaining: [] };
    expect(verdict({ progress })).toBe('in-progress');
    expect(verdict({ isThere: true })).toBe('nothing-to-do');
  });
});

describe('the plan in the report', () => {
  test.each(recordedHosts)('of %s accounts for every package and every dpkg call', (host) => {
    const { plan } = new World(host).context;
    const report = reportOn(host).plan;
    const calls = report?.waves.flatMap((wave) => wave.calls) ?? [];
    expect(calls.map((call) => call.number)).toEqual(plan.batches.map((_, index) => index + 1));
    expect(calls.map((call) => call.instances)).toEqual(plan.batches.map((batch) => batch.instances));
    expect(Object.values(report?.counts ?? {}).reduce((sum, count) => sum + count)).toBe(plan.changes.length);
    expect(report?.endState).toEqual(plan.endState);
    for (const { name, change, calls: own } of report?.packages ?? []) {
      if (change === 'crossgraded' || change === 'added' || change === 'vanishing') {
        expect(own.length, name).toBeGreaterThan(0);
      }
    }
  });

  test('has the point of no return before the first call that replaces something', () => {
    const report = reportOn('bookworm-server').plan;
    const core = report?.waves.find(({ name }) => name === 'core');
    expect(report?.pointOfNoReturn).toEqual({ afterCall: (core?.calls[0]?.number ?? 0) - 1, beforeWave: 'core' });
  });

  test('estimates a time that grows with the work, and says on what it rests', () => {
    const small = reportOn('bookworm-minimal').plan?.duration;
    const large = reportOn('bookworm-services').plan?.duration;
    expect(large?.seconds).toBeGreaterThan(small?.seconds ?? 0);
    const sum = small?.parts.reduce((total, { count, secondsEach }) => total + count * secondsEach, 0);
    expect(small?.seconds).toBe(Math.round(sum ?? 0));
    expect(small?.basis).toMatch(/our own runs/);
  });
});

test.each([
  ['web1.example\n', 'web1'],
  ['web1', 'web1'],
  ['', null],
  ['<script>', null],
  ['# comment', null],
])('of the host name %j the report says %j', (hostName, shown) => {
  const { system } = reportOn('bookworm-minimal');
  expect(reportOn('bookworm-minimal', { system: { ...system, hostName } }).system.hostName).toBe(shown);
});
