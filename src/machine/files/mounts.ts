import { readFileSync } from 'node:fs';
import { type Mount, parseMountinfo } from '../../base/mount.ts';

/** What is mounted in our own mount namespace, in mounting order. */
export function mounts(): Mount[] {
  return parseMountinfo(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Mounts strictly below a directory, which must be given without symlinks. */
export function mountsBelow(directory: string): Mount[] {
  const prefix = directory === '/' ? '/' : `${directory}/`;
  return mounts().filter(({ mountPoint }) => mountPoint !== directory && mountPoint.startsWith(prefix));
}

export function isMountPoint(directory: string): boolean {
  return mounts().some(({ mountPoint }) => mountPoint === directory);
}
