import { CrossgradeError } from '../core/error.ts';

const troubles: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full',
  EDQUOT: 'The disk quota is used up',
  EROFS: 'The filesystem is read-only',
  EIO: 'The disk does not answer properly',
};

/**
 * Clear words for what is no mistake of ours.
 *
 * @param path for the message
 * @returns undefined when the error is another one
 */
export function diskTrouble(path: string, cause: unknown): CrossgradeError | undefined {
  const { code = '', message } = cause as NodeJS.ErrnoException;
  const trouble = troubles[code];
  if (trouble === undefined) return undefined;
  const cure = code === 'ENOSPC' || code === 'EDQUOT' ? 'Make room' : 'Mend the disk (dmesg may tell more)';
  return new CrossgradeError(`${trouble}: ${path} could not be written.`, {
    code: 'CG0316',
    details: [message],
    hint: `The file is as it was before. ${cure}, then go on with \`crossgrade resume\`.`,
    cause,
  });
}
