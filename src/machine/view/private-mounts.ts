import { spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { CrossgradeError } from '../../base/error.ts';
import { commandLine } from '../programs/processes.ts';

/** Holds the mount namespace that we were started from. */
const outerVariable = 'CROSSGRADE_OUTER_MOUNTS';
/** nice(1). */
const patience = 10;
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Starts this very command once more, in a mount namespace of its own, and waits for it. Whatever it mounts is gone with
 * it, also when it is killed.
 *
 * @returns its exit code; undefined when this is it
 * @throws {CrossgradeError} CG0474
 */
export async function inPrivateMounts(): Promise<number | undefined> {
  const own = readlinkSync('/proc/self/ns/mnt');
  const outer = process.env[outerVariable];
  if (outer !== undefined && outer !== own) {
    // The services of this system come first; what we start is as patient.
    setPriority(patience);
    return undefined;
  }
  const words = ['--mount', '--propagation', 'private', '--', ...(commandLine(process.pid) ?? [])];
  const child = spawn('unshare', words, { stdio: 'inherit', env: { ...process.env, [outerVariable]: own } });
  // A terminal sends its signals to both; who was sent one alone passes it on.
  const passOn = (name: NodeJS.Signals) => void (name === 'SIGINT' || child.kill(name));
  for (const name of endingSignals) process.on(name, passOn);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on('error', (cause) => {
        reject(
          new CrossgradeError('A rehearsal needs the program unshare, which cannot be started.', {
            code: 'CG0474',
            hint: 'Nothing was changed. It is part of the package util-linux.',
            details: [cause.message],
            cause,
          }),
        );
      });
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
    });
  } finally {
    for (const name of endingSignals) process.off(name, passOn);
  }
}
