import type { Machine } from '../machine.ts';
import type { RootPath } from '../root.ts';

/**
 * For files that others write, in whatever size: what is no plain file, or too large, is as if it were not there. No
 * link is followed.
 *
 * @throws what the reading throws; EACCES where only root may look
 */
export async function readBounded(machine: Machine, path: RootPath, mostBytes: number): Promise<string | undefined> {
  const info = await machine.info(path);
  if (info?.type !== 'file' || info.bytes > mostBytes) return undefined;
  return machine.readTextIfThere(path);
}
