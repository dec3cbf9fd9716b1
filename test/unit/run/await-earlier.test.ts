import { beforeEach, describe, expect, test } from 'vitest';
import type { EarlierProgram, Machine } from '../../../src/base/machine.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { awaitEarlier, nameEarlier } from '../../../src/run/system/await-earlier.ts';
import { rollback } from '../../../src/run/system/rollback.ts';
import { runSteps } from '../../../src/run/system/run.ts';
import { rollbackBegun } from '../../../src/state/state.ts';
import { StateStore } from '../../../src/state/system/state-store.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { begunState } from '../../support/recorded/run-files.ts';
import { World } from '../../support/recorded/world.ts';

const { context, target } = new World('bookworm-minimal');
const cron: EarlierProgram = { pid: 4711, words: ['/usr/sbin/cron', '-f'] };

let machine: MemoryMachine;
let store: StateStore;
let events: RunEvent[];
/** At work each time that somebody looks; the last one for ever, until the waiting is ended. */
let looks: (readonly EarlierProgram[])[];

async function begin(kind: Machine['root']['kind']): Promise<void> {
  machine = new MemoryMachine();
  Object.assign(machine, { root: { kind, can: new Set(['network']) } });
  machine.waitForEarlier = async (_, goOn) => {
    for (;;) {
      const atWork = looks.length > 1 ? looks.shift() : looks[0];
      if (!atWork || atWork.length === 0) return true;
      if (!goOn(atWork)) return false;
    }
  };
  store = new StateStore(machine);
  events = [];
  await store.begin({ ...begunState, version: 1, milestones: { [rollbackBegun]: '' } }, context.plan, target, {});
}

beforeEach(() => begin('host'));

const observe = (event: RunEvent) => events.push(event);
const messages = () => events.flatMap((event) => (event.type === 'step-message' ? [event.text] : []));

test('what is waited for is named, once', async () => {
  const apt: EarlierProgram = { pid: 12, words: 'apt-get -o a -o b -o c -o d update'.split(' ') };
  looks = [[cron, apt], [cron, apt], [apt], []];
  expect(await awaitEarlier(machine, store, 'prepare/a', observe, { requested: false })).toBe(true);
  expect(messages()).toEqual([
    'The interrupted run has left programs at work: waiting for process 4711 (/usr/sbin/cron -f) and 1 more',
    'The interrupted run has left programs at work: waiting for process 12 (apt-get -o a -o b -o c -o …)',
  ]);
  expect(nameEarlier([cron])).toBe('process 4711 (/usr/sbin/cron -f)');
});

describe('somebody who does not want to wait any longer', () => {
  const interruption = { requested: true };

  test('ends a run before its first step', async () => {
    looks = [[cron]];
    const input = { machine, store, pair: context.pair, steps: [], interruption, rootName: '/', resumed: true };
    expect(await runSteps({ ...input, observe })).toBe('interrupted');
    expect(events.at(-1)).toEqual({ type: 'run-stopped', reason: 'interrupted', next: 'crossgrade resume' });
    expect(store.state.finishedAt).toBeNull();
  });

  test('ends a rollback before anything is taken back', async () => {
    looks = [[cron]];
    const end = await rollback(machine, store, context.pair, [], observe, '/', interruption);
    expect(end).toBe('interrupted');
    expect(events.at(-1)).toEqual({ type: 'run-stopped', reason: 'interrupted', next: 'crossgrade rollback' });
  });

  test('waits nevertheless where the program would be ended with us', async () => {
    await begin('chroot');
    looks = [[cron], [cron], []];
    expect(await awaitEarlier(machine, store, 'prepare/a', observe, interruption)).toBe(true);
  });
});
