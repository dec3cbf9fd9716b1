import { joinLines, type Printable, printableLine } from '../../base/printable.ts';

/** What a terminal can show: colours and signs. Decided once, handed to every view. */

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Puts text in a style, or leaves it as it is where colours are off. */
export type Paint = (style: Style, text: string) => string;

const codes: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** @param enabled false: text stays as it is */
export function createPaint(enabled: boolean): Paint {
  return enabled
    ? (style, text) => `\u001b[${codes[style][0]}m${text}\u001b[${codes[style][1]}m`
    : (_style, text) => text;
}

export interface Signs {
  readonly done: string;
  readonly failed: string;
  readonly skipped: string;
  readonly waiting: string;
  readonly current: string;
  readonly warning: string;
  readonly message: string;
  readonly remedy: string;
  readonly separator: string;
  readonly ellipsis: string;
  readonly spinner: readonly string[];
}

const unicodeSigns: Signs = {
  done: '✔',
  failed: '✖',
  skipped: '↓',
  waiting: '·',
  current: '❯',
  warning: '!',
  message: '›',
  remedy: '→',
  separator: '·',
  ellipsis: '…',
  spinner: ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'],
};

const asciiSigns: Signs = {
  done: '+',
  failed: 'x',
  skipped: '-',
  waiting: '.',
  current: '>',
  warning: '!',
  message: '>',
  remedy: '->',
  separator: '-',
  ellipsis: '...',
  spinner: ['|', '/', '-', '\\'],
};

/** How views look. */
export interface Look {
  readonly paint: Paint;
  readonly signs: Signs;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Who asks for text gets it as on a terminal that can do no more: no colours, no menus to move in, nothing redrawn. */
const textAlone: Environment = { TERM: 'dumb' };

/**
 * @param words of the command line; read here, since wrong usage is told as well
 * @returns the environment by which everything is shown
 */
export function shownIn(environment: Environment, words: readonly string[]): Environment {
  return asksFor('text', words) ? { ...environment, ...textAlone } : environment;
}

/** @returns whether the command line has `--output FORMAT` */
export function asksFor(format: 'text' | 'json', words: readonly string[]): boolean {
  return words.includes(`--output=${format}`) || words[words.indexOf('--output') + 1] === format;
}

/** A stream that may be a terminal: `process.stdout` and what tests put in its place. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** One of the two standard streams: it takes what may be printed, and nothing else. */
export type Output = Omit<NodeJS.WriteStream, 'write'> & { write(text: Printable): boolean };

/** @param color false for `--no-color` */
export function createLook(stream: TerminalStream, environment: Environment, color = true): Look {
  const isTerminal = stream.isTTY === true && environment.TERM !== 'dumb';
  const forbidden = (environment.NO_COLOR ?? '') !== '';
  return {
    paint: createPaint(color && isTerminal && !forbidden),
    signs: canShowUnicode(environment) ? unicodeSigns : asciiSigns,
  };
}

const typewriter: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '…': '...',
  '–': '-',
  '—': '-',
  '→': '->',
  '·': '-',
  '×': 'x',
};

/**
 * Where a view's lines become what may be written.
 *
 * @returns the lines, with no other codes in them than those of the look
 */
export function printLines(lines: readonly string[], { paint }: Look): Printable[] {
  const hasStyles = paint('bold', 'x') !== 'x';
  return lines.map((line) => printableLine(line, hasStyles));
}

/** @returns a view's lines, to be written */
export function shownLines(lines: readonly string[], look: Look): Printable {
  return joinLines(printLines(lines, look));
}

/** @returns the same, without typographic characters where the look has none either */
export function fitSigns(lines: readonly string[], look: Look): Printable[] {
  const fitted =
    look.signs === asciiSigns
      ? lines.map((line) => line.replace(/[“”‘’…–—→·×]/g, (character) => typewriter[character] ?? character))
      : lines;
  return printLines(fitted, look);
}

/** The look of a file or a pipe. */
export const plainLook: Look = { paint: createPaint(false), signs: asciiSigns };

/** A serial line whose size nobody has set has none: 0 columns and 0 rows. That is not narrow, but unknown. */
export function forgetZeroSize(stream: TerminalStream): void {
  if (stream.columns === 0 || stream.rows === 0) Object.assign(stream, { columns: undefined, rows: undefined });
}

/**
 * The text console (TERM=linux) has neither ticks nor braille in its font, and many 32-bit hosts are
 * looked after from exactly there.
 */
function canShowUnicode(environment: Environment): boolean {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return /utf-?8/i.test(locale) && !/^(linux|dumb|vt\d+)/.test(environment.TERM ?? 'dumb');
}

/**
 * @returns whether a screen that redraws itself can be used. Not on a tiny terminal, and not for someone who
 * listens to it (`ACCESSIBLE`, the variable that other programs use for screen readers).
 */
export function canRedraw(stream: TerminalStream, environment: Environment): boolean {
  return (
    stream.isTTY === true &&
    (environment.TERM ?? '') !== '' &&
    environment.TERM !== 'dumb' &&
    (environment.ACCESSIBLE ?? '') === '' &&
    (stream.columns ?? 80) >= 40 &&
    (stream.rows ?? 24) >= 8
  );
}
