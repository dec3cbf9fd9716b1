import type { OnStage } from '../engine/assess.ts';
import { formatDuration } from './format.ts';
import { canRedraw, createLook, type Environment } from './terminal.ts';
import { truncate } from './text.ts';

/** What is written to, and whether it is a terminal. */
export interface StageStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
}

export interface StageLine {
  readonly onStage: OnStage;
  /** Takes the line away; safe to call more than once. */
  end(): void;
}

const refreshMs = 200;
/** Back to the beginning of the line, and nothing is left of it. */
const clear = '\r\u001b[K';

/**
 * Says on a terminal what is being done, and for how long it has been: one line that is gone at the end, or a line for
 * each where it cannot be drawn again. Elsewhere nothing.
 *
 * @param options quiet: programs read what is written; now: milliseconds since any fixed moment
 */
export function createStageLine(
  stream: StageStream,
  environment: Environment,
  { color = true, quiet = false, now = Date.now }: { color?: boolean; quiet?: boolean; now?: () => number } = {},
): StageLine {
  const { paint, signs } = createLook(stream, environment, color);
  if (quiet || stream.isTTY !== true) return { onStage: () => () => undefined, end: () => undefined };
  if (!canRedraw(stream, environment)) {
    const onStage = (text: string): (() => void) => {
      stream.write(`${text} ${signs.ellipsis}\n`);
      return () => undefined;
    };
    return { onStage, end: () => undefined };
  }
  const begun = now();
  const running: string[] = [];
  let drawn = '';
  const draw = (): void => {
    if (running.length === 0) return;
    const seconds = Math.floor((now() - begun) / 1000);
    const time = ` ${signs.ellipsis}${seconds > 0 ? ` ${formatDuration(seconds)}` : ''}`;
    const line = truncate(running.join(', '), (stream.columns ?? 80) - 1 - time.length, signs.ellipsis) + time;
    if (line !== drawn) stream.write(clear + paint('dim', line));
    drawn = line;
  };
  const timer = setInterval(draw, refreshMs).unref();
  return {
    onStage: (text) => {
      running.push(text);
      draw();
      return () => {
        running.splice(running.indexOf(text), 1);
        draw();
      };
    },
    end: () => {
      clearInterval(timer);
      if (drawn !== '') stream.write(clear);
      drawn = '';
      running.length = 0;
    },
  };
}
