import type { Printable } from '../../base/printable.ts';
import type { Observer } from '../../run/event.ts';
import type { Environment, TerminalStream } from './terminal.ts';

/** Shows a run while it happens. It is fed by events alone and can't do anything to the run. */
export interface Screen {
  /** Never throws. */
  readonly observe: Observer;
  /** Waits until all is written; the terminal is as it was before. Safe to call more than once. */
  finish(): Promise<void>;
}

/** Where a screen writes: `process.stdout`, `process.stderr`, or what a test puts in their place. */
export interface ScreenStream extends TerminalStream {
  write(text: Printable): boolean;
  on(event: 'error' | 'resize', listener: (...values: unknown[]) => void): unknown;
  off(event: 'error' | 'resize', listener: (...values: unknown[]) => void): unknown;
  /** More was written than the reader has taken. */
  readonly writableNeedDrain?: boolean;
}

/** What every screen needs to know. */
export interface ScreenOptions {
  readonly stream: ScreenStream;
  readonly environment: Environment;
  /** false for `--no-color`. */
  readonly color?: boolean;
  readonly verbose?: boolean;
  /** Milliseconds since any fixed moment. */
  readonly now?: () => number;
}

/**
 * A crossgrade goes on when its terminal is gone (a lost ssh connection gives EIO, a closed pipe EPIPE), so
 * a stream's errors must neither be thrown nor end the process as an unhandled event.
 *
 * @param write how to write to it, where that isn't the stream's own way
 * @returns a way to write that does nothing once the stream has failed
 */
export function writeSafely(
  stream: ScreenStream,
  write: (text: Printable) => void = (text) => {
    stream.write(text);
  },
): (text: Printable) => void {
  let broken = false;
  // Never taken off again: an error can come after the last write.
  stream.on('error', () => {
    broken = true;
  });
  return (text) => {
    if (broken) return;
    try {
      write(text);
    } catch {
      broken = true;
    }
  };
}
