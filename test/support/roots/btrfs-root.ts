import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../runs/host-programs.ts';
import { type FreshRoot, makePlace, pristineRoot, type RootRecipe, removePlace } from './roots.ts';

export interface BtrfsRoot extends FreshRoot {
  /** As somebody does it from a rescue system; the root must not run. */
  putBack(snapshot: string): Promise<void>;
}

const size = '8G';

/** A root on a disk of its own, as Debian's installer lays btrfs out: the system is in the subvolume `@rootfs`. */
export async function btrfsRoot(recipe: RootRecipe): Promise<BtrfsRoot> {
  const pristine = await pristineRoot(recipe);
  const place = await makePlace();
  const [disk, top, directory] = [join(place, 'disk'), join(place, 'top'), join(place, 'root')];
  const system = join(top, '@rootfs');
  const mountSystem = async () => {
    const device = (await mustRun(['findmnt', '--noheadings', '--output', 'SOURCE', top])).trim();
    await mustRun(['mount', '-t', 'btrfs', '-o', 'subvol=@rootfs', device, directory]);
  };
  await mustRun(['truncate', '-s', size, disk]);
  await mustRun(['mkfs.btrfs', '--quiet', disk]);
  for (const folder of [top, directory]) await mkdir(folder);
  await mustRun(['mount', '-t', 'btrfs', '-o', 'loop', disk, top]);
  await mustRun(['btrfs', 'subvolume', 'create', system]);
  await mustRun(['cp', '-a', '--one-file-system', '--', `${pristine}/.`, system]);
  await mountSystem();
  return {
    directory,
    changes: directory,
    putBack: async (snapshot) => {
      await mustRun(['umount', directory]);
      await mustRun(['mv', '--no-target-directory', system, `${system}.after`]);
      await mustRun(['btrfs', 'subvolume', 'snapshot', join(`${system}.after`, snapshot), system]);
      await mountSystem();
    },
    dispose: async () => {
      for (const folder of [directory, top]) {
        await mustRun(['umount', folder]);
        await rmdir(folder);
      }
      await removePlace(place);
    },
  };
}
