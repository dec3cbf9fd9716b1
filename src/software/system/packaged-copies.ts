import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { type CopyOrHardLink, possibleCopies } from '../packaged-copies.ts';

/**
 * Which files outside packages have, byte for byte, the content of a file that a package ships.
 *
 * @param shipped what packages ship, where it really is
 * @returns the copy, with what it is one of
 */
export async function findPackagedCopies(
  machine: Machine,
  files: readonly CopyOrHardLink[],
  shipped: Iterable<string>,
): Promise<Map<string, string>> {
  const bytes = new Map(files.map((one) => [one.path, one.bytes]));
  const found = new Map<string, string>();
  for (const { copy, originals } of possibleCopies(files, shipped)) {
    const sum = sumOf(machine, copy as RootPath);
    for (const original of originals) {
      const info = await machine.info(original as RootPath).catch(() => undefined);
      if (info?.type !== 'file' || info.bytes !== bytes.get(copy)) continue;
      const wanted = await sum();
      if (wanted === undefined || wanted !== (await sumOf(machine, original as RootPath)())) continue;
      found.set(copy, original);
      break;
    }
  }
  return found;
}

/** @returns the sum when it is asked for, once; undefined of what may not be read, or is gone */
function sumOf(machine: Machine, path: RootPath): () => Promise<string | undefined> {
  let sum: Promise<string | undefined> | undefined;
  return () => {
    sum ??= machine.hash(path, 'md5').catch(() => undefined);
    return sum;
  };
}
