import { expect, test } from 'vitest';
import { planSchema, readPlan } from '../../../src/plan/plan.ts';
import { readState, type State } from '../../../src/state/state.ts';

const state: State = {
  tool: 'crossgrade',
  version: 1,
  runId: '20261122103000',
  sourceArchitecture: 'i386',
  targetArchitecture: 'amd64',
  startedAt: '2026-11-22T10:30:00.000Z',
  bootId: '11111111-2222-3333-4444-555555555555',
  running: {
    step: 'switch/replace-core',
    batch: 'core-1',
    process: { pid: 4711, startTicks: '123456' },
    logFile: '/var/log/crossgrade/dpkg.log',
    statusFile: '/var/lib/crossgrade/dpkg-status',
    exitFile: '/var/lib/crossgrade/dpkg-exit',
  },
  finishedSteps: { 'prepare/record-before': '2026-11-22T10:30:01.000Z' },
  milestones: {},
  finishedAt: null,
};
const text = JSON.stringify(state);

test('what was written is read', () => {
  expect(readState(text)).toEqual(state);
});

test('a state without a running program is read', () => {
  expect(readState(JSON.stringify({ ...state, running: null })).running).toBeNull();
});

test.each([
  ['cut off', text.slice(0, 100), 'CG0140'],
  ['empty', '', 'CG0140'],
  ['without a field', JSON.stringify({ ...state, bootId: undefined }), 'CG0140'],
  ['with a field too many', JSON.stringify({ ...state, more: 1 }), 'CG0140'],
  ['with a field of another kind', JSON.stringify({ ...state, milestones: [] }), 'CG0140'],
  ['without a version', JSON.stringify({ ...state, version: undefined }), 'CG0140'],
  ['another program’s', '{"version":1,"name":"other"}', 'CG0141'],
  ['no object', '[1]', 'CG0141'],
  ['null', 'null', 'CG0141'],
  ['of a newer crossgrade', JSON.stringify({ ...state, version: 3, more: 1 }), 'CG0142'],
])('a state file that is %s is an error of its own', (_, content, code) => {
  expect(() => readState(content)).toThrow(expect.objectContaining({ code }));
});

test('a damaged state file says how to go on, and that nothing was changed', () => {
  expect(() => readState('{')).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/^Nothing was changed\..*crossgrade resume/) }),
  );
});

test('a plan that is damaged or newer is an error', () => {
  for (const content of ['', '{}', '{"version":2}']) {
    expect(() => readPlan(content)).toThrow(expect.objectContaining({ code: 'CG0143' }));
  }
  expect(planSchema.safeParse({}).success).toBe(false);
});
