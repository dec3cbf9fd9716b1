import type { Machine } from '../../base/machine.ts';
import { listsFolder } from '../../base/own-paths.ts';
import { eachStanza } from '../../debian/deb822.ts';
import { instanceKey } from '../../debian/package.ts';
import { readAvailable } from '../../debian/package-stanza.ts';
import { unfinishedPackages } from '../../debian/package-states.ts';
import { isUnpacked } from '../../dpkg/dpkg-model.ts';
import type { Facts } from '../../run/facts.ts';
import { type Completion, completionOf, listPrefix, type MissingArchive } from '../missing-archives.ts';

/**
 * Where packages are half-installed and apt does not start, nobody can ask it what they lack: the lists that it has fetched
 * before say that, too.
 */
export async function findMissingArchives(
  machine: Machine,
  { inventory, aptPlaces }: Facts,
): Promise<Completion | undefined> {
  const half = unfinishedPackages(inventory).filter(({ state }) => isUnpacked(state));
  if (aptPlaces.asked || half.length === 0) return undefined;
  const architectures = new Set([inventory.nativeArchitecture, ...half.map(({ architecture }) => architecture)]);
  // A login would be in the command.
  const uris = [...new Set(inventory.sources.flatMap((one) => one.uris))].filter((one) =>
    /^https?:\/\/[^@]*$/.test(one),
  );
  const lists = new Map<string, MissingArchive>();
  for (const name of await machine.list(listsFolder)) {
    const architecture = /_binary-([a-z0-9]+)_Packages$/.exec(name)?.[1];
    const uri = uris.find((one) => name.startsWith(listPrefix(one)));
    if (uri === undefined || architecture === undefined || !architectures.has(architecture)) continue;
    for (const stanza of eachStanza(await machine.readText(`${listsFolder}/${name}`), name)) {
      const build = readAvailable(stanza);
      lists.set(instanceKey(build), { build, url: `${uri.replace(/\/*$/, '')}/${build.filename}` });
    }
  }
  const archives = completionOf(half, inventory.packages, lists, inventory.nativeArchitecture);
  if (archives === undefined || archives.length === 0) return undefined;
  for (const downloader of ['wget', 'curl'] as const) {
    if (await machine.exists(`/usr/bin/${downloader}`)) return { archives, downloader };
  }
  return { archives };
}
