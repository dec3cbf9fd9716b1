import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import wrapper from '#guest/root/await-program.sh';
import type { CommandOptions, LongCommand, NetworkNeed, ProcessHandle } from '../../base/machine.ts';
import type { CommandResult, RootPath } from '../../base/root.ts';
import type { HostPath } from '../files/resolve-in-root.ts';
import type { OpenedRoot } from '../open-root.ts';
import { cleanEnvironment } from './environment.ts';
import { programName } from './keeper.ts';
import { maskPrograms } from './masked-programs.ts';
import { childHandle, groupOf, isProcessAlive, processHandle, processIds } from './processes.ts';

/** Those who only look at files, as `status` does, start sooner without it. After the first program each starts at once. */
let loaded: typeof import('execa') | undefined;

/** Runs a program to its end. Exit codes are those of a shell: 127 not found, 126 can't be run, 128 + signal. */
export async function runProgram(
  root: OpenedRoot,
  argv: readonly string[],
  { environment, input, workingDirectory, keepsHostUp = false, needsNetwork = false }: CommandOptions = {},
): Promise<CommandResult> {
  const [file = '', ...words] = root.argv(inDirectory(workingDirectory, argv), { needsNetwork });
  loaded ??= await import('execa');
  const { execa } = loaded;
  if (keepsHostUp) await root.guard.begin();
  const running = execa(file, words, {
    cwd: '/',
    env: cleanEnvironment({ ...root.environment, ...root.frontendLock.environment, ...environment }),
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    // In a session of its own: Ctrl-C must reach us alone, and no program may ask on the terminal.
    detached: true,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
  });
  const stopWaiting = letGoWhenSilent(running);
  if (keepsHostUp) root.guard.began(running.pid);
  const result = await running;
  stopWaiting();
  const stderr = result.stderr ?? '';
  const stdout = result.stdout ?? '';
  if (result.exitCode !== undefined) return { exitCode: result.exitCode, stdout, stderr };
  if (result.signal !== undefined) return { exitCode: 128 + constants.signals[result.signal], stdout, stderr };
  return {
    exitCode: result.code === 'ENOENT' ? 127 : 126,
    stdout,
    stderr: `${stderr}${result.originalMessage ?? ''}\n`,
  };
}

/**
 * What a program has left at work may hold its output open for ever: a daemon of a hook, or what a user wants us to wait
 * for. It is waited for as long as it says something new, and we have had the time to read that: when we were busy
 * ourselves, all that the program has said may still be in the pipe.
 *
 * @returns to be called when it is over
 */
function letGoWhenSilent(running: Pick<ChildProcess, 'once' | 'stdout' | 'stderr'>): () => void {
  const pipes = [running.stdout, running.stderr].filter((pipe) => pipe instanceof Socket);
  const bytesRead = () => pipes.reduce((sum, pipe) => sum + pipe.bytesRead, 0);
  let timer: NodeJS.Timeout | undefined;
  let reading: NodeJS.Immediate | undefined;
  let turns = 0;
  const look = (before: number | undefined): void => {
    const now = bytesRead();
    turns += 1;
    if (now === before || turns > mostTurns) {
      for (const pipe of pipes) pipe.destroy();
      return;
    }
    timer = setTimeout(() => {
      // Timers come before what is to be read, in each turn of the loop.
      reading = setImmediate(look, now);
    }, turnMs);
  };
  running.once('exit', () => look(undefined));
  return () => {
    clearTimeout(timer);
    clearImmediate(reading);
  };
}

/** To read what is still in a pipe. */
const turnMs = 2500;
const mostTurns = 24;

/** The same command, with the places of its files on the host. */
export interface LongProgram extends NetworkNeed {
  readonly argv: readonly string[];
  readonly environment?: LongCommand['environment'];
  readonly workingDirectory?: LongCommand['workingDirectory'];
  /** Those that are there. */
  readonly masked: readonly RootPath[];
  readonly logFile: HostPath;
  readonly mayBeCutShort?: boolean;
  readonly statusFile?: HostPath;
  readonly exitFile: HostPath;
}

/**
 * Starts a program that neither our death nor that of our terminal touches: it has its own session, and open files
 * where a pipe would kill it at its next line.
 */
