/**
 * The one place that makes words for a shell, whoever types or runs them.
 *
 * @returns a word as a shell takes it, whatever is in it; a whole line becomes one for `sh -c` in the same way
 * @see POSIX, Shell Command Language, 2.2.2 Single-Quotes
 */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
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
 * What a terminal acts on or does not show, such as line ends and changes of the writing direction, and what was no
 * text: nobody can copy that.
 *
 * @param command quoted already
 */
export function isCopyable(command: string): boolean {
  return !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.test(command);
}

const quotedOrPlain = /'[^']*'|\\'|[\w@%+=:,./ -]/g;

/** @returns whether it is more than a program and its words: then only a shell can run it */
export function needsShell(command: string): boolean {
  return command.replaceAll(quotedOrPlain, '') !== '' || /^(cd|export|\w+=\S*) /.test(command);
}
