import type { ArchitecturePair } from '../../core/architecture.ts';
import { hasDataLeft } from '../../core/data/outcome.ts';
import { CrossgradeError } from '../../core/error.ts';
import { failureOf, type RunEvent } from '../../core/event.ts';
import type { Machine } from '../../core/machine.ts';
import { rollbackBegun } from '../../core/state.ts';
import type { Interruption } from '../../engine/context.ts';
import { readExportsOf } from '../../engine/data/carry.ts';
import {
  hasStopped,
  inProgress,
  notTakenBack,
  removeNotice,
  takingBack,
  tellLogins,
} from '../../engine/login-notice.ts';
import { protectLogs } from '../../engine/logs.ts';
import { removeOwnState } from '../../engine/own-folders.ts';
import { type RollbackEnd, rollback } from '../../engine/rollback.ts';
import { runSteps } from '../../engine/run.ts';
import type { StateStore } from '../../engine/state-store.ts';
import { isStopWanted } from '../../engine/stop-wanted.ts';
import type { CommonOptions } from '../arguments.ts';
import { createScreen } from '../create-screen.ts';
import { exitCodes } from '../exit-codes.ts';
import { failureForRoot, nameRoot } from '../name-root.ts';
import { openJournal } from '../run-journal.ts';
import type { Session, Wiring } from '../session.ts';
import { showEnd } from '../show-end.ts';

/**
 * Runs the steps before the user's eyes, or, when a rollback has begun, takes them back; the same for run, resume and
 * rollback.
 */
export async function performRun(
  { machine }: Session,
  store: StateStore,
  pair: ArchitecturePair,
  options: CommonOptions,
  wiring: Wiring,
  resumed: boolean,
  lockPatienceMs = 0,
): Promise<number> {
  const screen = createScreen({ ...options, ...wiring });
  const journal = openJournal(machine);
  const isWayBack = rollbackBegun in store.state.milestones;
  const observe = (told: RunEvent): void => {
    const event = withRoot(told, options.root);
    screen.observe(event);
    journal.write(event);
  };
  const interruption: Interruption = { requested: false };
  let current = '';
  let stopNoted: Promise<void> = Promise.resolve();
  const noteStop = async (signal: string): Promise<void> => {
    if (await isStopWanted(machine, signal)) await store.update({ stoppedAt: new Date().toISOString() });
  };
  const stopListening = wiring.onSignal((name) => {
    interruption.requested = true;
    // What is being taken back is taken back to its end, once it has begun.
    if (isWayBack) return;
    observe({ type: 'step-message', step: current, text: `${name}: stopping when the running dpkg call is done` });
    // At once: the power may be cut before the dpkg call is done. On a full disk nothing can be noted.
    stopNoted = noteStop(name).catch(() => undefined);
  });
  try {
    // On a full disk each of them says so itself.
    await protectLogs(machine).catch(() => undefined);
    await tellLogins(machine, isWayBack ? takingBack : inProgress);
    if (isWayBack) {
      const end = await rollback(machine, store, pair, wiring.steps, observe, options.root, interruption);
      await journal.written();
      await leaveWayBack(machine, end);
      await screen.finish();
      return await showEnd(end, machine, options, wiring, screen);
    }
    const { until } = store.state;
    const end = await runSteps({
      machine,
      store,
      pair,
      steps: wiring.steps,
      interruption,
      ...(until && { until }),
      rootName: options.root,
      resumed,
      lockPatienceMs,
      observe: (event) => {
        if (event.type === 'step-started') {
          current = event.step;
        }
        observe(event);
      },
    });
    const isDone = end === 'finished' && !hasDataLeft(await readExportsOf(machine));
    if (isDone) await removeNotice(machine, '/etc');
    else if (end === 'finished') await tellLogins(machine, dataLeft);
    else await tellLogins(machine, hasStopped);
    await screen.finish();
    return await showEnd(end, machine, options, wiring, screen);
  } catch (error) {
    const exitCode = error instanceof CrossgradeError ? error.exitCode : exitCodes.failed;
    const failure = failureOf(error);
    // On a full disk nobody can be told.
    await tellLogins(machine, [
      exitCode === exitCodes.reboot
        ? 'A crossgrade of this system to 64 bit waits for a reboot.'
        : 'A crossgrade of this system to 64 bit has stopped.',
      `${failure.code} ${failure.message}`,
      ...(failure.hint === undefined ? [] : [failure.hint]),
    ]).catch(() => undefined);
    journal.write({ type: 'error', failure: failureForRoot(failure, options.root), exitCode });
    throw error;
  } finally {
    stopListening();
    await stopNoted;
    await journal.written();
    await screen.finish();
  }
}

async function leaveWayBack(machine: Machine, end: RollbackEnd): Promise<void> {
  if (end === 'interrupted') return tellLogins(machine, notTakenBack);
  await removeNotice(machine, '/etc');
  await removeOwnState(machine);
}

const dataLeft = [
  'The crossgrade of this system to 64 bit is done, but not all data was imported.',
  'What, and why: crossgrade verify. Try again: crossgrade resume',
];

/** What to type next, for this root. */
function withRoot(event: RunEvent, root: string): RunEvent {
  if (event.type === 'run-stopped') {
    return { ...event, next: nameRoot(event.next, root) };
  }
  if (event.type === 'step-failed') {
    return { ...event, failure: failureForRoot(event.failure, root) };
  }
  return event;
}
