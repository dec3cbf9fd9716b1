import { expect, test } from 'vitest';
import type { RunEvent } from '../../../src/run/event.ts';
import { lastErrorIn, lastRunIn, openJournal, readEntry } from '../../../src/run/system/run-journal.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const started: RunEvent = { type: 'run-started', root: '/', resumed: false, steps: [] };
const message = (text: string): RunEvent => ({ type: 'step-message', step: 'prepare/a', text });

test('what is written to a journal is read again, in its order and with its times; a line that was cut is left out', async () => {
  const machine = new MemoryMachine();
  const journal = openJournal(machine);
  for (const event of [started, message('first'), started, message('sécond')]) journal.write(event);
  await journal.written();
  const text = machine.files.get('/var/lib/crossgrade/journal.jsonl') ?? '';
  const entries = text.split('\n').map(readEntry);
  expect(entries.map((entry) => entry?.event)).toEqual([
    started,
    message('first'),
    started,
    message('sécond'),
    undefined,
  ]);
  expect(entries[0]?.at).toBeLessThanOrEqual(Date.now());
  expect(readEntry('{"time":"2026-')).toBeUndefined();
  const last = Buffer.from(text).subarray(lastRunIn(text)).toString();
  expect(last.split('\n').map((line) => readEntry(line)?.event)).toEqual([started, message('sécond'), undefined]);
  expect(lastRunIn('')).toBe(0);
});

test('a disk that is full does not stop the run', async () => {
  const machine = new MemoryMachine();
  machine.append = async () => {
    throw new Error('ENOSPC');
  };
  const journal = openJournal(machine);
  journal.write(started);
  await expect(journal.written()).resolves.toBeUndefined();
});

test('what a run has ended with is what its journal ends with', async () => {
  const failed: RunEvent = { type: 'error', exitCode: 1, failure: { code: 'CG0211', message: 'é', details: [] } };
  const after = async (...events: RunEvent[]): Promise<string | undefined> => {
    const machine = new MemoryMachine();
    const journal = openJournal(machine);
    for (const event of events) journal.write(event);
    await journal.written();
    return lastErrorIn(machine.files.get('/var/lib/crossgrade/journal.jsonl') ?? '')?.failure.code;
  };
  expect(await after(started, message('é'), failed)).toBe('CG0211');
  expect(await after(started, failed, started, message('é'))).toBeUndefined();
  expect(await after()).toBeUndefined();
});
