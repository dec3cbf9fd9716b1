import type { Machine } from '../../base/machine.ts';
import { journalFile } from '../../base/own-paths.ts';
import { redacted } from '../../base/passwords.ts';
import type { RunEvent } from '../event.ts';

/** Every event of a run with its time, one line of JSON each: for later, and for those who watch. */
export interface RunJournal {
  write(event: RunEvent): void;
  /** Waits until all is on disk. */
  written(): Promise<void>;
}

export function openJournal(machine: Machine): RunJournal {
  let last = Promise.resolve();
  return {
    write(event) {
      const line = `${JSON.stringify({ time: new Date().toISOString(), ...redacted(event) })}\n`;
      // A journal that cannot be written must not stop the run: the disk may just be full.
      last = last.then(() => machine.append(journalFile, line)).catch(() => undefined);
    },
    written: () => last,
  };
}

export interface JournalEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly event: RunEvent;
}

/** @returns undefined for a line that a power cut has cut */
export function readEntry(line: string): JournalEntry | undefined {
  try {
    const { time, ...event } = JSON.parse(line) as { time: string } & RunEvent;
    return { at: Date.parse(time), event: event as RunEvent };
  } catch {
    return undefined;
  }
}

/** @returns offset in bytes of the last run's first line; 0 when none has begun */
export function lastRunIn(text: string): number {
  const at = text.lastIndexOf('"type":"run-started"');
  return at < 0 ? 0 : Buffer.byteLength(text.slice(0, text.lastIndexOf('\n', at) + 1));
}

/** @returns what the last run ended with; undefined when it did not fail, or nobody knows */
export function lastErrorIn(text: string): Extract<RunEvent, { type: 'error' }> | undefined {
  const lines = Buffer.from(text).subarray(lastRunIn(text)).toString().split('\n');
  const last = lines.filter((line) => line !== '').at(-1);
  const event = last === undefined ? undefined : readEntry(last)?.event;
  return event?.type === 'error' ? event : undefined;
}
