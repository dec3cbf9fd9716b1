import { spawn, spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { CrossgradeError } from '../../base/error.ts';
import { cleanEnvironment } from '../programs/environment.ts';
import { commandLine } from '../programs/processes.ts';
import { refused } from './make-view.ts';

/** Holds the mount namespace that we were started from. */
const outerVariable = 'CROSSGRADE_OUTER_MOUNTS';
/** nice(1). */
const patience = 10;
const privately: readonly string[] = ['--mount', '--propagation', 'private', '--'];
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Starts this very command once more, in a mount namespace of its own, and waits for it. Whatever it mounts is gone with
 * it, also when it is killed.
 *
 * @returns its exit code; undefined when this is it
 * @throws {CrossgradeError} CG0471, CG0474, CG0476
 */
export async function inPrivateMounts(): Promise<number | undefined> {
  const own = mountNamespace('self');
  const outer = process.env[outerVariable];
  // The variable alone is no proof: where an environment has kept it, we would mount where all can see it.
  if (outer !== undefined && outer !== own && outer === mountNamespace(process.ppid)) {
    // The services of this system come first; what we start is as patient.
    setPriority(patience);
    return undefined;
  }
  assertPossible();
  const child = spawn('unshare', [...privately, ...(commandLine(process.pid) ?? [])], {
    stdio: 'inherit',
    env: { ...process.env, [outerVariable]: own },
  });
  // A terminal sends its signals to both; who was sent one alone passes it on.
  const passOn = (name: NodeJS.Signals) => void (name === 'SIGINT' || child.kill(name));
  for (const name of endingSignals) process.on(name, passOn);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) => reject(cannotStart(cause)));
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const name of endingSignals) process.off(name, passOn);
  }
}

/** Before: of what unshare itself says there would be no hint, and its exit code is like one of ours. */
function assertPossible(): void {
  if (process.geteuid?.() !== 0) {
    throw new CrossgradeError('A rehearsal needs root rights', {
      code: 'CG0476',
      hint: 'Nothing has been changed. Run the same command as root, for example with `sudo`.',
    });
  }
  const { error, status, stderr } = spawnSync('unshare', [...privately, 'true'], {
    encoding: 'utf8',
    env: cleanEnvironment(),
  });
  if (error) throw cannotStart(error);
  if (status !== 0) throw refused(stderr.trim());
}

function cannotStart(cause: Error): CrossgradeError {
  return new CrossgradeError('A rehearsal needs the program unshare, which cannot be started.', {
    code: 'CG0474',
    hint: 'Nothing was changed. It is part of the package util-linux.',
    details: [cause.message],
    cause,
  });
}

function mountNamespace(pid: number | 'self'): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}
