import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  defaultExclusions,
  diffRootStates,
  type RootDifference,
  type RootState,
  readRootState,
} from '../roots/root-state.ts';
import type { FrozenRoot } from '../roots/roots.ts';
import { inRoot } from './conversion.ts';
import {
  crossgrade,
  type Ending,
  kill,
  randomNumbers,
  startCrossgrade,
  tail,
  untilQuiet,
  type Victim,
  type Working,
  whatItDid,
  withRoot,
} from './faults.ts';

/**
 * When something happens to a crossgrade. Where dpkg is at work: after so many of the changes of state that dpkg writes
 * down, as a share of those that are still to come; a busy machine does not change that. Where it is not: a step.
 */
export type Moment =
  | { readonly share: number; readonly laterMs: number }
  | { readonly step: string; readonly laterMs: number };

/** One crossgrade that is killed, perhaps more than once, and gone on with. */
export interface Attempt {
  readonly victim: Victim;
  readonly moments: readonly Moment[];
  /** Between the death and the resume: `quiet` until everything that it had started has ended. */
  readonly pause: 'none' | 'quiet';
}

/** What a prepared root becomes when nothing disturbs it. */
export interface Undisturbed {
  readonly origin: FrozenRoot;
  readonly state: RootState;
  /** Lines in dpkg's own log. */
  readonly changes: number;
}

export async function undisturbed(origin: FrozenRoot): Promise<Undisturbed> {
  return withRoot(origin, async ({ directory }) => {
    const before = changesIn(directory);
    const ending = await crossgrade(directory, 'resume');
    if (ending.code !== 0)
      throw new Error(`Not even an undisturbed run works (exit code ${ending.code}):\n${tail(ending)}`);
    return { origin, state: await endStateOf(directory), changes: changesIn(directory) - before };
  });
}

const victims: readonly Victim[] = ['dpkg', 'process', 'group', 'everything'];

/**
 * The same ones for the same seed. Every second one is killed again while it resumes.
 *
 * @param steps those in which dpkg has no part: each gets one of the attempts
 */
export function drawAttempts(seed: number, count: number, steps: readonly string[] = []): Attempt[] {
  const random = randomNumbers(seed);
  return Array.from({ length: count }, (_, index): Attempt => {
    const step = steps[index];
    const byShare = (): Moment => ({ share: random(), laterMs: Math.floor(random() * 30) });
    const first = step === undefined ? byShare() : { step, laterMs: Math.floor(random() * 300) };
    const again = random() < 0.5 ? [byShare()] : [];
    const victim = victims[(index - steps.length) % victims.length] ?? 'everything';
    return {
      // dpkg cannot be killed where it is not.
      victim: step === undefined ? victim : random() < 0.5 ? 'group' : 'everything',
      moments: [first, ...again],
      pause: random() < 0.3 ? 'quiet' : 'none',
    };
  });
}

/** @returns what a root has become other than it should; empty when all is well */
export async function differencesFrom({ state }: Undisturbed, directory: string): Promise<RootDifference[]> {
  return diffRootStates(state, await endStateOf(directory));
}

const initramfs = /^\/boot\/initrd\.img-/;

/** dpkg's copies of its database from before the last time it wrote: how often it wrote is not part of the result. */
const olderCopies = /^\/var\/lib\/dpkg\/(status|diversions|statoverride)-old$/;

/** The temporary file of a deb-systemd-helper that was killed, or found the disk full: nothing ever reads it. */
const unfinished = /^\/var\/lib\/systemd\/deb-systemd-helper-\w+\/(.*\/)?\.state\w+\.tmp$/;

/**
 * The root, file by file. Two undisturbed runs are the same in all of it, with what `readRootState` leaves out (logs,
 * caches, temporary folders) and one exception: an initramfs is compressed and has times in it; so what it holds counts.
 */
async function endStateOf(directory: string): Promise<RootState> {
  const state = new Map(readRootState(directory, [...defaultExclusions, initramfs, olderCopies, unfinished]));
  const images = readdirSync(join(directory, 'boot')).filter((name) => initramfs.test(`/boot/${name}`));
  for (const name of images) {
    const folder = `/tmp/contents-of-${name}`;
    await inRoot(directory, ['unmkinitramfs', `/boot/${name}`, folder]);
    for (const [path, entry] of readRootState(join(directory, folder), [])) state.set(`/boot/${name}${path}`, entry);
  }
  return state;
}

/** What became of an attempt. */
export interface Outcome {
  /** For the record: whom it met when. */
  readonly story: string;
  /** Kills that were not too late. */
  readonly kills: number;
  /** How the killed ones ended. */
  readonly killed: readonly Ending[];
  readonly ending: Ending;
  /** Against an undisturbed run; empty when all is well. */
  readonly differences: readonly RootDifference[];
}

export async function perform({ victim, moments, pause }: Attempt, expected: Undisturbed): Promise<Outcome> {
  return withRoot(expected.origin, async ({ directory }) => {
    const start = changesIn(directory);
    const story: string[] = [];
    const killed: Ending[] = [];
    for (const moment of moments) {
      const working = startCrossgrade(directory, ['resume']);
      await reach(moment, working, directory, start + expected.changes);
      const hit = await kill(working, directory, victim);
      const end = await working.ended;
      if (hit) killed.push(end);
      story.push(`${hit ? victim : 'too late'} at ${JSON.stringify(moment)}: ${whatItDid(end, directory)}`);
      if (pause === 'quiet') await untilQuiet(directory);
    }
    const ending = await crossgrade(directory, 'resume');
    return {
      story: story.join('; then ') + (pause === 'quiet' ? '; resumed when all was quiet' : ''),
      kills: killed.length,
      killed,
      ending,
      differences: await differencesFrom(expected, directory),
    };
  });
}

/** Waits for the moment, or for the end of the crossgrade. */
async function reach(moment: Moment, working: Working, directory: string, lastChange: number): Promise<void> {
  if ('step' in moment) {
    await working.until((event) => event.type === 'step-started' && event.step === moment.step).catch(() => undefined);
  } else {
    const log = new GrowingLog(join(directory, dpkgOwnLog));
    const now = log.lines();
    const wanted = now + Math.floor((lastChange - now) * moment.share);
    while (log.lines() < wanted && !working.ending()) await sleep(2);
  }
  await sleep(moment.laterMs);
}

const dpkgOwnLog = 'var/log/dpkg.log';

/** Lines of the log that dpkg writes of its own accord: one for each change of a package's state, and some more. */
export function changesIn(directory: string): number {
  return readFileSync(join(directory, dpkgOwnLog), 'utf8').split('\n').length - 1;
}

/** Counts lines, and reads each but once. */
class GrowingLog {
  readonly #path: string;
  readonly #buffer = Buffer.alloc(1 << 16);
  #offset = 0;
  #lines = 0;

  constructor(path: string) {
    this.#path = path;
  }

  lines(): number {
    // Opened each time: on an overlay the first write makes it another file.
    const file = openSync(this.#path, 'r');
    try {
      for (;;) {
        const bytes = readSync(file, this.#buffer, 0, this.#buffer.length, this.#offset);
        if (bytes === 0) return this.#lines;
        this.#offset += bytes;
        for (let at = 0; at < bytes; at++) if (this.#buffer[at] === 10) this.#lines++;
      }
    } finally {
      closeSync(file);
    }
  }
}
