import { brokenLine } from '../debian/deb822.ts';
import type { StatOverride } from '../debian/inventory.ts';

/**
 * Reads /var/lib/dpkg/statoverride: `user group mode path`, one a line. Users and groups may be numbers (`#33`); a path
 * may have spaces.
 *
 * @param fileName for messages
 * @throws {CrossgradeError} CG0101 for a line of another shape, and for an empty one, which dpkg refuses, too
 * @see dpkg-statoverride(1); dpkg's lib/dpkg/db-fsys-override.c
 */
export function parseStatOverrides(text: string, fileName: string): StatOverride[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw brokenLine({ fileName, line: lines.length + 1 }, 'the file was cut off in it');

  return lines.map((content, index) => {
    const [, user, group, mode, path] = /^(\S+) (\S+) ([0-7]{1,5}) (\/.*)$/.exec(content) ?? [];
    if (user === undefined || group === undefined || mode === undefined || path === undefined) {
      throw brokenLine({ fileName, line: index + 1 }, 'expected a user, a group, an octal mode and an absolute path');
    }
    return { user, group, mode, path };
  });
}
