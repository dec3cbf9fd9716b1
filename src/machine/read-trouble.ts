import { CrossgradeError } from '../core/error.ts';

const troubles: Readonly<Record<string, string>> = {
  EACCES: 'only root can read it',
  EPERM: 'only root can read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'it is not a directory',
  ENOENT: 'it is not there',
  ELOOP: 'its symbolic links lead in a circle',
  EIO: 'the disk does not answer properly',
  ERR_STRING_TOO_LONG: 'it is much too large',
  ERR_FS_FILE_TOO_LARGE: 'it is much too large',
};

/**
 * Clear words for a file of the root that should be read and can't.
 *
 * @param path as the root sees it
 * @returns undefined when the error is another one
 */
export function readTrouble(path: string, cause: unknown): CrossgradeError | undefined {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const trouble = troubles[code];
  if (trouble === undefined) return undefined;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new CrossgradeError(`${path} cannot be read: ${trouble}`, {
    code: 'CG0317',
    details: [message],
    hint: forbidden
      ? 'Nothing was changed. Run the same command as root, for example with `sudo`.'
      : `Nothing was changed. Repair ${path} or put back a copy of it, then start again.`,
    cause,
  });
}
