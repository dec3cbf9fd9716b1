import { CrossgradeError } from '../../base/error.ts';

const readTroubles: Readonly<Record<string, string>> = {
  EACCES: 'only root can read it',
  EPERM: 'only root can read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'it is not a directory',
  ENOTFILE: 'it is not a regular file',
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
  const trouble = readTroubles[code];
  if (trouble === undefined) return undefined;
  const forbidden = code === 'EACCES' || code === 'EPERM';
  return new CrossgradeError(`${path} cannot be read: ${trouble}`, {
    code: forbidden ? 'CG0326' : 'CG0317',
    details: [message],
    hint: forbidden
      ? 'Nothing was changed. Run the same command as root, for example with `sudo`.'
      : `Nothing was changed. Repair ${path} or put back a copy of it, then start again.`,
    cause,
  });
}

const writeTroubles: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EROFS: 'The filesystem is read-only',
  EIO: 'The disk does not answer properly',
};

/**
 * Clear words for a disk that takes no more: no mistake of ours.
 *
 * @param path for the message
 * @returns undefined when the error is another one
 */
export function writeTrouble(path: string, cause: unknown): CrossgradeError | undefined {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const trouble = writeTroubles[code];
  if (trouble === undefined) return undefined;
  const isFull = code === 'ENOSPC' || code === 'EDQUOT';
  const cure = isFull ? 'Make room' : 'Mend the disk (dmesg may tell more)';
  return new CrossgradeError(`${trouble}: ${path} could not be written.`, {
    code: isFull ? 'CG0316' : 'CG0325',
    details: [message],
    hint: `The file is as it was before. ${cure}, then go on with \`crossgrade resume\`.`,
    cause,
  });
}
