import { posix } from 'node:path';
import type { Machine } from '../../base/machine.ts';
import type { FileInfo, RootPath } from '../../base/root.ts';
import type { EtcChange, EtcEntry } from '../explain-etc.ts';
import { isOfVersionControl } from '../version-control.ts';

/** Larger files are compared by their sums alone. */
const textLimit = 1024 * 1024;

/**
 * Compares two trees path by path: type, mode, owner, content. Folders' times do not matter. A file of the same size
 * and the same time of change, to the nanosecond, is taken for the same: the copy was made with both.
 *
 * @param copy the tree as it was
 * @param place the tree as it is
 * @returns changes by the path below `place`, sorted
 */
export async function compareTrees(machine: Machine, copy: RootPath, place: RootPath): Promise<EtcChange[]> {
  const before = await treeOf(machine, copy);
  const after = await treeOf(machine, place);
  const changes: EtcChange[] = [];
  for (const inner of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const old = before.get(inner);
    const now = after.get(inner);
    if (old && now && looksTheSame(old, now)) {
      continue;
    }
    const oldEntry = old && (await readEntry(machine, `${copy}${inner}`, old));
    const newEntry = now && (await readEntry(machine, `${place}${inner}`, now));
    if (!oldEntry || !newEntry || !isEqual(oldEntry, newEntry)) {
      changes.push({
        path: `${place}${inner}`,
        ...(oldEntry && { before: oldEntry }),
        ...(newEntry && { after: newEntry }),
        ...(old?.type === 'symlink' &&
          !now &&
          !(await leadsSomewhere(machine, `${place}${inner}`, oldEntry?.content ?? '')) && {
            ledNowhere: true as const,
          }),
      });
    }
  }
  return changes;
}

async function leadsSomewhere(machine: Machine, link: RootPath, target: string): Promise<boolean> {
  return machine.exists(posix.resolve(posix.dirname(link), target) as RootPath);
}

async function treeOf(machine: Machine, folder: RootPath): Promise<Map<string, FileInfo>> {
  const walked = await machine.walk(folder);
  const places = walked.map(({ path, info }) => [path.slice(folder.length), info] as const);
  return new Map(places.filter(([inner]) => !isOfVersionControl(`/etc${inner}`)));
}

function looksTheSame(old: FileInfo, now: FileInfo): boolean {
  return (
    old.type === now.type &&
    old.mode === now.mode &&
    old.uid === now.uid &&
    old.gid === now.gid &&
    (old.type === 'directory' || (old.bytes === now.bytes && old.mtimeMs === now.mtimeMs))
  );
}

function isEqual(old: EtcEntry, now: EtcEntry): boolean {
  return (
    old.type === now.type &&
    old.mode === now.mode &&
    old.uid === now.uid &&
    old.gid === now.gid &&
    old.md5 === now.md5 &&
    old.content === now.content
  );
}

async function readEntry(machine: Machine, path: RootPath, info: FileInfo): Promise<EtcEntry> {
  const { type, mode, uid, gid, bytes } = info;
  const isFile = type === 'file';
  const text = isFile && bytes <= textLimit ? await machine.readText(path) : null;
  return {
    type,
    mode,
    uid,
    gid,
    content: isFile ? text : type === 'symlink' ? await machine.readLink(path) : '',
    md5: isFile ? await machine.hash(path, 'md5') : '',
  };
}
