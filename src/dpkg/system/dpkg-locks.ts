import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';

export interface HeldLock {
  readonly path: RootPath;
  /** `apt-get (process 4711)` */
  readonly holder: string;
}

/**
 * Who is at work on the packages. Runs no program.
 *
 * @returns undefined where the kernel does not tell
 */
export async function heldDpkgLocks(machine: Machine): Promise<HeldLock[] | undefined> {
  const held: HeldLock[] = [];
  for (const path of [`${dpkgFolder}/lock-frontend`, `${dpkgFolder}/lock`] as const) {
    try {
      const holder = await machine.lockHolder(path);
      if (holder !== undefined) held.push({ path, holder });
    } catch {
      return undefined;
    }
  }
  return held;
}
