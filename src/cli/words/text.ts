/** Text that fits a terminal. */

import { joinLines, type Printable, printable } from '../../base/printable.ts';
import { wrap } from '../../base/wrap.ts';

/** Widest text we write, even on a wider terminal: longer lines are hard to read. */
const readableColumns = 100;

/** @returns columns to write in: those of the terminal, 80 when unknown, never more than a reader likes */
export function textColumns(columns: number | undefined): number {
  return Math.max(20, Math.min(columns ?? 80, readableColumns));
}

/** @returns one line, in which control characters can be seen: a script's output must not move the cursor or ring the bell */
export function plainLine(text: string): Printable {
  return printable(text.replaceAll('\t', ' ').trim());
}

/** @returns the text, or its beginning and `…` (`...` where that cannot be shown) */
export function truncate(text: string, width: number, ellipsis = '…'): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  if (width <= ellipsis.length) return ellipsis.slice(0, Math.max(0, width));
  return `${characters
    .slice(0, width - ellipsis.length)
    .join('')
    .trimEnd()}${ellipsis}`;
}

/** @returns wrapped lines, the first after `first`, the others below its text */
export function hang(first: string, text: string, columns: number): string[] {
  const indent = ' '.repeat(first.length);
  return wrap(text, columns - first.length).map((line, index) => `${index === 0 ? first : indent}${line}`);
}

/**
 * What was written for a terminal of any width: a command's words, a list, columns.
 *
 * @returns the line as it is, where it fits; else broken at spaces, below its first word
 */
export function fold(indent: string, line: string, columns: number): string[] {
  const before = indent + (/^ */.exec(line)?.[0] ?? '');
  const text = line.trim();
  return before.length + text.length <= columns ? [before + text] : hang(before, text, columns);
}

/** @returns whether items are phrases, which can't be told apart in one line of many */
export function arePhrases(items: readonly string[]): boolean {
  return items.length > 1 && items.some((item) => /[,:] /.test(item));
}

/** @returns `a, b, c and 41 more`; all of them when there are no more than `most` */
export function listSome(items: readonly string[], most: number): string {
  if (items.length <= most) return items.join(', ');
  return `${items.slice(0, most).join(', ')} and ${items.length - most} more`;
}

/** Writes a sentence or two; a file and a pipe get them in one line. */
export function say(
  stream: { readonly isTTY?: boolean; readonly columns?: number; write(text: Printable): unknown },
  text: string,
): void {
  const lines = stream.isTTY ? wrap(text, textColumns(stream.columns)) : [text];
  stream.write(joinLines(lines.map(printable)));
}
