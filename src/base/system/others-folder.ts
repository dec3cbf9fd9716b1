import withFiles from '#guest/root/as-user-with.sh';
import makeFolderScript from '#guest/root/make-folder.sh';
import type { Machine } from '../machine.ts';
import type { FileInfo, RootPath } from '../root.ts';
import { DataTrouble, must } from './must.ts';

/** A user and a group, by their numbers: nobody need have their names. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * A program as another user. A shell of ours waits for it: who looks for programs that a killed crossgrade has left at
 * work knows them by their being root's.
 */
export function asUser({ uid, gid }: Owner, argv: readonly string[]): string[] {
  if (uid === 0) return [...argv];
  const change = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'];
  return ['sh', '-c', '"$@"; exit $?', 'sh', ...change, ...argv];
}

/** As path_resolution(7) has it. */
const maxSymlinks = 40;

/**
 * Follows a path as long as only root decides what stands for each of its names.
 *
 * @returns the folder's path without symlinks, which nobody but root can lead elsewhere, and in which nobody but root can
 *   put anything; undefined where somebody else can
 */
export async function rootsOwnFolder(machine: Machine, path: RootPath): Promise<RootPath | undefined> {
  // Ours, and not on the root's disk.
  const isOurs = `${path}/`.startsWith(`${machine.workDirectory}/`);
  const start = isOurs ? machine.workDirectory : '/';
  const pending = namesIn(isOurs ? path.slice(start.length) : path).reverse();
  return follow(machine, start, pending, 0);
}

async function follow(
  machine: Machine,
  here: RootPath,
  pending: string[],
  symlinks: number,
): Promise<RootPath | undefined> {
  const info = await machine.info(here);
  const isLast = pending.length === 0;
  if (!info || !isRootsOwn(info, isLast) || symlinks > maxSymlinks) return undefined;
  if (info.type === 'symlink') {
    const target = await machine.readLink(here);
    const from = target.startsWith('/') ? '/' : folderOf(here);
    return follow(machine, from, [...pending, ...namesIn(target).reverse()], symlinks + 1);
  }
  return isLast ? here : follow(machine, inFolder(here, pending.pop() ?? ''), pending, symlinks);
}

/** A symlink, or a folder in which nobody but root can rename or remove what is root's, or, if it is the last, anything. */
function isRootsOwn({ uid, type, mode }: FileInfo, isLast: boolean): boolean {
  if (uid !== 0) return false;
  if (type !== 'directory') return type === 'symlink';
  const isSticky = (mode & 0o1000) !== 0;
  return (mode & 0o022) === 0 || (isSticky && !isLast);
}

