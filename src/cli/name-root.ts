import type { Comparison } from '../core/comparison.ts';
import type { Finding, Remedy } from '../core/finding.ts';
import { isCopyable, needsShell, shellWord } from '../core/shell-word.ts';

/** Commands in a message are copied: on another root than `/` they must say so. */

/** @returns the text, with `--root` in each of our own commands */
export function nameRoot(text: string, root: string): string {
  return root === '/'
    ? text
    : text.replace(
        /\bcrossgrade (check|run|resume|rollback|status|verify)\b(?! --root)/g,
        (command) => `${command} --root ${shellWord(root)}`,
      );
}

/** @returns a command that works inside the root, when typed outside */
export function inRoot(command: string, root: string): string {
  if (root === '/') {
    return command;
  }
  return `chroot ${shellWord(root)} ${needsShell(command) ? `sh -c ${shellWord(command)}` : command}`;
}

const notCopyable: Remedy = {
  hint: 'For what has control characters in its name no command is shown: nobody could copy it.',
};

/** The way to type each remedy from outside the root. */
export function forRoot(findings: readonly Finding[], root: string): Finding[] {
  return findings.map((finding) => {
    const remedies = finding.remedies.map((one) => ('command' in one ? { command: inRoot(one.command, root) } : one));
    const shown = remedies.filter((one) => !('command' in one) || isCopyable(one.command));
    return { ...finding, remedies: shown.length < remedies.length ? [...shown, notCopyable] : shown };
  });
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
