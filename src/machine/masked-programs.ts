import { chmodSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { RootPath } from '../core/machine.ts';

/** A folder that no package and no disk knows of, and that lasts as long as programs in the root do. */
export interface VolatileFolder {
  readonly inRoot: RootPath;
  readonly onHost: string;
}

/**
 * Makes a folder that, as the first of PATH, hides programs by ones that only succeed. Nothing is mounted over the
 * programs themselves, since dpkg could not replace them then: dracut's is one that gets crossgraded. Maintainer
 * scripts and the hooks in /etc/kernel call these programs by name only (Debian policy 6.1).
 *
 * Links to true(1), as Debian mounts /run noexec.
 *
 * @returns the folder as the root sees it
 */
export function maskPrograms(place: VolatileFolder, programs: readonly RootPath[]): RootPath {
  mkdirSync(place.onHost, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(place.onHost, 'masked-'));
  chmodSync(folder, 0o755);
  for (const name of new Set(programs.map((path) => basename(path)))) symlinkSync('/bin/true', join(folder, name));
  return `${place.inRoot}/${basename(folder)}`;
}
