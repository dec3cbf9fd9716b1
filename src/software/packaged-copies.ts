import { addTo } from '../base/multimap.ts';

/** Where packages' scripts put copies of what packages ship; elsewhere files are the administrator's. */
const placesOfPackages = /^(\/usr\/(?!local\/)|\/boot\/|\/(lib|bin|sbin|etc)|\/var\/(lib|cache)\/)/;

export interface CopyOrHardLink {
  readonly path: string;
  readonly bytes: number;
}

/** What is shipped, and may be what such a file is a copy or a hard link of. */
export interface PossibleCopy {
  readonly copy: string;
  readonly originals: readonly string[];
}

/**
 * A copy keeps its name, or is in a folder beside. One of another name in the same folder is somebody's own, and nothing would
 * make it anew. /usr/lib/cups/backend has hard links of what is in
 * /usr/lib/cups/backend-available, /boot/grub/i386-pc copies of what is in /usr/lib/grub/i386-pc.
 *
 * @param shipped what packages ship, where it really is
 * @returns only those that can be copies
 */
export function possibleCopies(files: readonly CopyOrHardLink[], shipped: Iterable<string>): PossibleCopy[] {
  const wanted = files.filter(({ path }) => placesOfPackages.test(path));
  if (wanted.length === 0) return [];
  const originals = new Map(wanted.map(({ path }) => [path, new Set<string>()]));
  const byName = new Map<string, string[]>();
  const byPlace = new Map<string, string[]>();
  for (const { path } of wanted) {
    addTo(byName, nameOf(path), path);
    const place = folderOf(folderOf(path));
    if (place.split('/').length > 3) addTo(byPlace, place, path);
  }
  for (const path of shipped) {
    const near = (byPlace.get(folderOf(folderOf(path))) ?? []).filter((copy) => folderOf(copy) !== folderOf(path));
    for (const copy of [...(byName.get(nameOf(path)) ?? []), ...near]) originals.get(copy)?.add(path);
  }
  return [...originals]
    .map(([copy, some]) => ({ copy, originals: [...some].filter((one) => one !== copy).sort() }))
    .filter((one) => one.originals.length > 0);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
