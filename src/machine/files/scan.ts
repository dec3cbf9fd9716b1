import { closeSync, constants, type Dirent, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { ScanFound, ScanOptions, ScanResult, ScanUnseen } from '../../base/machine.ts';
import type { Mount } from '../../base/mount.ts';
import type { RootPath } from '../../base/root.ts';
import { isForbidden, isMissing } from './files.ts';
import { mounts } from './mounts.ts';
import type { HostPath } from './resolve-in-root.ts';

/** One page is read anyway; an ELF header with its program headers is shorter. */
const headBytes = 512;

/** A folder, in the root and on the host, without symlinks in either. */
export interface Place {
  readonly path: RootPath;
  readonly host: HostPath;
}

/**
 * The name and the first bytes of every plain file below some folders. Symlinks are not followed, and no folder is
 * entered twice, however often it is mounted.
 *
 * @param home the root's own mount point, which is entered whatever filesystem it is
 */
export async function scanFolders<Kind>(
  places: readonly Place[],
  options: ScanOptions<Kind>,
  home: string,
): Promise<ScanResult<Kind>> {
  const state: State<Kind> = {
    options,
    found: [],
    unseen: [],
    mounts: new Map(mounts().map((mount) => [mount.mountPoint, mount])),
    homeMount: home,
    entered: new Set(),
    head: Buffer.alloc(headBytes),
  };
  for (const place of places) {
    const stats = lstatSync(place.host, { throwIfNoEntry: false });
    if (stats?.isFile()) look(state, place.path, place.host);
    else if (stats?.isDirectory() && mayBegin(state, place)) await walk(state, place);
  }
  return { found: state.found.sort(byPath), unseen: state.unseen.sort(byPath) };
}

interface State<Kind> {
  readonly options: ScanOptions<Kind>;
  readonly found: ScanFound<Kind>[];
  readonly unseen: ScanUnseen[];
  readonly mounts: ReadonlyMap<string, Mount>;
  readonly homeMount: string;
  /** Device and inode of the folders that were asked for, and of mount points. */
  readonly entered: Set<string>;
  readonly head: Buffer;
}

interface Folder {
  readonly path: RootPath;
  readonly host: string;
}

async function walk<Kind>(state: State<Kind>, start: Folder): Promise<void> {
  const pending = [start];
  let count = 0;
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    count += 1 + lookInto(state, folder, pending);
    // Synchronous calls are many times as fast, but the screen wants its turn.
    if (count > 5000) {
      count = 0;
      await breathe();
    }
  }
}

/** @returns the number of entries; folders in it are added to `pending` */
function lookInto<Kind>(state: State<Kind>, folder: Folder, pending: Folder[]): number {
  const { skip, prune } = state.options;
  const entries = entriesOf(state, folder);
  const before = folder.path === '/' ? '' : folder.path;
  for (const entry of entries) {
    const path: RootPath = `${before}/${entry.name}`;
    if (entry.isFile()) {
      if (!skip.has(path)) look(state, path, `${folder.host}/${entry.name}`);
    } else if (entry.isDirectory() && !prune.has(path)) {
      const place = { path, host: `${folder.host}/${entry.name}` };
      const mount = state.mounts.get(place.host);
      if (mount === undefined || mayEnter(state, place, mount)) pending.push(place);
    }
  }
  return entries.length;
}

/** A folder that stands for itself alone is looked at wherever it is. */
function mayBegin<Kind>(state: State<Kind>, place: Place): boolean {
  return !state.options.otherFilesystems || mayEnter(state, place, mountHolding(state, place.host));
}

/** Of two mounts on one place, the later one covers the other; the map has kept that one. */
function mountHolding<Kind>(state: State<Kind>, host: string): Mount | undefined {
  for (let here = host; here !== ''; here = here.slice(0, here.lastIndexOf('/'))) {
    const mount = state.mounts.get(here);
    if (mount) return mount;
  }
  return state.mounts.get('/');
}

function mayEnter<Kind>(state: State<Kind>, place: Folder, mount: Mount | undefined): boolean {
  const isMountPoint = mount?.mountPoint === place.host;
  if (isMountPoint && !state.options.otherFilesystems) return false;
  if (mount && mount.mountPoint !== state.homeMount && !isLocal(mount)) {
    if (!emptyTypes.has(mount.type)) state.unseen.push({ path: place.path, why: 'remote', type: mount.type });
    return false;
  }
  const stats = lstatSync(place.host, { throwIfNoEntry: false });
  if (!stats) return false;
  const identity = `${stats.dev}:${stats.ino}`;
  if (state.entered.has(identity)) return false;
  state.entered.add(identity);
  return true;
}

/** Filesystems on this machine that have no device file. */
const localTypes: ReadonlySet<string> = new Set(['zfs', 'btrfs', 'bcachefs', 'overlay', 'aufs', 'tmpfs', 'ramfs']);

/** Filesystems in which nobody keeps programs: no loss, and not worth a word. */
const emptyTypes: ReadonlySet<string> = new Set(
  (
    'proc sysfs devtmpfs devpts cgroup cgroup2 mqueue debugfs tracefs securityfs pstore bpf configfs efivarfs ' +
    'fusectl hugetlbfs binfmt_misc nsfs rpc_pipefs nfsd selinuxfs fuse.portal fuse.gvfsd-fuse fuse.lxcfs'
  ).split(' '),
);

/** On a disk of this machine, as far as one can tell: network disks look like that, too. */
function isLocal(mount: Mount): boolean {
  return mount.source.startsWith('/dev/') || localTypes.has(mount.type);
}

function entriesOf<Kind>(state: State<Kind>, folder: Folder): Dirent[] {
  try {
    return readdirSync(folder.host, { withFileTypes: true });
  } catch (error) {
    if (isForbidden(error)) state.unseen.push({ path: folder.path, why: 'forbidden' });
    else if (isMissing(error)) missing(state, folder.path);
    else throw error;
    return [];
  }
}

function look<Kind>(state: State<Kind>, path: RootPath, host: string): void {
  try {
    const file = openQuietly(host);
    try {
      const length = readSync(file, state.head, 0, headBytes, 0);
      const kind = state.options.recognise(state.head.subarray(0, length), path);
      if (kind !== undefined) {
        const { uid, size } = fstatSync(file);
        state.found.push({ path, kind, uid, bytes: size });
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (isForbidden(error)) state.unseen.push({ path, why: 'forbidden' });
    else if (isMissing(error)) missing(state, path);
    else if ((error as NodeJS.ErrnoException).code === 'EIO') state.unseen.push({ path, why: 'unreadable' });
    else throw error;
  }
}

/** A name that is no UTF-8 comes back with a replacement character, by which the file can't be found again. */
function missing<Kind>(state: State<Kind>, path: RootPath): void {
  if (path.includes('\ufffd')) state.unseen.push({ path, why: 'name' });
}

const plainFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
// Only the owner and root may leave access times alone.
let flags = process.geteuid?.() === 0 ? plainFlags | constants.O_NOATIME : plainFlags;

function openQuietly(host: string): number {
  try {
    return openSync(host, flags);
  } catch (error) {
    // Root of a user namespace is not everybody's owner.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM' || flags === plainFlags) throw error;
    flags = plainFlags;
    return openSync(host, flags);
  }
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