function inFolder(folder: RootPath, name: string): RootPath {
  if (name === '..') return folderOf(folder);
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

export function folderOf(path: RootPath): RootPath {
  return (path.slice(0, path.lastIndexOf('/')) || '/') as RootPath;
}

/** Whether nobody but root can put something else in the place of a file or a folder. */
export async function isPlaceRootsOwn(machine: Machine, path: RootPath): Promise<boolean> {
  return (await rootsOwnFolder(machine, folderOf(path))) !== undefined;
}

/** Whether it is a plain file that nobody but root can have put there, and nobody else can change. */
export async function isRootsOwnFile(machine: Machine, path: RootPath): Promise<boolean> {
  const info = await machine.info(path);
  if (info?.type !== 'file' || info.uid !== 0 || (info.mode & 0o022) !== 0) return false;
  return isPlaceRootsOwn(machine, path);
}

/**
 * Why what an owner has in a folder can be renamed neither by him nor by root, without being led elsewhere by a third one;
 * undefined when it can.
 */
export async function placeObstacle(machine: Machine, path: RootPath, { uid }: Owner): Promise<string | undefined> {
  const parent = folderOf(path);
  if ((await machine.info(parent))?.uid === uid && uid !== 0) return undefined;
  if (await isPlaceRootsOwn(machine, path)) return undefined;
  return `${parent} belongs to neither its owner nor root alone, so others may exchange what lies in it`;
}

/**
 * Changes in folders that are not root's. Whoever owns one can put a symlink, or a file of somebody else's, in the place
 * of whatever lies in it, at any moment, and root would follow. So all is done by programs that run as the owner, who
 * can do nothing there that he could not do without us. Root itself acts only where a folder of the owner's stands in
 * one that is root's alone, on this folder's own name.
 */
export interface OthersFolder {
  /** Where there is something to rename, and nothing in its way. */
  rename(from: RootPath, to: RootPath): Promise<void>;
  /** Does nothing when the owner has such a folder already. */
  makeFolder(path: RootPath, mode: number): Promise<void>;
  /** Something may lie in its way, which is replaced. */
  moveInto(folder: RootPath, from: RootPath): Promise<void>;
  /** A file, or a folder with all that is in it. */
  remove(path: RootPath): Promise<void>;
}

export function othersFolder(machine: Machine, owner: Owner): OthersFolder {
  const asOwner = (what: string, argv: readonly string[]) =>
    must(machine, what, asUser(owner, argv), { workingDirectory: '/' });

  /** @returns the path by which root may name it; undefined when the owner has to do it */
  const nameForRoot = async (path: RootPath): Promise<RootPath | undefined> => {
    const folder = await rootsOwnFolder(machine, folderOf(path));
    if (folder === undefined && owner.uid === 0) {
      throw new DataTrouble(`${path} is root’s, but lies where others than root may exchange it`);
    }
    return folder && inFolder(folder, path.slice(path.lastIndexOf('/') + 1));
  };

  const assertOwners = async (path: RootPath): Promise<void> => {
    if ((await machine.info(path))?.uid === owner.uid) return;
    throw new DataTrouble(`${path} belongs to somebody else than before`);
  };

  return {
    async rename(from, to) {
      if (!(await machine.info(from))) return;
      if (await machine.info(to)) throw new DataTrouble(`${to} is there already, so ${from} cannot be renamed to it`);
      const what = `${from} cannot be renamed`;
      const names = [await nameForRoot(from), await nameForRoot(to)];
      const [fromForRoot, toForRoot] = names;
      const move = ['mv', '--no-target-directory', '--'];
      if (fromForRoot === undefined || toForRoot === undefined) {
        await asOwner(what, [...move, from, to]);
        return;
      }
      await assertOwners(fromForRoot);
      await must(machine, what, [...move, fromForRoot, toForRoot]);
    },

    async makeFolder(path, mode) {
      const there = await machine.info(path);
      if (there?.type === 'directory' && there.uid === owner.uid) return;
      const what = `${path} cannot be made`;
      const name = await nameForRoot(path);
      const octal = mode.toString(8);
      if (name === undefined) {
        await asOwner(what, ['mkdir', `--mode=${octal}`, '--', path]);
        return;
      }
      await must(machine, what, ['sh', '-ec', makeFolderScript, 'sh', name, `${owner.uid}:${owner.gid}`, octal]);
    },

    async moveInto(folder, from) {
      const name = await nameForRoot(from);
      const move = ['mv', '--force', '--target-directory', folder, '--', name ?? from];
      if (name === undefined || (await rootsOwnFolder(machine, folder)) === undefined) {
        await asOwner(`${from} cannot be moved`, move);
      } else await must(machine, `${from} cannot be moved`, move);
    },

    async remove(path) {
      if (!(await machine.info(path))) return;
      const name = await nameForRoot(path);
      if (name === undefined) {
        await asOwner(`${path} cannot be removed`, ['rm', '--recursive', '--force', '--one-file-system', '--', path]);
        return;
      }
      await assertOwners(name);
      await machine.removeTree(name);
    },
  };
}

/** The owner's programs write to it, or read it, as descriptor 9 or as their own input and output, in folders that only root may enter. */
export interface Lent {
  /** Their standard input: a file of root's. */
  readonly file?: RootPath;
  /** Their standard output: a file of root's, made anew. */
  readonly output?: RootPath;
  /** A folder or a file that they know by {@link lentPath}, if its own mode lets them. */
  readonly lent?: RootPath;
}

/** By which the owner's programs reach what was lent to them. */
export const lentPath: RootPath = '/proc/self/fd/9';

/** Files of root's are opened by root, and given on as descriptors: an owner's program needs no way to them. */
export function asUserWith(owner: Owner, { file, output, lent }: Lent, argv: readonly string[]): string[] {
  return ['sh', '-c', withFiles, 'sh', file ?? '', output ?? '', lent ?? '', ...asUser(owner, argv)];
}
