import { spawn } from 'node:child_process';
import { closeSync, constants, fchmodSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { CrossgradeError } from '../base/error.ts';
import type { RootPath } from '../base/root.ts';
import { resolveInRoot } from './files/resolve-in-root.ts';
import { cleanEnvironment } from './programs/environment.ts';
import { commandLine, isOurUsers, openDescriptors, processIds } from './programs/processes.ts';
import { rescueHint } from './rescue-hint.ts';

export interface RootLock {
  release(): void;
}

export interface LockOptions {
  /** flock(1) may not run any more. Then no other crossgrade can begin either, and who was there before is seen without. */
  readonly isRescue?: boolean;
}

/** dpkg's own, which only root may open. It locks it with fcntl(2), which flock(2) has nothing to do with. */
const lockFile: RootPath = '/var/lib/dpkg/lock';
/** As dpkg makes it. */
const lockMode = 0o640;

/**
 * Makes sure that one run at a time works on a root. The lock is on a file that nobody but root can open: who may read
 * a file can lock it, and would stop each run. Nothing is written to it, and neither our death nor a reboot leaves the
 * lock behind.
 *
 * Node has no flock(2). The lock belongs to the open file description, which flock(1) shares with us, and so stays
 * when flock(1) has exited. No other child inherits the descriptor: a dpkg that outlives us does not hold it.
 *
 * @param directory of the root, without symlinks
 * @throws {CrossgradeError} CG0310, exit code 5, when another process has it
 */
export async function lockRoot(directory: string, { isRescue = false }: LockOptions = {}): Promise<RootLock> {
  const descriptors = [openLock(directory)];
  const [descriptor = -1] = descriptors;
  const release = () => {
    for (const one of descriptors.splice(0)) closeSync(one);
  };
  try {
    const others = isRescue ? holders(descriptor) : [];
    if (others.length > 0) throw busy(directory, others);
    const { exitCode, stderr } = await flock(descriptor);
    if (exitCode === 1) throw busy(directory, holders(descriptor));
    if (exitCode !== 0 && !isRescue) {
      throw new CrossgradeError(`Can't lock ${directory}`, {
        code: 'CG0314',
        hint:
          rescueHint(directory) ?? 'Nothing has been changed. The program flock (package util-linux) must work here.',
        details: [stderr.trim()],
      });
    }
    descriptors.push(await lockAsBefore(directory));
  } catch (error) {
    release();
    throw error;
  }
  return { release };
}

function openLock(directory: string): number {
  const { O_RDONLY, O_CREAT, O_NOFOLLOW } = constants;
  const path = resolveInRoot(directory, lockFile, { followLast: false });
  const descriptor = openSync(path, O_RDONLY | O_CREAT | O_NOFOLLOW, lockMode);
  const { mode, uid } = fstatSync(descriptor);
  // Somebody has given it to all: from now on nobody else can open it.
  if (uid === 0 && (mode & 0o007) !== 0) fchmodSync(descriptor, lockMode);
  return descriptor;
}

/**
 * Earlier versions lock the open folder. One that is still at work keeps us out; anybody else who holds that lock
 * does not, since all may. We hold it, too, where we can get it, for one that is started now.
 */
async function lockAsBefore(directory: string): Promise<number> {
  const descriptor = openSync(resolveInRoot(directory, '/var/lib/dpkg', { followLast: true }), 'r');
  try {
    const { exitCode } = await flock(descriptor);
    const others = exitCode === 1 ? holders(descriptor).filter(isOurUsers) : [];
    if (others.length > 0) throw busy(directory, others);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

function flock(descriptor: number): Promise<{ exitCode: number | null; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn('flock', ['--nonblock', '--exclusive', '3'], {
      stdio: ['ignore', 'ignore', 'pipe', descriptor],
      env: cleanEnvironment(),
    });
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', ({ message }) => resolve({ exitCode: null, stderr: message }));
    child.on('close', (exitCode) => resolve({ exitCode, stderr }));
  });
}

function busy(directory: string, pids: readonly number[]): CrossgradeError {
  return new CrossgradeError(`Another crossgrade is working on ${directory}`, {
    code: 'CG0310',
    exitCode: 5,
    hint: 'Nothing has been changed. See how far it is with `crossgrade status`, or wait until it has ended.',
    details: pids.map((pid) => `process ${pid}: ${commandLine(pid)?.join(' ') ?? 'ended meanwhile'}`),
  });
}

/** /proc/locks names only the flock(1) that took the lock, long gone; so look for who has the file open. */
function holders(descriptor: number): number[] {
  const wanted = fstatSync(descriptor);
  return processIds().filter(
    (pid) => pid !== process.pid && openDescriptors(pid).some((name) => isHolder(pid, name, wanted)),
  );
}

function isHolder(pid: number, name: string, wanted: { readonly dev: number; readonly ino: number }): boolean {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/fd/${name}`);
    return (
      dev === wanted.dev && ino === wanted.ino && readFileSync(`/proc/${pid}/fdinfo/${name}`, 'utf8').includes('FLOCK')
    );
  } catch {
    return false;
  }
}
