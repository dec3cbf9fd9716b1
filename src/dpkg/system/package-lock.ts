import { setTimeout as sleep } from 'node:timers/promises';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { Observer } from '../../run/event.ts';
import type { Interruption } from '../../state/system/interruption.ts';
import { type HeldLock, heldDpkgLocks } from './dpkg-locks.ts';

const pollMs = 1000;

/**
 * Keeps apt and dpkg of others from the packages as long as this run works. What an earlier run of ours has left at work
 * has ended before this is called.
 *
 * @param patienceMs what somebody else who works on the packages is waited for; a run that nobody watches has some
 * @throws {CrossgradeError} CG0261, exit code 5, when somebody else is at work on them
 */
export async function holdPackages(
  machine: Machine,
  step: string,
  observe: Observer,
  interruption: Interruption,
  patienceMs = 0,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let told = '';
  for (;;) {
    const held = await tryToHold(machine, step, observe);
    if (held === undefined) return;
    if (Date.now() >= deadline || interruption.requested) throw busy([held]);
    const text = `waiting for ${held.holder}, who works on the packages`;
    if (text !== told) observe({ type: 'step-message', step, text });
    told = text;
    await sleep(pollMs);
  }
}

/** @returns who else works on the packages */
async function tryToHold(machine: Machine, step: string, observe: Observer): Promise<HeldLock | undefined> {
  const path = `${dpkgFolder}/lock-frontend` as const;
  const lock = await machine.lockPackages();
  if (lock.outcome === 'busy') return { path, holder: lock.holder };
  if (lock.outcome === 'unavailable') {
    observe({
      type: 'step-warning',
      step,
      text: 'dpkg’s frontend lock could not be taken: only the guard keeps apt from the packages, and nothing keeps dpkg from them between two calls of ours',
      details: [lock.why, 'Let nobody install or remove packages until the crossgrade is done.'],
    });
  }
  // A dpkg to which its frontend has given the lock, and which has outlived it.
  const others = ((await heldDpkgLocks(machine)) ?? []).filter((one) => one.path !== path);
  return others[0];
}

/**
 * Before anything is written down: whoever is told no has nothing to take back. An earlier run's own dpkg is no obstacle.
 *
 * @throws {CrossgradeError} CG0261, exit code 5
 */
export async function assertPackagesFree(machine: Machine): Promise<void> {
  const held = (await heldDpkgLocks(machine)) ?? [];
  if (held.length > 0 && !held.some(({ holder }) => holder.startsWith('crossgrade ('))) throw busy(held);
}

function busy(held: readonly HeldLock[]): CrossgradeError {
  return new CrossgradeError('Another program is at work on the packages.', {
    code: 'CG0261',
    details: held.map(({ path, holder }) => `${path} is held by ${holder}`),
    hint: 'Nothing was changed. Wait until it has ended, then type the same command again.',
    exitCode: 5,
  });
}