export async function startProgram(root: OpenedRoot, program: LongProgram): Promise<ProcessHandle> {
  const { needsNetwork = false } = program;
  const argv = root.argv(inDirectory(program.workingDirectory, program.argv), { needsNetwork });
  const given = { ...root.environment, ...root.frontendLock.environment, ...program.environment };
  const environment = cleanEnvironment(given);
  if (program.masked.length > 0) {
    const folder = maskPrograms(root.volatileFolder, program.masked);
    environment.PATH = `${folder}:${environment.PATH}`;
    // With the namespaces of a root in a folder it goes by itself.
    if (root.namespace === undefined) environment.CROSSGRADE_MASKED = folder;
  }
  const guard = program.mayBeCutShort === true ? undefined : root.guard;
  await guard?.begin();
  const log = openSync(program.logFile, 'a', 0o600);
  const status = program.statusFile === undefined ? undefined : openSync(program.statusFile, 'w', 0o600);
  try {
    const child = spawn('sh', ['-c', wrapper, programName, program.exitFile, ...argv], {
      cwd: '/',
      env: environment,
      detached: true,
      stdio: ['ignore', log, log, ...(status === undefined ? [] : [status, root.frontendLock.keepOpen])],
    });
    guard?.began(child.pid);
    if (child.pid === undefined) {
      return await new Promise<never>((_, reject) => {
        child.on('error', reject);
      });
    }
    child.unref();
    const handle = childHandle(child.pid);
    ends.set(child.pid, new Promise((resolve) => child.on('exit', resolve)));
    return handle;
  } finally {
    closeSync(log);
    if (status !== undefined) closeSync(status);
  }
}

/** Our own children's; what an earlier crossgrade has started cannot tell us that it has ended. */
const ends = new Map<number, Promise<unknown>>();

/**
 * Calls `tick` at growing intervals up to `everyMs` while the program lives, and once after its end. A child of ours
 * that ends is not waited for any longer: a run has many short ones.
 */
export async function waitForProgram(
  handle: ProcessHandle,
  everyMs: number,
  tick: () => Promise<void> | void,
): Promise<void> {
  const end = ends.get(handle.pid);
  for (let pause = Math.min(everyMs, 5); ; pause = Math.min(pause * 2, everyMs)) {
    const alive = isProcessAlive(handle);
    await tick();
    if (!alive) break;
    const timer = new AbortController();
    const sleeping = sleep(pause, undefined, { signal: timer.signal }).catch(() => undefined);
    await (end ? Promise.race([end, sleeping]) : sleeping);
    timer.abort();
  }
  ends.delete(handle.pid);
}

/** What a program gets to put its files in order: apt's methods note how far they are. */
const graceMs = 5000;

/**
 * Ends a program that `startProgram` gave, and all of its process group: SIGTERM, and SIGKILL for what is left. The next
 * one may write to the same files, so none is left when this returns, unless a disk holds it.
 */
export async function endProgram(handle: ProcessHandle): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = Date.now() + graceMs;
    if (!hasGroup(handle)) break;
    try {
      // Once: what the wrapper does after the program's end is in the group as well.
      process.kill(-handle.pid, signal);
    } catch {
      // It has just ended.
    }
    for (let pause = 5; hasGroup(handle) && Date.now() < deadline; pause = Math.min(pause * 2, 100)) await sleep(pause);
  }
  ends.delete(handle.pid);
}

/** As long as one is left in it, no other process can get the number of the group. */
function hasGroup({ pid, startTicks }: ProcessHandle): boolean {
  const leader = processHandle(pid);
  if (leader && leader.startTicks !== startTicks) return false;
  return processIds().some((id) => groupOf(id) === pid && processHandle(id) !== undefined);
}

/** chroot(8) always starts in `/`. */
function inDirectory(directory: string | undefined, argv: readonly string[]): readonly string[] {
  return directory === undefined ? argv : ['sh', '-c', changeDirectory, directory, ...argv];
}

const changeDirectory = 'cd "$0" && exec "$@"';

/** The same command, with another program in the place of its own. */
export function withProgram(argv: readonly string[], change: (program: string) => string): readonly string[] {
  const place = argv[2] === changeDirectory ? 4 : 0;
  return argv.map((word, index) => (index === place ? change(word) : word));
}

/** @returns what a program of ours was asked to run, from its command line, which has the way there as well */
export function wordsGiven(commandLine: readonly string[]): readonly string[] {
  const waitedFor = commandLine[3] === programName ? commandLine.slice(5) : commandLine;
  const inRoot = waitedFor[0] === 'nsenter' ? waitedFor.slice(waitedFor.indexOf('chroot') + 2) : waitedFor;
  return inRoot[2] === changeDirectory ? inRoot.slice(4) : inRoot;
}
