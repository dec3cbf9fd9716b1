import type { TerminalStream } from './terminal.ts';

/**
 * Keeps a block of lines at the bottom of a terminal up to date. Only lines that changed are written again:
 * no flicker, and few bytes on a slow connection or a serial console (listr2's own log-update erases and
 * rewrites everything at every tick).
 */

const control = '\u001b[';
const eraseToEndOfLine = `${control}K`;
const eraseBelow = `${control}J`;
// While these are off, a line that is wider than we believe is cut by the terminal and doesn't break the block.
const wrapOff = `${control}?7l`;
const wrapOn = `${control}?7h`;

export interface Painter {
  /** @param lines at most as many as the terminal has rows, less one */
  paint(lines: readonly string[]): void;
  /** Takes the block off the screen; the cursor is where the block began. */
  clear(): void;
}

/** @param write must not throw */
export function createPainter(stream: TerminalStream, write: (text: string) => void): Painter {
  let painted: readonly string[] = [];
  let columns = stream.columns;

  /** Goes to where the block begins. After a change of width the terminal has broken our lines anew. */
  const toTop = (): string => {
    const rows = painted.reduce((sum, line) => sum + rowsOf(line, stream.columns), 0);
    return rows === 0 ? '\r' : `\r${control}${rows}A`;
  };

  const repaint = (lines: readonly string[]): string => {
    let text = toTop() + eraseBelow;
    for (const line of lines) text += `${line}\r\n`;
    return text;
  };

  const update = (lines: readonly string[]): string => {
    const same = (index: number): boolean => index < painted.length && painted[index] === lines[index];
    let first = 0;
    while (first < lines.length && same(first)) first += 1;
    if (first === lines.length && lines.length === painted.length) return '';
    const up = painted.length - first;
    let text = up > 0 ? `\r${control}${up}A` : '\r';
    for (let index = first; index < lines.length; index += 1) {
      text += same(index) ? '\r\n' : `${lines[index]}${eraseToEndOfLine}\r\n`;
    }
    return lines.length < painted.length ? text + eraseBelow : text;
  };

  return {
    paint(lines) {
      const text = stream.columns === columns ? update(lines) : repaint(lines);
      columns = stream.columns;
      painted = [...lines];
      if (text !== '') write(wrapOff + text + wrapOn);
    },
    clear() {
      if (painted.length > 0) write(toTop() + eraseBelow);
      painted = [];
    },
  };
}

function rowsOf(line: string, columns: number | undefined): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that our views put there
  const width = Array.from(line.replace(/\u001b\[[0-9;]*m/g, '')).length;
  return columns === undefined ? 1 : Math.max(1, Math.ceil(width / columns));
}
