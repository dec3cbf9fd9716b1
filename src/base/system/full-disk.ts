import type { Machine } from '../machine.ts';
import { logFolder } from '../own-paths.ts';
import type { RootPath } from '../root.ts';

/** Less than this is nothing: no program can write what it has to. */
const scarceBytes = 2 * 1024 * 1024;
const scarceInodes = 50;

/**
 * Whether a program failed because a disk is full. Its log, which would say so, may be on the full disk as well: then
 * so little is left that there is no doubt.
 *
 * @param said what the program printed
 * @param places where it writes, beside the usual ones
 * @returns lines that show it; empty when there is space
 */
export async function signsOfFullDisk(machine: Machine, said: string, places: readonly RootPath[]): Promise<string[]> {
  const lines = said.split('\n').filter((line) => line.includes('No space left on device'));
  if (lines.length > 0) {
    return lines.slice(0, 3);
  }
  for (const path of ['/', '/usr', '/var', logFolder, ...places] as const) {
    const { freeBytes, freeInodes, countsInodes } = await machine.filesystem(path);
    if (freeBytes < scarceBytes) {
      return [`${Math.floor(freeBytes / 1024)} KiB are free in ${path}`];
    }
    if (countsInodes && freeInodes < scarceInodes) {
      return [`${freeInodes} inodes are free in ${path}`];
    }
  }
  return [];
}
