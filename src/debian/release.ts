import { CrossgradeError } from '../base/error.ts';

/** What /etc/os-release says. */
export interface Release {
  /** `debian` */
  readonly id: string;
  /** `12`; '' for testing and unstable. */
  readonly version: string;
  /** `bookworm`; '' when not said. */
  readonly codename: string;
}

/**
 * @param text /etc/os-release
 * @throws {CrossgradeError} CG0130 when it names no distribution
 * @see os-release(5)
 */
export function readRelease(text: string): Release {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim());
    if (match) {
      fields.set(match[1] ?? '', match[2] ?? match[3] ?? match[4] ?? '');
    }
  }
  const id = fields.get('ID');
  if (!id) {
    throw new CrossgradeError('/etc/os-release does not say which distribution this is.', {
      code: 'CG0130',
      hint: 'Nothing was changed. Is this the root of a Debian system?',
    });
  }
  return { id, version: fields.get('VERSION_ID') ?? '', codename: fields.get('VERSION_CODENAME') ?? '' };
}
