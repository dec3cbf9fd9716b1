import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { CrossgradeError } from '../base/error.ts';

export interface FollowOptions {
  readonly onLine: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
  /** What ends the program when the signal comes; default: SIGKILL to it. */
  readonly end?: () => unknown;
  readonly keepLines?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and hands on its lines. */
export function follow(argv: readonly string[], options: FollowOptions): Promise<SandboxCommandResult> {
  const [program = '', ...rest] = argv;
  const { signal, keepLines = 30 } = options;
  return new Promise((done, fail) => {
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: options.environment ?? { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      // In a session of its own: Ctrl-C reaches us alone, and we clean up when it has ended.
      detached: true,
    });
    const lastLines: string[] = [];
    const read = (stream: Readable) =>
      createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on('line', (line) => {
        lastLines.push(line);
        if (lastLines.length > keepLines) lastLines.shift();
        options.onLine(line);
      });
    read(child.stdout);
    read(child.stderr);
    const abort = options.end ?? (() => child.kill('SIGKILL'));
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) abort();
    child.on('error', (cause) => {
      fail(new CrossgradeError(`${basename(program)} cannot be started`, { code: 'CG0409', cause }));
    });
    // Not `exit`: what a program made can only be removed when the last process that writes has gone.
    child.on('close', (code) => {
      signal?.removeEventListener('abort', abort);
      if (signal?.aborted) fail(new CrossgradeError('Interrupted', { code: 'CG0408', exitCode: 130 }));
      else done({ exitCode: code ?? 255, lastLines });
    });
  });
}

/** How a program ended, and what it printed. */
export interface SandboxCommandResult {
  readonly exitCode: number;
  /** stdout and stderr as they came, without the oldest lines when there are very many. */
  readonly lastLines: readonly string[];
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
