import { setTimeout as sleep } from 'node:timers/promises';
import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { engineUnit, journalFile, stateFile } from '../../base/own-paths.ts';
import { text } from '../../base/printable.ts';
import type { RunEvent } from '../../run/event.ts';
import { type JournalEntry, lastRunIn, readEntry } from '../../run/system/run-journal.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import type { Shell } from '../commands/wiring.ts';
import { type RunOutcome, showEnd } from '../report/show-end.ts';
import { createScreen } from './create-screen.ts';
import { createPromptPort, isLeaving } from './prompts.ts';
import type { Screen } from './screen.ts';

const pollMs = 500;
/** How often systemd is asked whether the engine is still there. */
const askEveryMs = 3000;
const startLimitMs = 30_000;
/** systemd is silent while it is replaced; on a slow and busy disk for long. */
const silenceLimitMs = 600_000;

type End = { readonly outcome: RunOutcome } | { readonly error: Extract<RunEvent, { type: 'error' }> };

/**
 * Shows a run that another process does, until it ends. Neither Ctrl-C nor the end of the terminal ends the run itself.
 *
 * @param from offset in the journal where the run begins that is to be shown; absent: the last one
 * @returns the exit code that the run itself has
 * @throws {CrossgradeError} the run's own error; CG0270 when its process is gone without a word
 */
export async function watchRun(options: CommonOptions, wiring: Shell, from?: number): Promise<number> {
  const session = await wiring.openSession(options.root, 'read');
  try {
    const { machine } = session;
    for (;;) {
      const seen = await watchUntil(machine, options, wiring, from);
      if (typeof seen !== 'string') return await conclude(seen, machine, options, wiring);
      if (seen === 'gone') throw gone();
      const choice = await askWhatToDo(seen, wiring, options);
      if (choice === 'leave') {
        wiring.stderr.write(text`The crossgrade goes on. Watch it again with crossgrade status --watch.\n`);
        return exitCodes.interrupted;
      }
      if (choice === 'stop') {
        await wiring.engineService.requestStop();
        wiring.stderr.write(text`It stops when the running dpkg call is done.\n`);
      }
    }
  } finally {
    await session.close();
  }
}

/** @returns the end of the run, `gone`, or the signal that interrupted the watching */
async function watchUntil(
  machine: Machine,
  options: CommonOptions,
  wiring: Shell,
  from: number | undefined,
): Promise<End | 'gone' | NodeJS.Signals> {
  let at: number | undefined;
  const screen = screenOfStarts(() => createScreen({ ...options, ...wiring, now: () => at ?? Date.now() }), wiring);
  let signal: NodeJS.Signals | undefined;
  const stopListening = wiring.onSignal((name) => {
    signal = name as NodeJS.Signals;
  });
  const follow = journalFollower(machine, from ?? (await lastRun(machine)));
  const isEngineGone = engineProbe(wiring, from !== undefined);
  let end: End | undefined;
  try {
    while (signal === undefined) {
      const entries = await follow();
      for (const { at: time, event } of entries) {
        // What has happened before we looked is drawn with its own times.
        at = time;
        if (event.type !== 'error') await screen.observe(event);
        end = endAfter(event, end);
      }
      at = undefined;
      // A short rollback is over, and its journal gone, before anybody has seen the unit.
      if (entries.length === 0 && (await isEngineGone(end !== undefined || (await isTakenBack(machine))))) {
        return end ?? withoutWord(machine);
      }
      await sleep(pollMs);
    }
    return signal;
  } finally {
    stopListening();
    await screen.finish();
  }
}

/** An engine that was killed goes on from the first step: that is shown anew. */
function screenOfStarts(create: () => Screen, { stderr }: Shell) {
  let screen = create();
  let hasBegun = false;
  return {
    async observe(event: RunEvent): Promise<void> {
      if (event.type === 'run-started' && hasBegun) {
        await screen.finish();
        stderr.write(text`The crossgrade was started again, and goes on.\n`);
        screen = create();
      }
      hasBegun ||= event.type === 'run-started';
      screen.observe(event);
    },
    finish: () => screen.finish(),
  };
}

