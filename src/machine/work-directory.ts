import { accessSync, chmodSync, constants, lstatSync, mkdtempSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrossgradeError } from '../base/error.ts';
import { removeWhole } from './files/files.ts';
import { mountsBelow } from './files/mounts.ts';
import type { HostPath } from './files/resolve-in-root.ts';
import { isProcessAlive, ownHandle } from './programs/processes.ts';

const prefix = 'crossgrade-';

/** Makes an empty folder on the host, which apt's own user `_apt` can enter. */
export function makeWorkDirectory(): string {
  const { pid, startTicks } = ownHandle();
  const directory = mkdtempSync(join(parentFolder(), `${prefix}${pid}-${startTicks}-`));
  chmodSync(directory, 0o755);
  return directory;
}

/**
 * On disk, where /tmp may be memory: apt's private lists and caches are a hundred megabytes.
 *
 * @throws {CrossgradeError} CG0318
 */
function parentFolder(): string {
  const { XDG_CACHE_HOME: cache = join(homedir(), '.cache') } = process.env;
  const folders = ['/var/tmp', cache, tmpdir()];
  const found = folders.find(isWritable);
  if (found !== undefined) return found;
  throw new CrossgradeError(
    `There is no folder for temporary files: none of ${folders.join(', ')} can be written to.`,
    {
      code: 'CG0318',
      hint: 'Nothing has been changed. Make room in one of them, or name another folder in the variable TMPDIR.',
    },
  );
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Removes what killed processes and power cuts left behind.
 *
 * @param findInUse looks at every process, so it is asked only where there is something
 */
export function removeStaleWorkDirectories(findInUse: () => ReadonlySet<string>): void {
  const parent = parentFolder();
  let inUse: ReadonlySet<string> | undefined;
  for (const name of readdirSync(parent)) {
    const [, pid, startTicks] = /^crossgrade-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    const directory = join(parent, name);
    if (pid === undefined || startTicks === undefined) continue;
    const stats = lstatSync(directory, { throwIfNoEntry: false });
    const ours = stats?.isDirectory() === true && stats.uid === process.geteuid?.();
    if (!ours || isProcessAlive({ pid: Number(pid), startTicks })) continue;
    inUse ??= findInUse();
    if (!inUse.has(directory)) removeWorkDirectory(directory);
  }
}

export function removeWorkDirectory(directory: string): void {
  if (mountsBelow(directory).length === 0) removeWhole(directory as HostPath);
}
