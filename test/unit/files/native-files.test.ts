import { describe, expect, test } from 'vitest';
import type { StepContext } from '../../../src/run/step.ts';
import { rebuildDictionaries } from '../../../steps/finish/rebuild-dictionaries.ts';
import { setAsideLogs } from '../../../steps/switch/set-aside-logs.ts';
import { World } from '../../support/recorded/world.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';

const { context } = new World('bookworm-minimal');
const replaced = '2026-11-30T12:00:00.000Z';

function withFacts(facts: Partial<StepContext['facts']>): StepContext {
  return { ...context, facts: { ...context.facts, ...facts } };
}

describe('dictionaries', () => {
  const american = '/var/lib/ispell/american.hash';
  const at = (builtMs: number, milestones: StepContext['facts']['milestones']) =>
    rebuildDictionaries.remaining(withFacts({ dictionaries: { [american]: builtMs }, milestones }));

  test('are compiled anew where they are older than the last program that was replaced, and only once', () => {
    expect(at(Date.parse(replaced) - 1, { replaced })).toEqual([`${american} was compiled by the old ispell`]);
    expect(at(Date.parse(replaced) + 1, { replaced })).toEqual([]);
    expect(at(0, {})).toEqual([]);
    expect(at(0, { replaced, 'dictionaries-built': replaced })).toEqual([]);
  });
});

describe('logs of atop', () => {
  const atopLogs = { there: ['/var/log/atop/atop_20261129'], aside: [] };
  const plan = {
    ...context.plan,
    changes: [
      {
        name: 'atop',
        change: 'crossgraded' as const,
        before: { architecture: 'i386', version: '1' },
        after: { architecture: 'amd64', version: '1' },
        reason: '',
      },
    ],
  };
  const remaining = (key: string, fields = {}) =>
    setAsideLogs.remaining({ ...withFacts({ atopLogs, inventory: inventoryOf([installed(key, fields)]) }), plan });

  test('are set aside until the new atop is configured, also where it failed over one', () => {
    expect(remaining('atop:i386')).toHaveLength(1);
    expect(remaining('atop:amd64', { Status: 'install ok half-configured' })).toHaveLength(1);
    expect(remaining('atop:amd64')).toEqual([]);
    expect(setAsideLogs.remaining(withFacts({ atopLogs }))).toEqual([]);
  });
});
