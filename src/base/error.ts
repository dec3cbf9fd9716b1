import { withoutPasswords } from './passwords.ts';

/** What a user is told when something fails: what happened, what is untouched, what to type next. */
export interface CrossgradeErrorOptions {
  /** Stable, never reused: `CG` and four digits. */
  readonly code: string;
  /** What to do next, one sentence or more. */
  readonly hint?: string;
  /** Lines that show what happened: a command, a log's path, the program's own words. */
  readonly details?: readonly string[];
  /** Exit code of the program; 1 unless it is wrong usage (2), blocked (3) or busy (5). */
  readonly exitCode?: number;
  readonly cause?: unknown;
}

export class CrossgradeError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: readonly string[];
  readonly exitCode: number;

  constructor(message: string, options: CrossgradeErrorOptions) {
    super(withoutPasswords(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CrossgradeError';
    this.code = options.code;
    this.hint = options.hint === undefined ? undefined : withoutPasswords(options.hint);
    this.details = (options.details ?? []).map(withoutPasswords);
    this.exitCode = options.exitCode ?? 1;
  }
}
