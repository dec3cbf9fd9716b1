import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  cpSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { CrossgradeError } from '../../base/error.ts';
import { type Mount, mountOf } from '../../base/mount.ts';
import { isAtOrBelow, type RootPath } from '../../base/root.ts';
import { readMemory } from '../../hardware/hardware-survey.ts';
import { containerFolders } from '../../software/container-folders.ts';
import { mounts, mountsBelow } from '../files/mounts.ts';
import { cleanEnvironment } from '../programs/environment.ts';
import { makeWorkDirectory, removeWorkDirectory } from '../work-directory.ts';

/** A folder of the root, and what holds the changes to it. */
export interface Layer {
  readonly path: RootPath;
  /** On the host: as it is, what was changed, and both. */
  readonly lower: string;
  readonly upper: string;
  readonly merged: string;
  /** Paths of the root that the view has lacked from the beginning. */
  readonly neverThere?: ReadonlySet<RootPath>;
}

/** A root that looks like another one; what is changed in it is kept apart from that, until it is thrown away. */
export interface View {
  /** On the host, in our own mount namespace alone. */
  readonly directory: string;
  readonly keptIn: 'disk' | 'memory';
  readonly layers: readonly Layer[];
  /** Paths that are not as they are in the root, with the reason. */
  readonly leftOut: readonly { readonly path: RootPath; readonly reason: string }[];
  usedBytes(): number;
  /** Throws it away. */
  close(): void;
}

/** What the kernel and the running system have there is none of the view's business. */
const emptied: ReadonlySet<string> = new Set(['dev', 'proc', 'sys', 'run', 'tmp', 'media', 'mnt']);
/** A filesystem's own, and what an earlier crossgrade has kept. */
const skipped: ReadonlySet<string> = new Set(['lost+found', '.crossgrade']);
/** No overlay can be laid on them; what is read-only by its nature needs none. */
const readOnlyTypes: ReadonlySet<string> = new Set(['squashfs', 'erofs', 'iso9660', 'udf']);
const diskTypes: ReadonlySet<string> = new Set(
  'ext2 ext3 ext4 xfs btrfs f2fs jfs reiserfs bcachefs zfs overlay tmpfs'.split(' '),
);
/** A file that lies in the root folder itself is copied; a swap file is not. */
const mostBytesCopied = 2 ** 20;

/**
 * Lays an overlay on each folder of a root, so that programs may change all of it and nothing of it changes. The caller
 * must be in a mount namespace of its own: what is mounted here ends with it, however it ends.
 *
 * @param root on the host, without symlinks
 * @param neededBytes what is going to be written, as the plan says
 * @throws {CrossgradeError} CG0470 when there is no room, CG0471 when the kernel refuses
 */
