import { CrossgradeError } from '../base/error.ts';
import { readMarks } from './marks.ts';

/**
 * Reads an older list of automatically installed packages: what `apt-mark showauto` has printed, or an extended_states.
 *
 * @param fileName for messages
 * @returns package names, sorted: what a package was before it went over is the same package
 * @throws {CrossgradeError} CG0361 for what is neither, and a list without any
 */
export function readMarksList(text: string, fileName: string): string[] {
  const words = /^Package:/m.test(text) ? [...readMarks(text, fileName, 'all')] : text.split(/\s+/).filter(Boolean);
  const strange = words.filter((word) => !/^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$/.test(word));
  if (words.length === 0 || strange.length > 0) {
    throw new CrossgradeError(`${fileName} is no list of automatically installed packages.`, {
      code: 'CG0361',
      details: strange.length > 0 ? [`no package is called ${strange.slice(0, 3).join(', ')}`] : ['it names none'],
      hint: 'Nothing was changed. It takes what apt-mark showauto prints, or a copy of /var/lib/apt/extended_states.',
      exitCode: 2,
    });
  }
  return [...new Set(words.map((word) => word.replace(/:.*/, '')))].sort();
}
