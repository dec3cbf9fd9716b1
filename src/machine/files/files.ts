import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  type Dirent,
  existsSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { open, readFile, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { CrossgradeError } from '../../base/error.ts';
import type { FilesystemInfo } from '../../base/machine.ts';
import type { FileInfo } from '../../base/root.ts';
import { shellWords } from '../../base/shell-word.ts';
import { isMountPoint, mountsBelow } from './mounts.ts';
import type { HostPath } from './resolve-in-root.ts';

export interface Attributes {
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly encoding?: 'utf8' | 'latin1';
}

/**
 * A pipe would keep us waiting for a writer, and a device may never end. /dev/null stands for an empty file, as where
 * a unit is masked.
 *
 * @throws EISDIR as system calls do, and ENOTFILE, which {@link readTrouble} knows
 */
export function readPlain(path: HostPath, encoding: 'utf8' | 'latin1' = 'utf8'): string {
  assertPlain(path, statSync(path));
  const file = openSync(path, withoutWaiting);
  try {
    assertPlain(path, fstatSync(file));
    return readFileSync(file, encoding);
  } finally {
    closeSync(file);
  }
}

/** A pipe may have been put in the place of the file that was looked at. */
const withoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

function assertPlain(path: HostPath, stats: Stats): void {
  if (stats.isFile() || stats.isDirectory() || (stats.isCharacterDevice() && stats.rdev === nullDevice)) return;
  throw Object.assign(new Error(`ENOTFILE: not a regular file, '${path}'`), { code: 'ENOTFILE', path });
}

/** Major number 1, minor number 3, see null(4). */
const nullDevice = 0x103;

/** The text from an offset in bytes to the end, but for a last character that is not complete yet. */
export async function readFrom(path: HostPath, offset: number): Promise<string> {
  assertPlain(path, statSync(path));
  const file = await open(path, withoutWaiting);
  try {
    const wanted = Math.max(0, (await file.stat()).size - offset);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(wanted), 0, wanted, offset);
    const bytes = buffer.subarray(0, completeCharacters(buffer.subarray(0, bytesRead)));
    // The replacement character is longer than what it replaces, and callers count bytes.
    return isUtf8(bytes) ? bytes.toString() : Buffer.from(bytes.map((byte) => (byte < 0x80 ? byte : 0x3f))).toString();
  } finally {
    await file.close();
  }
}

/** Length without a UTF-8 sequence that is cut off at the end. */
function completeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (!isContinuation) return sequenceLength(byte) > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function sequenceLength(firstByte: number): number {
  if (firstByte < 0xc0) return 1;
  if (firstByte < 0xe0) return 2;
  return firstByte < 0xf0 ? 3 : 4;
}

export function fileInfo(stats: Stats): FileInfo {
  return {
    type: fileType(stats),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    bytes: stats.size,
    mtime: Math.floor(stats.mtimeMs / 1000),
    mtimeMs: stats.mtimeMs,
  };
}

function fileType(entry: Stats): FileInfo['type'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'symlink' : 'other';
}

/**
 * Everything below a directory, sorted. Other filesystems, and what we may not read, are named but not entered.
 *
 * @returns paths below the directory, with a leading slash; '' for the directory itself
 */
export async function walkFrom(directory: HostPath): Promise<string[]> {
  const start = lstatSync(directory, { throwIfNoEntry: false });
  if (!start) return [];
  const found = [''];
  const pending = [''];
  for (let here = pending.pop(), count = 1; here !== undefined; here = pending.pop(), count += 1) {
    for (const entry of entries(join(directory, here))) {
      const path = `${here}/${entry.name}`;
      found.push(path);
      if (entry.isDirectory() && isOnDevice(join(directory, path), start.dev)) pending.push(path);
    }
    // Synchronous calls are ten times as fast, but the screen wants its turn.
    if (count % 100 === 0) await breathe();
  }
  return found.sort();
}

function isOnDevice(path: string, device: number): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.dev === device;
}

/** On a live system a directory may go while we look. */
function entries(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error) || isForbidden(error)) return [];
    throw error;
  }
}

/** Reading whole is several times as fast as a stream, and most files are small. */
const wholeBytes = 1 << 20;

export async function hashFile(path: HostPath, algorithm: 'sha256' | 'md5'): Promise<string> {
  const hash = createHash(algorithm);
  const stats = statSync(path);
  assertPlain(path, stats);
  if (stats.size <= wholeBytes) return hash.update(await readFile(path, { flag: withoutWaiting })).digest('hex');
  const file = await open(path, withoutWaiting);
  for await (const chunk of file.createReadStream({ highWaterMark: wholeBytes })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Of the path, or where that does not exist yet of the nearest folder that does. */
export async function filesystemOf(path: HostPath): Promise<FilesystemInfo> {
  let there: string = path;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize, ffree, files } = await statfs(there);
  return { device: statSync(there).dev, freeBytes: bavail * bsize, freeInodes: ffree, countsInodes: files > 0 };
}

/** For a folder that is gone with us. */
export function writeFleetingly(path: HostPath, content: string, { mode = 0o644 }: Attributes): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, content, { mode });
}