export function makeView(root: string, neededBytes: number): View {
  const work = makeWorkDirectory();
  try {
    if (/[,:\\"\s]/.test(work)) throw refused(`${work} cannot stand in the options of a mount`);
    const keptIn = mountStore(work, neededBytes);
    const store = join(work, 'store');
    const usedBefore = usedOf(store);
    const directory = join(store, 'root');
    mkdirSync(directory);
    copyOwner(root, directory);
    const { layers, leftOut } = showFolders({ root, work, store, directory });
    return {
      directory,
      keptIn,
      layers,
      leftOut,
      usedBytes: () => Math.max(0, usedOf(store) - usedBefore),
      close: () => throwAway(work),
    };
  } catch (error) {
    throwAway(work);
    throw error;
  }
}

interface Places {
  readonly root: string;
  readonly work: string;
  readonly store: string;
  readonly directory: string;
}

function showFolders({ root, work, store, directory }: Places): Pick<View, 'layers' | 'leftOut'> {
  const neverThere = new Set<RootPath>();
  const layers: Layer[] = [{ path: '/', lower: root, upper: directory, merged: directory, neverThere }];
  const leftOut: { path: RootPath; reason: string }[] = [];
  const mounted = visibleMounts(root).filter(({ mountPoint }) => !isAtOrBelow(mountPoint, work));
  const show = (path: RootPath): void => {
    const [from, merged] = [join(root, path), join(directory, path)];
    const type = mounted.find(({ mountPoint }) => mountPoint === from)?.type;
    if (type === undefined || diskTypes.has(type)) {
      const place = join(store, 'layers', `${layers.length}`);
      const layer = { path, lower: join(place, 'lower'), upper: join(place, 'upper'), merged };
      layOverlay(from, place, layer);
      layers.push(layer);
    } else if (readOnlyTypes.has(type)) call('mount', ['--bind', from, merged]);
    else leftOut.push({ path, reason: `nothing can be laid over a filesystem of the type ${type}` });
  };
  for (const name of topFolders({ root, directory, leftOut, neverThere })) if (!emptied.has(name)) show(`/${name}`);
  for (const { mountPoint } of mounted) {
    const path: RootPath = `/${mountPoint.slice(root === '/' ? 1 : root.length + 1)}`;
    const [top = '', inside] = path.slice(1).split('/');
    const isContainers = containerFolders.some((folder) => isAtOrBelow(path, folder));
    const isInside = inside !== undefined && !emptied.has(top) && !skipped.has(top) && !isContainers;
    if (isInside && lstatSync(join(directory, path), { throwIfNoEntry: false })?.isDirectory()) show(path);
  }
  return { layers, leftOut };
}

interface Top extends Pick<Places, 'root' | 'directory'> {
  readonly leftOut: { path: RootPath; reason: string }[];
  readonly neverThere: Set<RootPath>;
}

/** Makes what lies in the root folder itself, and yields the names of the folders, which are empty. */
function* topFolders({ root, directory, leftOut, neverThere }: Top): Generator<string> {
  for (const bytes of readdirSync(root, { encoding: 'buffer' })) {
    const name = bytes.toString();
    const made = Buffer.from(name).equals(bytes)
      ? makeTopEntry(name, join(root, name), join(directory, name))
      : { leftOut: 'its name is not UTF-8' };
    if (made === 'folder') yield name;
    if (typeof made === 'string') continue;
    neverThere.add(`/${name}`);
    if (made.leftOut !== undefined) leftOut.push({ path: `/${name}`, reason: made.leftOut });
  }
}

/** @returns why it was not made, where that is worth a word */
function makeTopEntry(name: string, from: string, to: string): 'folder' | 'copy' | { leftOut?: string } {
  const stats = skipped.has(name) ? undefined : lstatSync(from, { throwIfNoEntry: false });
  if (stats === undefined) return {};
  if (stats.isDirectory()) {
    mkdirSync(to);
    copyOwner(from, to);
    return 'folder';
  }
  if (stats.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
  else if (!stats.isFile()) return { leftOut: 'it is neither a folder nor a file' };
  else if (stats.size > mostBytesCopied) return { leftOut: 'it is no folder, and too large to be copied' };
  else cpSync(from, to, { preserveTimestamps: true });
  return 'copy';
}

/**
 * Room for the changes: a filesystem of its own in one file, which goes with that. Nothing of it need survive a power
 * cut, so nothing waits for the disk. Where no file can be mounted, as in many containers, it is in memory.
 */
function mountStore(work: string, neededBytes: number): View['keptIn'] {
  const store = join(work, 'store');
  mkdirSync(store, { mode: 0o755 });
  const { bavail, bsize } = statfsSync(work);
  const free = bavail * bsize;
  const onDisk = free * 0.9 >= neededBytes ? mountImage(work, store, Math.floor(free * 0.9)) : 'there is no room on it';
  if (onDisk === undefined) return 'disk';
  const { available: memory } = readMemory(readFileSync('/proc/meminfo', 'utf8'), {});
  if (memory / 2 >= neededBytes) {
    call('mount', ['-t', 'tmpfs', '-o', `nodev,mode=0755,size=${Math.floor(memory / 2)}`, 'tmpfs', store]);
    return 'memory';
  }
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  throw new CrossgradeError(`There is no room for a rehearsal: it needs ${mebibytes(neededBytes)}.`, {
    code: 'CG0470',
    hint: 'Nothing was changed. Make room below /var/tmp, then type the same command again.',
    details: [
      `${mountOf(mounts(), work)?.mountPoint ?? work}: ${mebibytes(free)} free; ${onDisk}`,
      `memory: ${mebibytes(memory)} free, of which half may be used`,
    ],
  });
}

/** @returns why not, undefined when it was done */
function mountImage(work: string, store: string, bytes: number): string | undefined {
  const image = join(work, 'store.img');
  const file = openSync(image, 'wx', 0o600);
  try {
    // Sparse: it takes only what is written to it.
    ftruncateSync(file, bytes);
  } finally {
    closeSync(file);
  }
  const made = tryCall('mkfs.ext4', [
    '-q',
    '-F',
    '-m',
    '0',
    '-i',
    '8192',
    '-O',
    '^has_journal',
    '-E',
    'lazy_itable_init=1,nodiscard',
    image,
  ]);
  try {
    // Whoever makes a device in the view does not get at the disk that it stands for.
    return made ?? tryCall('mount', ['-o', 'loop,noatime,nodev', image, store]);
  } finally {
    // What is mounted keeps it; so its room is free again as soon as nobody is in the view, however we end.
    rmSync(image, { force: true });
  }
}

function layOverlay(from: string, place: string, { lower, upper, merged }: Layer): void {
  const workdir = join(place, 'work');
  for (const folder of [lower, upper, workdir]) mkdirSync(folder, { recursive: true });
  // Whatever its name is, it cannot be taken for an option; and nothing that is mounted below comes along.
  call('mount', ['--bind', from, lower]);
  copyOwner(from, upper);
  const options = [`lowerdir=${lower}`, `upperdir=${upper}`, `workdir=${workdir}`, 'redirect_dir=on', 'index=off'];
  const mountWith = (...more: string[]) =>
    tryCall('mount', ['-t', 'overlay', '-o', ['nodev', ...options, ...more].join(','), 'overlay', merged]);
  // Linux 5.10 and newer can do without fsync(2) here.
  const trouble = mountWith('volatile') === undefined ? undefined : mountWith();
  if (trouble !== undefined) throw refused(trouble);
}

/** Mounts that can be seen, those of outer folders first. */
function visibleMounts(root: string): Mount[] {
  const byPoint = new Map(mountsBelow(root).map((mount) => [mount.mountPoint, mount]));
  return [...byPoint.values()].sort((one, other) => (one.mountPoint < other.mountPoint ? -1 : 1));
}

function copyOwner(from: string, to: string): void {
  const { uid, gid, mode } = lstatSync(from);
  chownSync(to, uid, gid);
  chmodSync(to, mode & 0o7777);
}

function usedOf(folder: string): number {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}

/** The innermost first. */
function throwAway(work: string): void {
  for (const { mountPoint } of mountsBelow(work).reverse()) tryCall('umount', ['--lazy', mountPoint]);
  removeWorkDirectory(work);
}

function call(program: string, words: readonly string[]): void {
  const trouble = tryCall(program, words);
  if (trouble !== undefined) throw refused(trouble);
}

/** @returns what it said when it failed */
function tryCall(program: string, words: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, words, { cwd: '/', encoding: 'utf8', env: cleanEnvironment() });
  if (status === 0) return undefined;
  return error ? `${program}: ${error.message}` : stderr.trim() || `${program} ended with ${status}`;
}

/** The details are the kernel’s words. */
export function refused(words: string): CrossgradeError {
  return new CrossgradeError('The kernel does not let a view of this system be made.', {
    code: 'CG0471',
    hint: 'Nothing was changed. Containers often forbid mounts: rehearse on the machine itself. crossgrade check works everywhere.',
    details: words.split('\n'),
  });
}
