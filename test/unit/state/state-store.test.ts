import { expect, test } from 'vitest';
import { beforeRecordFile, renewalFile } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { type Basis, basisOf } from '../../../src/state/basis.ts';
import type { State } from '../../../src/state/state.ts';
import { StateStore } from '../../../src/state/system/state-store.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { begunState, emptyRecord } from '../../support/recorded/run-files.ts';
import { World } from '../../support/recorded/world.ts';

const world = new World('bookworm-minimal');
const state: State = { ...begunState, milestones: { lists: '2026' } };
const oldBasis = basisOf({ inventory: world.context.facts.inventory, sourceFiles: {} });
const newBasis: Basis = { ...oldBasis, residualConfig: ['mawk:i386'] };
const oldPlan = world.context.plan;
const newPlan: Plan = { ...oldPlan, downloadBytes: oldPlan.downloadBytes + 1 };

/** Is killed at its n-th change of a file from now on. */
class Mortal extends MemoryMachine {
  left = Number.POSITIVE_INFINITY;
  override async write(path: RootPath, content: string): Promise<void> {
    this.#live();
    await super.write(path, content);
  }
  override async remove(path: RootPath): Promise<void> {
    this.#live();
    await super.remove(path);
  }
  #live(): void {
    if (this.left-- <= 0) throw new Error('killed');
  }
}

/** What a process that starts now would go by. */
async function inputsOf(machine: MemoryMachine) {
  const store = new StateStore(machine);
  await store.load();
  const { packages } = await store.target();
  return {
    plan: (await store.plan()).downloadBytes - oldPlan.downloadBytes,
    target: packages.length === 0 ? 'new' : 'old',
    answers: (await store.answers())['usr-merge'],
    basis: (await store.basis())?.residualConfig.length,
    before: (await store.record())?.recordedAt,
  };
}

test('another plan takes the place of the first one as a whole, wherever it is killed', async () => {
  const seen = new Set<string>();
  for (let changes = 0; ; changes += 1) {
    const machine = new Mortal();
    const store = new StateStore(machine);
    await store.begin(state, oldPlan, world.target, { 'usr-merge': 'stop' }, oldBasis);
    await machine.write(beforeRecordFile, JSON.stringify({ ...emptyRecord, recordedAt: 'old' }));
    const old = await inputsOf(machine);
    machine.left = changes;
    const ended = await store
      .planAnew(newPlan, { ...world.target, packages: [] }, { 'usr-merge': 'go' }, newBasis, {
        ...emptyRecord,
        recordedAt: 'new',
      })
      .then(
        () => true,
        () => false,
      );
    machine.left = Number.POSITIVE_INFINITY;
    const then = await inputsOf(machine);
    const isNew = then.plan === 1;
    expect(then).toEqual(isNew ? { plan: 1, target: 'new', answers: 'go', basis: 1, before: 'new' } : old);
    seen.add(isNew ? 'new' : 'old');
    // The next process writes the rest, before anything of its own.
    const next = new StateStore(machine);
    await next.load();
    await next.update({ stoppedAt: null });
    expect(await inputsOf(machine)).toEqual(then);
    expect(machine.files.has(renewalFile)).toBe(false);
    if (ended) break;
  }
  expect([...seen].sort()).toEqual(['new', 'old']);
});
