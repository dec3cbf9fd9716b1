import { redacted } from '../../base/passwords.ts';
import { joinLines, printableJson } from '../../base/printable.ts';
import type { RunEvent } from '../../run/event.ts';
import type { Screen, ScreenStream } from './screen.ts';
import { writeSafely } from './screen.ts';

/** A line of `--output json`. */
export type JsonLine = { readonly schemaVersion: 1; readonly time: string } & RunEvent;

export interface JsonScreenOptions {
  readonly stream: ScreenStream;
  readonly date?: () => Date;
}

/** One event per line, as it happens, for programs. */
export function createJsonScreen({ stream, date = () => new Date() }: JsonScreenOptions): Screen {
  const write = writeSafely(stream);
  return {
    observe: (event) => {
      try {
        const line: JsonLine = { schemaVersion: 1, time: date().toISOString(), ...event };
        write(joinLines([printableJson(redacted(line))]));
      } catch {
        // A screen that breaks must not stop a crossgrade.
      }
    },
    finish: async () => undefined,
  };
}
