import { mapTexts } from '../../base/map-texts.ts';
import { printableLines } from '../../base/printable.ts';
import type { RunEvent } from '../../run/event.ts';
import type { Screen, ScreenStream } from './screen.ts';
import { createJsonScreen } from './screen-json.ts';
import { createListrScreen } from './screen-listr.ts';
import { createPlainScreen } from './screen-plain.ts';
import type { Environment } from './terminal.ts';
import { canRedraw } from './terminal.ts';

export interface ScreenChoice {
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly verbose: boolean;
  readonly stdout: ScreenStream;
  readonly stderr: ScreenStream;
  readonly environment: Environment;
  /** Milliseconds since 1970; absent: this machine's clock. */
  readonly now?: () => number;
}

/** Events as results on stdout for programs; progress on stderr for people, live where the terminal can do it. */
export function createScreen({ output, color, verbose, stdout, stderr, environment, now }: ScreenChoice): Screen {
  if (output === 'json') return createJsonScreen({ stream: stdout });
  const options = { stream: stderr, environment, color, verbose, ...(now && { now }) };
  const { observe, finish } = canRedraw(stderr, environment)
    ? createListrScreen({ ...options, other: stdout })
    : createPlainScreen(options);
  // Before it is drawn: what is shown is as wide as the views think.
  return { observe: (event) => observe(printableEvent(event)), finish };
}

/** The texts of steps and failures may have lines of their own; they are taken apart by who shows them. */
function printableEvent(event: RunEvent): RunEvent {
  return mapTexts(event, (text) => printableLines(text).join('\n'));
}