/**
 * After a power cut the file has its old content or the new one, never something between. What `attributes` leaves
 * out stays as it is; a new file is 0644 and ours.
 */
export function writeDurably(path: HostPath, content: string, attributes: Attributes): void {
  makeFolders(dirname(path));
  const old = lstatSync(path, { throwIfNoEntry: false });
  const temporary = join(dirname(path), `.${basename(path)}.crossgrade-new`);
  // Not readable by others before it has its mode; a left-over of a power cut is used again.
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  try {
    // Not writeSync, which on a disk that is nearly full writes a part, without an error.
    writeFileSync(file, content, attributes.encoding ?? 'utf8');
    fchownSync(
      file,
      attributes.uid ?? old?.uid ?? process.geteuid?.() ?? 0,
      attributes.gid ?? old?.gid ?? process.getegid?.() ?? 0,
    );
    // After chown, which takes setuid bits away.
    fchmodSync(file, attributes.mode ?? (old ? old.mode & 0o7777 : 0o644));
    if (attributes.mtime !== undefined) futimesSync(file, attributes.mtime, attributes.mtime);
    fsyncSync(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolder(dirname(path));
}

/** What stands in its place is replaced at once; a program that runs goes on with the old file. */
export function copyDurably(from: HostPath, to: HostPath): void {
  makeFolders(dirname(to));
  const stats = lstatSync(from);
  const temporary = join(dirname(to), `.${basename(to)}.crossgrade-new`);
  rmSync(temporary, { force: true });
  if (stats.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), temporary);
    lchownSync(temporary, stats.uid, stats.gid);
  } else {
    copyFileSync(from, temporary);
    const file = openSync(temporary, 'r+');
    try {
      fchownSync(file, stats.uid, stats.gid);
      fchmodSync(file, stats.mode & 0o7777);
      futimesSync(file, stats.atime, stats.mtime);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  renameSync(temporary, to);
  syncFolder(dirname(to));
}

export function appendTo(
  path: HostPath,
  content: string,
  attributes?: { readonly mode: number; readonly uid: number; readonly gid: number },
): void {
  makeFolders(dirname(path));
  const file = openSync(path, 'a', attributes ? 0o600 : 0o644);
  try {
    if (attributes) {
      fchownSync(file, attributes.uid, attributes.gid);
      fchmodSync(file, attributes.mode);
    }
    writeFileSync(file, content);
  } finally {
    closeSync(file);
  }
}

/** Makes the missing part of a path; folders that are there are left as they are. */
export function makeFolders(path: string, lastMode = 0o755): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path, { mode: 0o700 });
  const folder = openSync(path, 'r');
  try {
    fchmodSync(folder, lastMode);
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
  syncFolder(dirname(path));
}

export function removeOne(path: HostPath): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  if (stats.isDirectory()) rmdirSync(path);
  else unlinkSync(path);
}

/** @throws {CrossgradeError} CG0313 before anything is deleted, when something is mounted there */
export function removeWhole(path: HostPath): void {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (!stats) return;
  const mounted = mountsBelow(path).map(({ mountPoint }) => mountPoint);
  if (isMountPoint(path)) mounted.push(path);
  if (mounted.length > 0) {
    throw new CrossgradeError(`${path} is not deleted: something is mounted there`, {
      code: 'CG0313',
      hint: `Nothing in it has been deleted. Unmount first: \`${shellWords(['umount', ...mounted])}\`.`,
      details: mounted,
    });
  }
  removeEntry(path, stats, stats.dev);
}

/**
 * A folder is held open while it is emptied, and what is in it is named by way of the descriptor: who owns it may put a
 * symlink in the place of a folder that was just looked at.
 *
 * @see proc(5), /proc/[pid]/fd
 */
function removeEntry(path: string, stats: Stats | undefined, device: number): void {
  if (stats === undefined) return;
  if (!stats.isDirectory()) {
    unlessGone(() => unlinkSync(path));
    return;
  }
  const folder = unlessGone(() => openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW));
  if (folder === undefined) return;
  const inside = `/proc/self/fd/${folder}`;
  try {
    // Of directories only: a file on an overlay may have the number of the layer it comes from.
    if (fstatSync(folder).dev !== device) {
      throw Object.assign(new Error(`EXDEV: '${path}' is on another filesystem`), { code: 'EXDEV', path });
    }
    for (const name of readdirSync(inside)) {
      const child = join(inside, name);
      removeEntry(child, lstatSync(child, { throwIfNoEntry: false }), device);
    }
  } catch (error) {
    if (error instanceof Error) error.message = error.message.replaceAll(inside, path);
    throw error;
  } finally {
    closeSync(folder);
  }
  unlessGone(() => rmdirSync(path));
}

/** Another crossgrade may remove the same: what a killed one has left is taken away by whoever comes next. */
function unlessGone<Value>(work: () => Value): Value | undefined {
  try {
    return work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

export function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  // What a process that is gone had in /proc.
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ESRCH';
}

export function isForbidden(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EACCES' || code === 'EPERM';
}
