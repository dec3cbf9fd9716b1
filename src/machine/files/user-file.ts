import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { CrossgradeError } from '../../base/error.ts';

/** A file that the administrator asked for. */
export interface UserFile {
  /** The old content or the new one, never something between. */
  write(content: string): void;
}

export interface UserFileOptions {
  /** For a file that people fill in: what is there already may be their work. */
  readonly onlyNew?: boolean;
}

/**
 * Looks whether a file can be written, before the long work whose result it shall hold. Writes nothing yet.
 *
 * @param path as the administrator typed it
 * @throws {CrossgradeError} CG0008, CG0460; exit code 2
 */
export function prepareUserFile(path: string, { onlyNew = false }: UserFileOptions = {}): UserFile {
  const place = resolve(path);
  const folder = dirname(place);
  if (!isFolder(folder)) {
    throw unwritable(path, `there is no folder ${folder}`);
  }
  const there = look(path, place);
  if (there && !there.isFile()) {
    throw unwritable(path, `it is ${there.isDirectory() ? 'a folder' : 'no plain file'}`);
  }
  if (there && onlyNew) throw existing(path);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
  // Now: opening a root changes the umask for what maintainer scripts make.
  const mode = there ? there.mode & 0o777 : 0o666 & ~process.umask();
  return {
    write(content) {
      if (onlyNew && look(path, place)) throw existing(path);
      const temporary = join(folder, `.${basename(place)}.${randomBytes(4).toString('hex')}`);
      try {
        const file = openSync(temporary, 'wx', mode);
        try {
          writeFileSync(file, content);
          fsyncSync(file);
        } finally {
          closeSync(file);
        }
        renameSync(temporary, place);
      } catch (cause) {
        rmSync(temporary, { force: true });
        throw unwritable(path, reasonOf(cause), cause);
      }
    },
  };
}

function look(path: string, place: string): Stats | undefined {
  try {
    return lstatSync(place, { throwIfNoEntry: false });
  } catch (cause) {
    throw unwritable(path, reasonOf(cause), cause);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return 'you may not write to its folder';
    case 'EROFS':
      return 'its filesystem is mounted read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    default:
      return message;
  }
}

function unwritable(path: string, why: string, cause?: unknown): CrossgradeError {
  return new CrossgradeError(`${path} cannot be written: ${why}.`, {
    code: 'CG0008',
    hint: 'Nothing was changed. Name another file.',
    exitCode: 2,
    cause,
  });
}

function existing(path: string): CrossgradeError {
  return new CrossgradeError(`${path} is there already, and may hold your answers: it is not written over.`, {
    code: 'CG0460',
    hint: 'Nothing was changed. Name another file, or remove this one first.',
    exitCode: 2,
  });
}
