import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CrossgradeError } from '../../../src/base/error.ts';
import type { Machine } from '../../../src/base/machine.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import type { Observer } from '../../../src/run/event.ts';
import { runSteps } from '../../../src/run/system/run.ts';
import { StateStore } from '../../../src/state/system/state-store.ts';
import { steps } from '../../../steps/index.ts';
import { type FrozenRoot, pristineRoot } from '../../support/roots/roots.ts';
import { planIn } from '../../support/runs/conversion.ts';
import { type MissingLibrary, missingLibraries, newlyMissing } from '../../support/runs/elf.ts';
import { prepare, withRoot } from '../../support/runs/faults.ts';
import { missingModules } from '../../support/troubles/login-modules.ts';

/** What everything else is repaired with; each must run at every boundary. */
const vital: readonly (readonly string[])[] = [
  ['/bin/sh', '-c', ':'],
  ['dpkg', '--version'],
  ['apt-get', '--version'],
  ['perl', '-e', '1'],
  ['tar', '--version'],
];

describe.each(['bookworm-server', 'bookworm-awkward'])('between two dpkg calls, %s', (name) => {
  let prepared: FrozenRoot;
  let before: readonly MissingLibrary[];

  beforeAll(async () => {
    prepared = await prepare(name);
    before = missingLibraries(await pristineRoot(name));
  });
  afterAll(() => prepared?.dispose());

  test('has every library that a program needs, and every module that logins go through', () =>
    withRoot(prepared, async ({ directory }) => {
      const boundaries: string[] = [];
      const faults: string[] = [];
      for (let batch = await runOneBatch(directory); batch !== undefined; batch = await runOneBatch(directory)) {
        boundaries.push(batch);
        const missing = newlyMissing(before, missingLibraries(directory));
        faults.push(...missing.map(({ path, bits, library }) => `${batch}: ${path} (${bits} bit) lacks ${library}`));
        faults.push(...missingModules(directory).map((module) => `${batch}: logins lack ${module}`));
        faults.push(...(await brokenPrograms(directory)).map((program) => `${batch}: ${program} does not run`));
      }
      expect(faults).toEqual([]);
      expect(boundaries).toEqual(planIn(directory).batches.map(({ id }) => id));
    }));
});

/** Goes on with a crossgrade until dpkg has done one more batch. @returns undefined when there was none any more */
async function runOneBatch(directory: string): Promise<string | undefined> {
  return withMachine(directory, async (machine) => {
    const store = new StateStore(machine);
    const { sourceArchitecture, targetArchitecture } = (await store.load()) ?? {};
    const pair = findPair(sourceArchitecture ?? '', targetArchitecture ?? '');
    if (!pair) throw new CrossgradeError('The root is not prepared.', { code: 'CG0000' });
    const interruption = { requested: false };
    let done: string | undefined;
    const observe: Observer = (event) => {
      if (event.type === 'batch-finished') done = event.batch;
      // The initramfs takes longer than all the rest; other tests build it.
      if (event.type === 'batch-finished' || (event.type === 'step-finished' && event.step === 'finish/run-triggers')) {
        interruption.requested = true;
      }
    };
    await runSteps({ machine, store, pair, steps, observe, interruption, rootName: directory, resumed: true });
    return done;
  });
}

async function brokenPrograms(directory: string): Promise<string[]> {
  return withMachine(directory, async (machine) => {
    const broken: string[] = [];
    for (const argv of vital) {
      if ((await machine.run(argv)).exitCode !== 0) broken.push(argv.join(' '));
    }
    return broken;
  });
}

async function withMachine<Value>(directory: string, work: (machine: Machine) => Promise<Value>): Promise<Value> {
  const opened = await openRoot(directory, { access: 'write' });
  try {
    return await work(realMachine(opened));
  } finally {
    await opened.close();
  }
}