/** A rollback removes the state, and the journal with it, at its very end. */
async function withoutWord(machine: Machine): Promise<End | 'gone'> {
  return (await isTakenBack(machine)) ? { outcome: 'taken-back' } : 'gone';
}

async function lastRun(machine: Machine): Promise<number> {
  return lastRunIn((await machine.readTextIfThere(journalFile)) ?? '');
}

/** @returns gives the entries that were written since it was last asked */
function journalFollower(machine: Machine, from: number): () => Promise<JournalEntry[]> {
  let offset = from;
  let rest = '';
  return async () => {
    const text = (await machine.exists(journalFile)) ? await machine.readTextFrom(journalFile, offset) : '';
    offset += Buffer.byteLength(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    return lines.map(readEntry).filter((entry) => entry !== undefined);
  };
}

/** @returns tells whether the engine has ended; it may have written its last line between two looks, so it looks twice */
function engineProbe({ engineService }: Shell, isStarting: boolean): (soon: boolean) => Promise<boolean> {
  const begun = Date.now();
  let asked = begun;
  let answered = begun;
  let missed = 0;
  let seen = !isStarting;
  return async (soon) => {
    if (!soon && Date.now() - asked < askEveryMs) return false;
    asked = Date.now();
    const isActive = await engineService.isActive();
    if (isActive !== undefined) answered = Date.now();
    const mayBeThere = isActive ?? (!soon && Date.now() - answered < silenceLimitMs);
    seen ||= isActive === true || soon || Date.now() - begun > startLimitMs;
    missed = mayBeThere || !seen ? 0 : missed + 1;
    return missed >= 2;
  };
}

function endAfter(event: RunEvent, before: End | undefined): End | undefined {
  switch (event.type) {
    case 'run-started':
      return undefined;
    case 'run-finished':
      return { outcome: 'finished' };
    case 'run-stopped':
      return event.reason === 'interrupted' || event.reason === 'until' ? { outcome: event.reason } : before;
    case 'error':
      return { error: event };
    default:
      return before;
  }
}

async function isTakenBack(machine: Machine): Promise<boolean> {
  return !(await machine.exists(stateFile));
}

async function conclude(end: End, machine: Machine, options: CommonOptions, wiring: Shell): Promise<number> {
  if ('error' in end) {
    const { code, message, hint, details } = end.error.failure;
    const { exitCode } = end.error;
    throw new CrossgradeError(message, { code, details, exitCode, ...(hint !== undefined && { hint }) });
  }
  const takenBack = end.outcome === 'finished' && (await isTakenBack(machine));
  const screen: Screen = createScreen({ ...options, ...wiring });
  return showEnd(takenBack ? 'taken-back' : end.outcome, machine, options, wiring, screen);
}

function gone(): CrossgradeError {
  return new CrossgradeError('The process of the crossgrade has ended without a word.', {
    code: 'CG0270',
    details: [`systemctl status ${engineUnit}; journalctl -u ${engineUnit}`],
    hint: 'Somebody, or a lack of memory, has killed it, again and again. Nothing is lost: type crossgrade resume.',
  });
}

async function askWhatToDo(signal: string, wiring: Shell, options: CommonOptions): Promise<'watch' | 'leave' | 'stop'> {
  const { stdin, stderr, environment } = wiring;
  const mayAsk = signal === 'SIGINT' && options.output === 'text' && stdin.isTTY && stderr.isTTY;
  if (!mayAsk) return 'leave';
  try {
    const answer = await createPromptPort(stdin, stderr, environment).select({
      message: text`The crossgrade runs on its own. What now?`,
      choices: [
        { value: 'watch', name: text`Go on watching` },
        { value: 'leave', name: text`Leave it running, and come back with crossgrade status --watch` },
        { value: 'stop', name: text`Stop it when the running dpkg call is done; crossgrade resume goes on` },
      ],
      preselected: 'watch',
    });
    return answer as 'watch' | 'leave' | 'stop';
  } catch (error) {
    if (isLeaving(error)) return 'leave';
    throw error;
  }
}
