import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrossgradeError } from '../../base/error.ts';
import type { ProcessHandle } from '../../base/machine.ts';

/**
 * @returns undefined when there is no such process, or only the zombie of one
 * @see proc(5), /proc/[pid]/stat
 */
export function processHandle(pid: number): ProcessHandle | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // Field 2 is the program's name in parentheses, and may hold anything; count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const startTicks = fields[19];
  // A container's first process may never reap: the zombie of a program is its end.
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTicks };
}

/**
 * The handle of a child just spawned; it is there at least as a zombie until the event loop turns.
 *
 * @throws {CrossgradeError} CG0290
 */
export function childHandle(pid: number): ProcessHandle {
  assertOwnProcessTable();
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return { pid, startTicks: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
}

/**
 * In a pid namespace of its own, as unshare(1) makes one, a process still sees the table of the namespace it came from
 * until it mounts another /proc. Numbers of that table are other processes here: none of them may be waited for, or ended.
 *
 * @throws {CrossgradeError} CG0290
 * @see pid_namespaces(7), “/proc and PID namespaces”
 */
export function assertOwnProcessTable(): void {
  const number = ownNumber();
  if (number === process.pid) return;
  throw new CrossgradeError(
    number === undefined
      ? 'The table of processes is not mounted'
      : 'The table of processes shows others than our own: this is a pid namespace without a table of its own',
    {
      code: 'CG0290',
      hint:
        number === undefined
          ? 'Nothing has been changed. Mount the filesystem proc where it belongs, then start again.'
          : 'Nothing has been changed. Start crossgrade without such a namespace, or with the option --mount-proc of unshare.',
    },
  );
}

/** In the table that is mounted on /proc; undefined where none is. */
function ownNumber(): number | undefined {
  try {
    return Number(readlinkSync('/proc/self'));
  } catch {
    return undefined;
  }
}

export function isProcessAlive(handle: ProcessHandle): boolean {
  return processHandle(handle.pid)?.startTicks === handle.startTicks;
}

export function ownHandle(): ProcessHandle {
  return childHandle(process.pid);
}

export function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** @returns 0 for the first process, and for one that is gone */
export function parentOf(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
}

/** Process group; 0 for a process that is gone. */
export function groupOf(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2] ?? 0);
}

/** Session id: the pid of the process that leads it; 0 for a process that is gone. */
export function sessionOf(pid: number): number {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? '';
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3] ?? 0);
}

/** @returns undefined for a process that is gone, or that we may not look at */
export function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/**
 * Whether a process can only have been started by our own user. Words and environment prove nothing: everybody chooses
 * those of his own processes, and hands them to a program that gets root's rights by itself, as sudo does to ask for a
 * password.
 *
 * @see proc(5), /proc/[pid]/status: real, effective, saved and filesystem user, as our user namespace has them
 */
export function isOurUsers(pid: number): boolean {
  const [, users = ''] = /^Uid:\t(.*)$/m.exec(readIfThere(`/proc/${pid}/status`) ?? '') ?? [];
  if (!users.split('\t').every((uid) => uid === `${process.geteuid?.()}`)) return false;
  try {
    return (statSync(`/proc/${pid}/exe`).mode & 0o6000) === 0;
  } catch {
    return false;
  }
}

/** The words a process was started with; undefined when it is gone. */
export function commandLine(pid: number): string[] | undefined {
  return readIfThere(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1);
}

/** @returns numbers; none for a process that is gone, or that we may not look at */
export function openDescriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`);
  } catch {
    return [];
  }
}

/** Ends a process at once, with all of its pid namespace where it is the first one there. One that is gone is ended. */
export function kill(handle: ProcessHandle): void {
  if (!isProcessAlive(handle)) return;
  try {
    process.kill(handle.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** @returns whether it ended within the time */
export async function waitForEnd(handle: ProcessHandle, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  for (let pause = 2; isProcessAlive(handle); pause = Math.min(pause * 2, 100)) {
    if (Date.now() > deadline) return false;
    await sleep(pause);
  }
  return true;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // ENOENT, or ESRCH when it ends while we read.
    return undefined;
  }
}
