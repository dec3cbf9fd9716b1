import { type Printable, text } from '../../base/printable.ts';
import type { TerminalStream } from './terminal.ts';

/**
 * Keeps a block of lines at the bottom of a terminal up to date. Only lines that changed are written again:
 * no flicker, and few bytes on a slow connection or a serial console (listr2's own log-update erases and
 * rewrites everything at every tick).
 */

const control = text`\u001b[`;
const eraseToEndOfLine = text`${control}K`;
const eraseBelow = text`${control}J`;
// While these are off, a line that is wider than we believe is cut by the terminal and doesn't break the block.
const wrapOff = text`${control}?7l`;
const wrapOn = text`${control}?7h`;

export interface Painter {
  /** @param lines at most as many as the terminal has rows, less one */
  paint(lines: readonly Printable[]): void;
  /** Takes the block off the screen; the cursor is where the block began. */
  clear(): void;
}

/** @param write must not throw */
export function createPainter(stream: TerminalStream, write: (text: Printable) => void): Painter {
  let painted: readonly Printable[] = [];
  let columns = stream.columns;

  /** Goes to where the block begins. After a change of width the terminal has broken our lines anew. */
  const toTop = (): Printable => {
    const rows = painted.reduce((sum, line) => sum + rowsOf(line, stream.columns), 0);
    return rows === 0 ? text`\r` : text`\r${control}${rows}A`;
  };

  const repaint = (lines: readonly Printable[]): Printable => {
    let all = text`${toTop()}${eraseBelow}`;
    for (const line of lines) all = text`${all}${line}\r\n`;
    return all;
  };

  const update = (lines: readonly Printable[]): Printable => {
    const same = (index: number): boolean => index < painted.length && painted[index] === lines[index];
    let first = 0;
    while (first < lines.length && same(first)) first += 1;
    if (first === lines.length && lines.length === painted.length) return text``;
    const up = painted.length - first;
    let all = up > 0 ? text`\r${control}${up}A` : text`\r`;
    for (const [index, line] of lines.slice(first).entries()) {
      all = same(first + index) ? text`${all}\r\n` : text`${all}${line}${eraseToEndOfLine}\r\n`;
    }
    return lines.length < painted.length ? text`${all}${eraseBelow}` : all;
  };

  return {
    paint(lines) {
      const all = stream.columns === columns ? update(lines) : repaint(lines);
      columns = stream.columns;
      painted = [...lines];
      if (all !== '') write(text`${wrapOff}${all}${wrapOn}`);
    },
    clear() {
      if (painted.length > 0) write(text`${toTop()}${eraseBelow}`);
      painted = [];
    },
  };
}

function rowsOf(line: string, columns: number | undefined): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that our views put there
  const width = Array.from(line.replace(/\u001b\[[0-9;]*m/g, '')).length;
  return columns === undefined ? 1 : Math.max(1, Math.ceil(width / columns));
}
