import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { mergeStatusUpdates, type NamedText } from '../../debian/package-stanza.ts';

/** Parsed status files, by size and time of change: most steps do not touch the database. */
const parsed = new WeakMap<Machine, { readonly stamp: string; readonly packages: readonly InstalledPackage[] }>();
/** What dpkg's database says now, its journal included. */
export async function readPackages(machine: Machine): Promise<readonly InstalledPackage[]> {
  const info = await machine.info(`${dpkgFolder}/status`);
  const journal = (await machine.list(`${dpkgFolder}/updates`)).some((name) => /^\d+$/.test(name));
  const stamp = journal || !info ? undefined : `${info.bytes} ${info.mtimeMs}`;
  const known = parsed.get(machine);
  if (stamp !== undefined && known?.stamp === stamp) {
    return known.packages;
  }
  const packages = await parsePackages(machine);
  if (stamp !== undefined) {
    parsed.set(machine, { stamp, packages });
  }
  return packages;
}

async function parsePackages(machine: Machine): Promise<InstalledPackage[]> {
  const folder: RootPath = `${dpkgFolder}/updates`;
  const updates: NamedText[] = [];
  for (const name of await machine.list(folder)) {
    if (/^\d+$/.test(name)) {
      updates.push({ name, text: await machine.readText(`${folder}/${name}`) });
    }
  }
  return mergeStatusUpdates(await machine.readText(`${dpkgFolder}/status`), `${dpkgFolder}/status`, updates);
}
