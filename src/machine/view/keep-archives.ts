import { chmodSync, copyFileSync, lstatSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { archiveFolder, cacheFolder } from '../../base/own-paths.ts';
import { makeFolders } from '../files/files.ts';
import { resolveInRoot } from '../files/resolve-in-root.ts';

/** What is left free of the root's disk. */
const reserveBytes = 512 * 2 ** 20;

/**
 * Copies the archives that were downloaded in a view into the folder of the root where a run looks for them. Less is no
 * harm: what is missing is downloaded then, and each is verified before it is used.
 */
export function keepArchives(root: string, view: string): void {
  const from = resolveInRoot(view, archiveFolder, { followLast: true });
  const to = resolveInRoot(root, archiveFolder, { followLast: true });
  makeFolders(resolveInRoot(root, cacheFolder, { followLast: true }), 0o755);
  makeFolders(to, 0o755);
  const { bavail, bsize } = statfsSync(to);
  let free = bavail * bsize - reserveBytes;
  for (const name of readdirSync(from)) {
    const archive = join(from, name);
    // A link would lead out of the view, into the system itself.
    const stats = lstatSync(archive, { throwIfNoEntry: false });
    if (!name.endsWith('.deb') || stats?.isFile() !== true || stats.size > free) continue;
    const { size } = stats;
    const there = lstatSync(join(to, name), { throwIfNoEntry: false });
    if (there !== undefined && (!there.isFile() || there.size === size)) continue;
    const copy = join(to, `.${name}.crossgrade-new`);
    try {
      rmSync(copy, { force: true });
      copyFileSync(archive, copy);
      chmodSync(copy, 0o644);
      renameSync(copy, join(to, name));
    } catch {
      // Somebody else has filled the disk.
      rmSync(copy, { force: true });
      return;
    }
    free -= size;
  }
}
