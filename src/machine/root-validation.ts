import { accessSync, constants, existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CrossgradeError } from '../base/error.ts';
import { mountOf } from '../base/mount.ts';
import type { RootPath } from '../base/root.ts';
import { shellWord, shellWords } from '../base/shell-word.ts';
import { readTrouble } from './files/file-trouble.ts';
import { isForbidden } from './files/files.ts';
import { mounts, mountsBelow } from './files/mounts.ts';
import { type HostPath, type ResolveOptions, resolveInRoot } from './files/resolve-in-root.ts';
import type { Access } from './programs/keeper.ts';
import { assertOwnProcessTable } from './programs/processes.ts';
import { rescueHint } from './rescue-hint.ts';

const untouched = 'Nothing has been changed.';

/** Without it there is nothing to rescue, either. */
const database: RootPath = '/var/lib/dpkg/status';
/** What every Debian root has, whatever else was taken out of it. */
const debianFiles: readonly RootPath[] = ['/etc/debian_version', '/usr/bin/dpkg', database];
const neededFolders: readonly RootPath[] = ['/dev', '/proc', '/tmp', '/usr/sbin'];

/**
 * @param path as the administrator typed it
 * @param isRescue programs may be missing
 * @returns the directory without symlinks and trailing slashes
 * @throws {CrossgradeError} CG0290, CG0301 to CG0308, CG0317, CG0321, CG0324, CG0326
 */
export function validateRoot(path: string, access: Access, isRescue = false): string {
  assertOwnProcessTable();
  // First of all: what can't be looked into would seem to be missing.
  refuseWhatIsForbidden(path);
  const directory = plainDirectory(path);
  if (process.geteuid?.() !== 0 && access === 'write') {
    throw new CrossgradeError(`Working on ${directory} needs root rights`, {
      code: 'CG0307',
      hint: `${untouched} Run the same command as root, for example with \`sudo\`.`,
    });
  }
  refuseWhatIsNotDebian(directory, isRescue ? [database] : debianFiles);
  if (directory !== '/') refuseMountsBelow(directory);
  refuseUnsuitableFilesystem(directory, access);
  return directory;
}

/** Debian lets everyone read these files; a folder above the root may not. */
function refuseWhatIsForbidden(path: string): void {
  for (const file of ['/', ...debianFiles] as const) {
    try {
      statSync(resolveInRoot(resolve(path), file, { followLast: true }), { throwIfNoEntry: false });
    } catch (cause) {
      if (!isForbidden(cause)) continue;
      throw new CrossgradeError(`Only root can look into ${resolve(path)}`, {
        code: 'CG0321',
        hint: `${untouched} Run the same command as root, for example with \`sudo\`.`,
        details: [(cause as Error).message],
        cause,
      });
    }
  }
}

function plainDirectory(path: string): string {
  // resolve() also drops a trailing slash, with which lstat would follow a symlink.
  const typed = resolve(path);
  const stats = lstatSync(typed, { throwIfNoEntry: false });
  if (!stats) {
    throw new CrossgradeError(`There is no ${typed}`, {
      code: 'CG0301',
      hint: `${untouched} Give the directory of an installed Debian system: \`--root DIR\`.`,
    });
  }
  if (stats.isSymbolicLink()) {
    const target = existsSync(typed) ? realpathSync(typed) : undefined;
    throw new CrossgradeError(`${typed} is a symlink`, {
      code: 'CG0303',
      hint: `${untouched} ${target ? `Name the directory itself: \`--root ${shellWord(target)}\`.` : 'It leads nowhere.'}`,
    });
  }
  if (!stats.isDirectory()) {
    throw new CrossgradeError(`${typed} is not a directory`, {
      code: 'CG0302',
      hint: `${untouched} A disk image must be mounted first; then give the mount point.`,
    });
  }
  return realpathSync(typed);
}

function refuseWhatIsNotDebian(directory: string, files: readonly RootPath[]): void {
  const missing = files.filter((path) => !existsSync(placeOf(directory, path, { followLast: true })));
  const missingFolders = neededFolders.filter((path) => {
    // The mounts of the private namespace go here; /usr/sbin may be a symlink once sbin is merged into bin.
    const stats = lstatSync(placeOf(directory, path, { followLast: path === '/usr/sbin' }), {
      throwIfNoEntry: false,
    });
    return !stats?.isDirectory();
  });
  if (missing.length + missingFolders.length === 0) return;
  // A rescue needs the database itself.
  const hint = missing.includes(database) || missingFolders.length > 0 ? undefined : rescueHint(directory);
  const message = hint ? 'lacks programs that every Debian system has' : 'is not an installed Debian system';
  throw new CrossgradeError(`${directory} ${message}`, {
    code: hint ? 'CG0324' : 'CG0304',
    hint: hint ?? `${untouched} Give the directory that holds its /etc, /usr and /var.`,
    details: [...missing.map((path) => `no ${path}`), ...missingFolders.map((path) => `${path} is not a directory`)],
  });
}

function placeOf(directory: string, path: RootPath, options: ResolveOptions): HostPath {
  try {
    return resolveInRoot(directory, path, options);
  } catch (error) {
    throw readTrouble(path, error) ?? error;
  }
}

function refuseMountsBelow(directory: string): void {
  const below = mountsBelow(directory);
  if (below.length === 0) return;
  throw new CrossgradeError(`Other filesystems are mounted below ${directory}`, {
    code: 'CG0305',
    hint:
      `${untouched} crossgrade makes /proc, /dev and so on itself, where nothing else sees them. Unmount these first: ` +
      `\`${shellWords(['umount', ...[...new Set(below.map(({ mountPoint }) => mountPoint))].reverse()])}\`.`,
    details: below.map(({ mountPoint, type, source }) => `${mountPoint}  ${type}  ${source}`),
  });
}

function refuseUnsuitableFilesystem(directory: string, access: Access): void {
  if (directory === '/' && access === 'read') return;
  const mount = mountOf(mounts(), directory);
  if (directory !== '/' && mount?.options.includes('noexec')) {
    throw new CrossgradeError(`No program can run from ${directory}: its filesystem is mounted noexec`, {
      code: 'CG0308',
      hint: `${untouched} \`${shellWords(['mount', '-o', 'remount,exec', mount.mountPoint])}\``,
    });
  }
  if (access === 'read') return;
  try {
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw new CrossgradeError(`${directory} can't be written to: its filesystem is mounted read-only`, {
      code: 'CG0306',
      hint: `${untouched} \`${shellWords(['mount', '-o', 'remount,rw', mount?.mountPoint ?? directory])}\`; if that fails, look at \`dmesg\`.`,
      cause: error,
    });
  }
}
