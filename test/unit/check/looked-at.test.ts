import { describe, expect, test } from 'vitest';
import type { RootInfo } from '../../../src/base/root.ts';
import type { CheckInput } from '../../../src/check/check.ts';
import { findAll } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { checks } from '../../../steps/check/index.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { World } from '../../support/recorded/world.ts';
import { machineTroubles, soundHostInput } from '../../support/troubles/machine-troubles.ts';

const { context } = new World('bookworm-minimal');
const chroot: RootInfo = { kind: 'chroot', can: new Set(['network']) };
const early: CheckInput = {
  pair: context.pair,
  root: chroot,
  facts: context.facts,
  answers: {},
  aptComplaints: [],
};

function rowOf(id: string, input: CheckInput) {
  return findAll(checks, input).checked.find((one) => one.id === id);
}

test('each check says in a few words what it looks at, each in other words', () => {
  const titles = checks.map(({ title }) => title);
  expect(new Set(titles).size).toBe(checks.length);
  for (const title of titles) expect(title).toMatch(/^[^:]{4,70}[^.:]$/);
});

describe('what came of a check', () => {
  test('is the gravest of its findings, and names them', () => {
    const [id, severity, input] = machineTroubles.find(([name]) => name === 'machine/memory') ?? [];
    expect(input && rowOf('machine/memory', input)).toMatchObject({ result: severity, findings: [id] });
  });

  test('is passed where it looked, and does not apply where a root has no such thing', () => {
    expect(rowOf('machine/memory', soundHostInput)).toMatchObject({ result: 'passed', notLookedAt: null });
    expect(rowOf('machine/memory', early)).toMatchObject({ result: 'does-not-apply' });
    expect(rowOf('machine/boot-elsewhere', soundHostInput)).toMatchObject({ result: 'does-not-apply' });
  });

  test('is not passed where apt was not asked, nor where nobody looked around', () => {
    for (const id of ['packages/versions', 'packages/repositories', 'machine/space', 'software/local-programs']) {
      expect(rowOf(id, early)?.result).toBe('not-looked-at');
    }
  });

  test('is passed in part where some of it could not be looked at, with what and why', () => {
    const unseen = { what: 'memory and swap', why: 'only root may look at it' };
    const survey = { ...soundHostInput.survey, notLookedAt: [unseen], unseenIn: { hardware: [unseen] } };
    expect(rowOf('machine/memory', { ...soundHostInput, survey })).toMatchObject({
      result: 'partly',
      notLookedAt: 'memory and swap: only root may look at it',
    });
    expect(rowOf('machine/power', { ...soundHostInput, survey })?.result).toBe('passed');
  });
});

test('whatever cannot be looked at, some check is not called passed for it', async () => {
  const forbidden = async (path: string) => {
    if (path.startsWith('/var/lib/dpkg/') || ['/', '/usr', '/var'].includes(path)) return [];
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  };
  const changes: Record<string, unknown> = {
    root: { kind: 'host', can: new Set(['init', 'boot', 'network']) },
    run: async () => ({ exitCode: 127, stdout: '', stderr: 'not found' }),
    ...Object.fromEntries(
      ['exists', 'readText', 'readTextIfThere', 'list', 'info', 'readLink'].map((name) => [name, forbidden]),
    ),
  };
  const machine = new Proxy(new MemoryMachine(), {
    get: (target, name) => {
      const value = changes[String(name)] ?? Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  const survey = await surveyRoot(machine, context.facts, context.pair);
  const all = Object.entries(survey.unseenIn ?? {}).flatMap(([part, ones]) => ones.map((one) => [part, one] as const));
  expect(new Set(all.map(([, { what }]) => what)).size).toBeGreaterThan(15);
  const passed = all.filter(([part, one]) => {
    const input = { ...early, root: machine.root, survey: { notLookedAt: [one], unseenIn: { [part]: [one] } } };
    return !findAll(checks, input).checked.some(({ result }) => result === 'partly');
  });
  expect(passed.map(([, { what }]) => what)).toEqual([]);
});
