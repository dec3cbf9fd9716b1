import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { comparisonFile, journalFile } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { reportSchema } from '../../../src/check/check-report-schema.ts';
import type { CommonOptions } from '../../../src/cli/arguments/arguments.ts';
import { statusCommand } from '../../../src/cli/commands/status.ts';
import type { Wiring } from '../../../src/cli/commands/wiring.ts';
import type { Status } from '../../../src/cli/report/status-view.ts';
import { comparisonSchema } from '../../../src/compare/comparison.ts';
import { verifyReportSchema } from '../../../src/compare/verify-report.ts';
import { StateStore } from '../../../src/state/system/state-store.ts';
import { steps } from '../../../steps/index.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

/** Made by the programs of their time, see fixtures/states/README.md: what every later one must read. */
const states = fileURLToPath(new URL('../../../fixtures/states', import.meta.url));
const recordings = ['v1', 'v2'].flatMap((format) => readdirSync(join(states, format)).map((one) => `${format}/${one}`));

/** What is looked at last of a run that has come so far. */
const expected: Readonly<Record<string, object>> = {
  prepared: { state: 'in progress', pastPointOfNoReturn: false, next: 'crossgrade resume, or crossgrade rollback' },
  libraries: { state: 'in progress', pastPointOfNoReturn: false, next: 'crossgrade resume, or crossgrade rollback' },
  'core-killed': { state: 'in progress', pastPointOfNoReturn: true, next: 'crossgrade resume' },
  'rollback-killed': { pastPointOfNoReturn: false, next: 'crossgrade rollback, which has not come to its end' },
  finished: { state: 'finished', next: 'crossgrade verify' },
};

function textOf(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

function machineOf(folder: string): MemoryMachine {
  const machine = new MemoryMachine();
  const tree = join(folder, 'tree');
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    machine.files.set(path.slice(tree.length).replace(/\.gz$/, '') as RootPath, textOf(path));
  }
  return machine;
}

async function statusOf(machine: MemoryMachine, words: { readonly json: boolean }): Promise<string> {
  let said = '';
  const wiring = {
    loadSteps: async () => steps,
    environment: {},
    engineService: { isThere: () => false },
    openSession: async () => ({ machine, takenOver: false, close: async () => {} }),
    stdout: { isTTY: false, columns: 80, write: (text: string) => (said += text) },
  };
  const options = { root: '/', color: false, verbose: true, output: 'text', watch: false, ...words };
  expect(await statusCommand(options as unknown as CommonOptions & typeof options, wiring as unknown as Wiring)).toBe(
    0,
  );
  return said;
}

test('there are recordings of each format', () => {
  expect(recordings.map((one) => one.slice(0, 2))).toEqual(expect.arrayContaining(['v1', 'v2']));
});

describe.each(recordings)('what the crossgrade of %s has left', (recording) => {
  const folder = join(states, recording);
  const moments = readdirSync(folder).filter((name) => !name.endsWith('.gz'));

  test('is there of each moment', () => {
    expect(moments.sort()).toEqual(Object.keys(expected).sort());
  });

  test.each(moments)('is read: %s', async (moment) => {
    const machine = machineOf(join(folder, moment));
    const store = new StateStore(machine);
    const state = await store.load();
    expect(`v${state?.version}`).toBe(recording.slice(0, 2));
    expect((await store.plan()).batches.map(({ wave }) => wave)).toEqual(
      expect.arrayContaining(['libraries', 'core', 'rest', 'purge']),
    );
    expect((await store.target()).packages.length).toBeGreaterThan(50);
    expect(await store.answers()).toEqual({});
    const before = await store.record();
    expect(before?.nativeArchitecture).toBe('i386');
    expect((await store.basis())?.packages).toEqual(before?.packages);
    const events = (machine.files.get(journalFile) ?? '').trim().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toContain('run-started');
  });

  test.each(moments)('is told by status: %s', async (moment) => {
    const machine = machineOf(join(folder, moment));
    const status = JSON.parse(await statusOf(machine, { json: true })) as Status;
    expect(status).toMatchObject(expected[moment] ?? {});
    const text = await statusOf(machine, { json: false });
    expect(text).toContain(`Next: ${status.next}`);
    expect(text).toMatch(moment === 'finished' ? /^The crossgrade was finished at/ : /^A crossgrade is in progress/);
  });

  // comparison.json is not promised: only the run that has written it reads it. That of the first one had no areas.
  test('was compared', ({ skip }) => {
    if (recording === 'v1/2fcbcdb') skip();
    const text = machineOf(join(folder, 'finished')).files.get(comparisonFile) ?? '';
    const { differences } = comparisonSchema.parse(JSON.parse(text));
    expect(differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  });

  test.each([
    ['check.json.gz', reportSchema],
    ['check-in-progress.json.gz', reportSchema],
    ['verify.json.gz', verifyReportSchema],
  ] as const)('has been reported, as the schema of today has it: %s', (name, schema) => {
    const file = join(folder, name);
    // The first one could not write a report of its comparison.
    expect(existsSync(file)).toBe(recording !== 'v1/2fcbcdb' || name !== 'verify.json.gz');
    if (existsSync(file)) expect(schema.parse(JSON.parse(textOf(file)))).toMatchObject({ schemaVersion: 1 });
  });
});
