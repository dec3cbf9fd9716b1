import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { protectLogs } from '../../base/system/logs.ts';
import { hasDataLeft } from '../../data/outcome.ts';
import { readExportsOf } from '../../data/system/carry.ts';
import {
  hasStopped,
  inProgress,
  notTakenBack,
  removeNotice,
  takingBack,
  tellLogins,
} from '../../session/system/login-notice.ts';
import { rollbackBegun } from '../../state/state.ts';
import type { Interruption } from '../../state/system/interruption.ts';
import { removeOwnState } from '../../state/system/own-folders.ts';
import { isStopWanted } from '../../state/system/stop-wanted.ts';
import type { Observer, RunEvent } from '../event.ts';
import { failureForRoot, nameRoot } from '../name-root.ts';
import { type RollbackEnd, rollback } from './rollback.ts';
import { failureOf, type RunEnd, type RunInput, runSteps } from './run.ts';
import { openJournal } from './run-journal.ts';

export interface Performed extends Pick<RunInput, 'machine' | 'store' | 'pair' | 'steps' | 'rootName' | 'resumed'> {
  /** What somebody else who works on the packages is waited for. */
  readonly lockPatienceMs: number;
  readonly observe: Observer;
  /** Calls back for signals that ask the program to end, until the returned function is called. */
  onSignal(callback: (name: string) => void): () => void;
}

/**
 * Runs the steps or, when a rollback has begun, takes them back; the same for run, resume and rollback. It is written down
 * in the journal, and told to who logs in.
 */
export async function performRun(given: Performed): Promise<RunEnd | RollbackEnd> {
  const { machine, store, pair, steps, rootName } = given;
  const journal = openJournal(machine);
  const isWayBack = rollbackBegun in store.state.milestones;
  const observe = (told: RunEvent): void => {
    const event = withRoot(told, rootName);
    given.observe(event);
    journal.write(event);
  };
  const interruption: Interruption = { requested: false };
  let current = '';
  let stopNoted: Promise<void> = Promise.resolve();
  const noteStop = async (signal: string): Promise<void> => {
    if (await isStopWanted(machine, signal)) await store.update({ stoppedAt: new Date().toISOString() });
  };
  const stopListening = given.onSignal((name) => {
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
      const end = await rollback(machine, store, pair, steps, observe, rootName, interruption);
      await journal.written();
      await leaveWayBack(machine, end);
      return end;
    }
    const { until } = store.state;
    const end = await runSteps({
      ...given,
      interruption,
      ...(until && { until }),
      observe: (event) => {
        if (event.type === 'step-started') current = event.step;
        observe(event);
      },
    });
    const isDone = end === 'finished' && !hasDataLeft(await readExportsOf(machine));
    if (isDone) await removeNotice(machine, '/etc');
    else await tellLogins(machine, end === 'finished' ? dataLeft : hasStopped);
    return end;
  } catch (error) {
    journal.write(await tellFailure(machine, error, rootName));
    throw error;
  } finally {
    stopListening();
    await stopNoted;
    await journal.written();
  }
}

/** @returns the same for the journal */
async function tellFailure(machine: Machine, error: unknown, rootName: string): Promise<RunEvent> {
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
  return { type: 'error', failure: failureForRoot(failure, rootName), exitCode };
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
