import { unprintable } from './printable.ts';

/**
 * The one place that makes words for a shell, whoever types or runs them.
 *
 * @returns a word as a shell takes it, whatever is in it; a whole line becomes one for `sh -c` in the same way. What a
 *   terminal acts on or does not show is written so that it can be seen and copied, which takes bash (`$'…'`)
 * @see POSIX, Shell Command Language, 2.2.2 Single-Quotes; bash(1), QUOTING
 */
export function shellWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (word.search(unprintable) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replace(/[\\']/g, '\\$&').replace(unprintable, octal)}'`;
}

/** Of three digits, so that what follows is not taken for more of it; the same in every locale. */
function octal(character: string): string {
  return [...new TextEncoder().encode(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** @returns the shell that runs such a line: dash does not know `$'…'` */
export function shellFor(line: string): 'sh' | 'bash' {
  return line.includes("$'") ? 'bash' : 'sh';
}

/** @returns a command of these words, to be copied */
export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}

/** @param text words apart by blanks, as another program printed them */
export function shellText(text: string): string {
  return shellWords(text.split(/\s+/).filter((word) => word !== ''));
}

/**
 * What was no text, and what has got past {@link shellWord}: nobody can copy that.
 *
 * @param command quoted already
 */
export function isCopyable(command: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.test(command);
}

const quotedOrPlain = /\$'(?:[^'\\]|\\.)*'|'[^']*'|\\'|[\w@%+=:,./ -]/g;

/** @returns whether it is more than a program and its words: then only a shell can run it */
export function needsShell(command: string): boolean {
  return command.replaceAll(quotedOrPlain, '') !== '' || /^(cd|export|\w+=\S*) /.test(command);
}
