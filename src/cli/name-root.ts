import type { Finding } from '../core/finding.ts';

/** Commands in a message are copied: on another root than `/` they must say so. */

/** @returns the text, with `--root` in each of our own commands */
export function nameRoot(text: string, root: string): string {
  return root === '/'
    ? text
    : text.replace(/\bcrossgrade (check|run|resume|rollback|status|verify)\b(?! --root)/g, `$& --root ${root}`);
}

/** @returns a command that works inside the root, when typed outside */
export function inRoot(command: string, root: string): string {
  if (root === '/') {
    return command;
  }
  return command.includes('&&') ? `chroot ${root} sh -c '${command}'` : `chroot ${root} ${command}`;
}

/** The way to type each remedy from outside the root. */
export function forRoot(findings: readonly Finding[], root: string): Finding[] {
  return findings.map((finding) => ({
    ...finding,
    remedies: finding.remedies.map((one) => ('command' in one ? { command: inRoot(one.command, root) } : one)),
  }));
}
