import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { ProcessHandle } from '../../../src/base/machine.ts';
import { findKeeper, programName } from '../../../src/machine/programs/keeper.ts';
import {
  commandLine,
  isProcessAlive,
  processHandle,
  processIds,
  waitForEnd,
} from '../../../src/machine/programs/processes.ts';
import type { RunEvent } from '../../../src/run/event.ts';
import { type FreshRoot, type FrozenRoot, freshRoot, type RootOrigin, snapshot } from '../roots/roots.ts';

/** More than any conversion of a test root changes. */
export const plentyBytes = 8 * 2 ** 30;

const built = process.env.CROSSGRADE_BUNDLE ?? fileURLToPath(new URL('../../../dist/crossgrade.mjs', import.meta.url));
let copy: string | undefined;

/** The built program; a copy, so that a build in the meantime does not mix two programs in one test. */
export function bundle(): string {
  if (copy === undefined) {
    if (!existsSync(built)) throw new Error(`${built} is missing: npm run build`);
    const folder = mkdtempSync(join(tmpdir(), 'crossgrade-bundle-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    copy = join(folder, 'crossgrade.mjs');
    copyFileSync(built, copy);
  }
  return copy;
}

/** How a crossgrade ended, and what it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly events: readonly RunEvent[];
  /** Everything on stderr, and on stdout unless it was events. */
  readonly text: string;
  readonly seconds: number;
}

/** A crossgrade at work, in a process group of its own, as a shell would start it. */
export interface Working {
  readonly pid: number;
  /** So far. */
  readonly events: readonly RunEvent[];
  readonly ended: Promise<Ending>;
  /** undefined while it works. */
  ending(): Ending | undefined;
  /** Waits for an event; fails when the crossgrade ends before. */
  until(matches: (event: RunEvent) => boolean): Promise<RunEvent>;
}

export interface StartOptions {
  readonly output?: 'json' | 'text';
  readonly environment?: Record<string, string>;
  /** Another one than the one that was built. */
  readonly program?: string;
}

/** @param words command and options, without `--root` */
export function startCrossgrade(
  directory: string,
  words: readonly string[],
  { output = 'json', environment = {}, program = bundle() }: StartOptions = {},
): Working {
  const begun = Date.now();
  const argv = [program, ...words, '--root', directory, '--output', output];
  const child: ChildProcess = spawn(process.execPath, argv, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  const events: RunEvent[] = [];
  let text = '';
  let rest = '';
  let wake = () => {};
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (output === 'json') events.push(JSON.parse(line) as RunEvent);
      else text += `${line}\n`;
    }
    wake();
  });
  let ending: Ending | undefined;
  const ended = new Promise<Ending>((resolve) => {
    child.on('close', (code, signal) => {
      ending = { code, signal, events, text, seconds: (Date.now() - begun) / 1000 };
      wake();
      resolve(ending);
    });
  });
  return {
    pid: child.pid ?? 0,
    events,
    ended,
    ending: () => ending,
    async until(matches) {
      for (let from = 0; ; ) {
        const found = events.slice(from).find(matches);
        if (found) return found;
        from = events.length;
        if (ending) throw new Error(`It ended with ${ending.code ?? ending.signal} before that:\n${tail(ending)}`);
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

export function crossgrade(directory: string, ...words: string[]): Promise<Ending> {
  return startCrossgrade(directory, words).ended;
}

/** The same, as a person sees it who sends the output to a file. */
export function crossgradeAsText(directory: string, ...words: string[]): Promise<Ending> {
  return startCrossgrade(directory, words, { output: 'text' }).ended;
}

/** The last that was said, for a message. */
export function tail({ events, text }: Pick<Ending, 'events' | 'text'>): string {
  const said = events.filter((event) => event.type !== 'step-progress').slice(-8);
  return [...said.map((event) => JSON.stringify(event)), text.trimEnd().split('\n').slice(-30).join('\n')].join('\n');
}

/**
 * Everything is decided and downloaded; nothing of the system is changed yet.
 *
 * @param change what the administrator did to the system before
 */
export async function prepare(
  origin: RootOrigin,
  change: (directory: string) => Promise<unknown> = async () => {},
): Promise<FrozenRoot> {
  const root = await freshRoot(origin);
  await change(root.directory);
  const { code, ...rest } = await crossgrade(root.directory, 'run', '--yes', '--until', 'prepare');
  if (code !== 0) throw new Error(`The root could not be prepared (exit code ${code}):\n${tail(rest)}`);
  return snapshot(root);
}

/** Lets a root made from `origin` be worked on, in memory; gone afterwards whatever happens. */
export async function withRoot<Value>(
  origin: RootOrigin,
  work: (root: FreshRoot) => Promise<Value>,
  memoryBytes = plentyBytes,
): Promise<Value> {
  const root = await freshRoot(origin, { memoryBytes });
  try {
    return await work(root);
  } finally {
    await endEverything(root.directory);
    await root.dispose();
  }
}

/** Who gets SIGKILL: our process; all of its group; dpkg; every program of the crossgrade and in the root, at once. */
export type Victim = 'process' | 'group' | 'dpkg' | 'everything';

/** Programs in the root's pid namespace, the keeper apart. */
export function programsIn(directory: string): { readonly handle: ProcessHandle; readonly words: readonly string[] }[] {
  const keeper = findKeeper(directory)?.keeper.handle;
  const namespace = keeper && namespaceOf(keeper.pid);
  if (namespace === undefined) return [];
  return processIds().flatMap((pid) => {
    const handle = pid !== keeper?.pid && namespaceOf(pid) === namespace ? processHandle(pid) : undefined;
    return handle ? [{ handle, words: commandLine(pid) ?? [] }] : [];
  });
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** The dpkg that the crossgrade started, not one that a maintainer script calls. */
export function dpkgIn(directory: string): ProcessHandle | undefined {
  return programsIn(directory).find(({ words }) => words[0] === 'dpkg' && words.includes('--status-fd=3'))?.handle;
}

/** @returns false when it was too late: the crossgrade had ended, or no dpkg came any more */
export async function kill(working: Working, directory: string, victim: Victim): Promise<boolean> {
  if (working.ending()) return false;
  switch (victim) {
    case 'process':
      process.kill(working.pid, 'SIGKILL');
      break;
    case 'group':
      process.kill(-working.pid, 'SIGKILL');
      break;
    case 'dpkg': {
      let dpkg = dpkgIn(directory);
      while (!dpkg && !working.ending()) {
        await sleep(5);
        dpkg = dpkgIn(directory);
      }
      if (!dpkg) return false;
      send(dpkg, 'SIGKILL');
      break;
    }
    case 'everything':
      await endEverything(directory, working.pid);
      break;
  }
  await working.ended;
  return true;
}

/** As a power cut does, but for the disk: no program gets to do anything more. */
export async function endEverything(directory: string, own?: number): Promise<void> {
  const keeper = findKeeper(directory)?.keeper.handle;
  const all = [...(keeper ? outsideOf(keeper) : []), ...(own === undefined ? [] : [processHandle(own)])].filter(
    (handle) => handle !== undefined,
  );
  // Those outside first stand still: one could still write how another one ended.
  for (const handle of all) send(handle, 'SIGSTOP');
  // First process of its pid namespace: the kernel ends all others with it.
  for (const handle of [...(keeper ? [keeper] : []), ...all]) send(handle, 'SIGKILL');
  for (const handle of [...(keeper ? [keeper] : []), ...all]) {
    if (!(await waitForEnd(handle, 30_000))) throw new Error(`Process ${handle.pid} does not end`);
  }
}

/** The shells that wait for long programs, and what they started to enter the namespaces. */
function outsideOf(keeper: ProcessHandle): ProcessHandle[] {
  return processIds().flatMap((pid) => {
    const words = commandLine(pid) ?? [];
    const enters = words.indexOf('nsenter');
    const ours = (words[3] === programName || enters === 0) && words[enters + 2] === `${keeper.pid}`;
    const handle = ours && namespaceOf(pid) === namespaceOf(process.pid) ? processHandle(pid) : undefined;
    return handle ? [handle] : [];
  });
}

function send(handle: ProcessHandle, signal: NodeJS.Signals): void {
  if (!isProcessAlive(handle)) return;
  try {
    process.kill(handle.pid, signal);
  } catch {
    // It has just ended.
  }
}

/** Waits until nothing is left of a crossgrade that was killed: its programs have ended, and then the keeper. */
export async function untilQuiet(directory: string): Promise<void> {
  while (findKeeper(directory)) await sleep(200);
}

/** The same numbers for the same seed, each in [0, 1). mulberry32. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What the crossgrade was doing last, for the record of a moment. */
export function whatItDid({ events }: Pick<Working, 'events'>, directory: string): string {
  const latest = [...events].reverse();
  const step = latest.find((event) => event.type === 'step-started');
  const batch = latest.find((event) => event.type === 'batch-started');
  const log = join(directory, 'var/log/crossgrade/dpkg.log');
  const line = existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n').at(-1) : '';
  return [
    step && 'step' in step ? step.step : 'before the first step',
    batch && 'batch' in batch && step && 'step' in step && batch.step === step.step ? batch.batch : '',
    line ?? '',
  ]
    .filter((part) => part !== '')
    .join(', ');
}
