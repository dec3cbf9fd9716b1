import type { Finding, Remedy } from '../base/finding.ts';
import { isCopyable, needsShell, shellFor, shellWord } from '../base/shell-word.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { Failure } from './event.ts';

/** Commands in a message are copied: on another root than `/` they must say so. */

/** @returns the text, with `--root` in each of our own commands */
export function nameRoot(text: string, root: string): string {
  return root === '/'
    ? text
    : text.replace(
        /\bcrossgrade (check|run|resume|rollback|rescue|status|verify)\b(?! --root)/g,
        (command) => `${command} --root ${shellWord(root)}`,
      );
}

/** @returns a command that works inside the root, when typed outside */
export function inRoot(command: string, root: string): string {
  if (root === '/') {
    return command;
  }
  return `chroot ${shellWord(root)} ${needsShell(command) ? `${shellFor(command)} -c ${shellWord(command)}` : command}`;
}

const notCopyable: Remedy = {
  hint: 'For what has a name that is no text no command is shown: nobody could copy it.',
};

/** The way to type each remedy from outside the root. */
export function forRoot(findings: readonly Finding[], root: string): Finding[] {
  return findings.map((finding) => {
    const remedies = finding.remedies.map((one) => remedyForRoot(one, root));
    const shown = remedies.filter((one) => !('command' in one) || isCopyable(one.command));
    return { ...finding, remedies: shown.length < remedies.length ? [...shown, notCopyable] : shown };
  });
}

function remedyForRoot(remedy: Remedy, root: string): Remedy {
  if ('command' in remedy) return { command: inRoot(remedy.command, root) };
  return 'hint' in remedy ? { hint: nameRoot(remedy.hint, root) } : remedy;
}

/** The way to type what takes back a difference from outside the root. */
export function comparisonForRoot(comparison: Comparison, root: string): Comparison {
  return {
    ...comparison,
    differences: comparison.differences.map((one) =>
      one.command === undefined ? one : { ...one, command: inRoot(one.command, root) },
    ),
  };
}

/** What the engine names is inside the root; the rest, and what the user has typed, is not. */
const namesInside = /^CG0(1\d\d|2\d\d|31[67])$/;

/** The beginning of a path of the system; not within another path, an address, a word, or a line that is quoted. */
const pathBegins = /(?<![\w/.~:"$-])(?=\/(?:bin|boot|dev|etc|home|lib\w*|opt|proc|root|run|s?bin|srv|tmp|usr|var)\b)/g;

/** A failure in the words of who stands outside the root: an administrator must not mend another system than this one. */
export function failureForRoot<Told extends Failure>(failure: Told, root: string): Told {
  if (root === '/') return failure;
  const outside = namesInside.test(failure.code)
    ? (text: string) => seenFromOutside(text, root)
    : (text: string) => text;
  return {
    ...failure,
    message: outside(failure.message),
    details: failure.details.map(outside),
    ...(failure.hint !== undefined && { hint: nameRoot(outside(failure.hint), root) }),
  };
}

/** Commands are between backticks, but for our own. */
function seenFromOutside(text: string, root: string): string {
  return text.replace(/`([^`]+)`|[^`]+/g, (part, command: string | undefined) => {
    if (command === undefined) {
      return part.replace(pathBegins, (_, place: number) => (part.startsWith(`${root}/`, place) ? '' : root));
    }
    return command.includes(' ') && !command.startsWith('crossgrade ') ? `\`${inRoot(command, root)}\`` : part;
  });
}
