import { joinLines, type Printable, text } from '../../base/printable.ts';
import type { OnStage } from '../../check/system/assess.ts';
import { formatDuration } from '../words/format.ts';
import { truncate } from '../words/text.ts';
import { canRedraw, createLook, type Environment, printLines } from './terminal.ts';

/** What is written to, and whether it is a terminal. */
export interface StageStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: Printable): boolean;
}

export interface StageLine {
  readonly onStage: OnStage;
  /** Takes the line away; safe to call more than once. */
  end(): void;
}

const refreshMs = 200;
/** Back to the beginning of the line, and nothing is left of it. */
const clear = text`\r\u001b[K`;

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
  const look = createLook(stream, environment, color);
  const { paint, signs } = look;
  if (quiet || stream.isTTY !== true) return { onStage: () => () => undefined, end: () => undefined };
  if (!canRedraw(stream, environment)) {
    const onStage = (stage: string): (() => void) => {
      stream.write(joinLines(printLines([`${stage} ${signs.ellipsis}`], look)));
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
    if (line !== drawn) for (const one of printLines([paint('dim', line)], look)) stream.write(text`${clear}${one}`);
    drawn = line;
  };
  const timer = setInterval(draw, refreshMs).unref();
  return {
    onStage: (stage) => {
      running.push(stage);
      draw();
      return () => {
        running.splice(running.indexOf(stage), 1);
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
