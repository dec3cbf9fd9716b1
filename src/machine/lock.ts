import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { CrossgradeError } from '../core/error.ts';
import { cleanEnvironment } from './environment.ts';
import { commandLine, openDescriptors, processIds } from './processes.ts';
import { rescueHint } from './rescue-hint.ts';
import { resolveInRoot } from './resolve-in-root.ts';

export interface RootLock {
  release(): void;
}

export interface LockOptions {
  /** flock(1) may not run any more. Then no other crossgrade can begin either, and who was there before is seen without. */
  readonly isRescue?: boolean;
}

/**
 * Makes sure that one run at a time works on a root. The lock is on the open directory /var/lib/dpkg itself:
 * it writes nothing, and neither our death nor a reboot leaves it behind.
 *
 * Node has no flock(2). The lock belongs to the open file description, which flock(1) shares with us, and so stays
 * when flock(1) has exited. No other child inherits the descriptor: a dpkg that outlives us does not hold it.
 *
 * @param directory of the root, without symlinks
 * @throws {CrossgradeError} CG0310, exit code 5, when another process has it
 */
export async function lockRoot(directory: string, { isRescue = false }: LockOptions = {}): Promise<RootLock> {
  const descriptor = openSync(resolveInRoot(directory, '/var/lib/dpkg', { followLast: true }), 'r');
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
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  let held = true;
  return {
    release() {
      if (held) closeSync(descriptor);
      held = false;
    },
  };
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

/** /proc/locks names only the flock(1) that took the lock, long gone; so look for who has the directory open. */
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
