import { brokenLine } from '../debian/deb822.ts';
import type { Diversion } from '../debian/inventory.ts';

/**
 * Reads /var/lib/dpkg/diversions: three lines an entry, the path, where it is diverted to, and the package whose files
 * are not diverted.
 *
 * @param fileName for messages
 * @throws {CrossgradeError} CG0101 for an entry that is not complete
 * @see dpkg-divert(1); dpkg's lib/dpkg/db-fsys-divert.c
 */
export function parseDiversions(text: string, fileName: string): Diversion[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw brokenLine({ fileName, line: lines.length + 1 }, 'the file was cut off in it');

  const diversions: Diversion[] = [];
  for (let index = 0; index < lines.length; index += 3) {
    const [path = '', divertedTo = '', owner = ''] = lines.slice(index, index + 3);
    const line = index + 1;
    if (!path.startsWith('/') || !divertedTo.startsWith('/')) {
      throw brokenLine({ fileName, line }, 'a diversion is two absolute paths and a package, on three lines');
    }
    if (owner === '') throw brokenLine({ fileName, line }, `the diversion of ${path} lacks its package`);
    diversions.push({ path, divertedTo, package: owner });
  }
  return diversions;
}
