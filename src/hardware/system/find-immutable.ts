import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import { configurationOf, type ImmutableFile, readImmutable } from '../immutable.ts';

/** What is directly in them is of packages. */
const packagedFolders: readonly RootPath[] = ['/boot', '/usr/bin', '/usr/lib', '/usr/sbin'];
/** dpkg makes files or folders in them; what is in them is too much to look at. */
const writtenFolders: readonly RootPath[] = ['/', '/usr', '/usr/share', '/var/lib', dpkgFolder, `${dpkgFolder}/info`];

/**
 * What dpkg writes to and cannot, in the places where administrators harden a host.
 *
 * @param unmerged folders of `/` that have files of their own
 */
export async function findImmutable(
  machine: Machine,
  facts: Facts,
  { source }: ArchitecturePair,
  unmerged: readonly RootPath[],
): Promise<ImmutableFile[]> {
  if (!(await machine.exists('/usr/bin/lsattr'))) return [];
  const tops = ['/bin', '/lib', '/sbin'].filter((path) => unmerged.includes(path as RootPath));
  const libraries = ['/usr', ...(tops.includes('/lib') ? [''] : [])].map((top) => `${top}/lib/${source.triplet}`);
  const folders = [...packagedFolders, ...tops, ...libraries];
  const alone = [...writtenFolders, ...configurationOf(facts.inventory.packages)];
  // Of symlinks, and on filesystems that have no attributes, it says on the other output that it cannot tell.
  const printed = await Promise.all([
    machine.run(['lsattr', '-a', ...folders]),
    machine.run(['lsattr', '-d', ...alone]),
  ]);
  const found = printed.flatMap(({ stdout }) => readImmutable(stdout));
  return [...new Map(found.map((one) => [one.path, one])).values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
