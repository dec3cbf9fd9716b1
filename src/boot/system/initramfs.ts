import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { cacheFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { shellWords } from '../../base/shell-word.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { InitramfsElsewhere } from '../boot-elsewhere.ts';
import type { InitramfsGenerator } from '../kernel-facts.ts';
import { settingsForElsewhere } from './initramfs-elsewhere.ts';

/**
 * Builds the initramfs of one kernel and looks into it: programs of the source architecture in it would mean that
 * it was made from the wrong packages.
 *
 * @param version `uname -r` of the kernel
 * @param elsewhere the machine that it is for, where that is not this one
 * @param anyClass such programs are right in it: it is for a system that is still of the source architecture
 */
export async function buildInitramfs(
  machine: Machine,
  generator: InitramfsGenerator,
  version: string,
  pair: ArchitecturePair,
  anyClass: boolean,
  elsewhere?: InitramfsElsewhere,
): Promise<void> {
  const image: RootPath = `/boot/initrd.img-${version}`;
  // -u builds nothing where update-initramfs.conf says no. -c always does, and leaves an old image until the new is whole.
  // By their paths: by their names nobody but us has them in a root in a folder.
  const argv =
    generator === 'dracut'
      ? ['/usr/bin/dracut', ...(elsewhere ? ['--no-hostonly'] : []), '--force', image, version]
      : ['/usr/sbin/update-initramfs', '-c', '-k', version];
  const old = await machine.info(image);
  const built =
    elsewhere && generator === 'initramfs-tools'
      ? await settingsForElsewhere(machine, elsewhere, () => machine.run(argv, { keepsHostUp: true }))
      : await machine.run(argv, { keepsHostUp: true });
  const now = await machine.info(image);
  // Others have put programs in their place that do nothing, and say that all is well.
  if (built.exitCode !== 0 || !now || now.mtimeMs === old?.mtimeMs) {
    throw new CrossgradeError(`The initramfs for ${version} could not be built.`, {
      code: 'CG0241',
      details: [shellWords(argv), ...`${built.stdout}\n${built.stderr}`.split('\n').filter(Boolean).slice(-8)],
      hint: 'Do not reboot yet. Mend what the program names (often: /boot is full), then type crossgrade resume.',
    });
  }
  if (anyClass) return;
  const wrong = await wrongClassFiles(machine, generator, image, pair);
  if (wrong.length > 0) {
    throw new CrossgradeError(`The initramfs for ${version} still has ${pair.source.elfBits}-bit programs in it.`, {
      code: 'CG0242',
      details: wrong.slice(0, 10),
      hint: 'Do not reboot yet. Find out which hook in /etc/initramfs-tools puts them there, then type crossgrade resume.',
    });
  }
  await linkImages(machine, version);
}

/**
 * When the old kernel was purged, the new one had no initramfs yet, so /initrd.img went as well. Boot loaders without a
 * menu of their own start what it leads to.
 *
 * @see linux-update-symlinks(1)
 */
async function linkImages(machine: Machine, version: string): Promise<void> {
  if (!(await machine.exists('/usr/bin/linux-update-symlinks'))) return;
  await machine.run(['linux-update-symlinks', 'upgrade', version, `/boot/vmlinuz-${version}`]);
}

async function wrongClassFiles(
  machine: Machine,
  generator: InitramfsGenerator,
  image: RootPath,
  pair: ArchitecturePair,
): Promise<string[]> {
  if (generator === 'dracut') {
    return [];
  }
  const folder: RootPath = `${cacheFolder}/initramfs`;
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o700);
  await machine.run(['unmkinitramfs', image, folder]);
  const files = await machine.elfFiles(folder);
  await machine.removeTree(folder);
  return files.filter((file) => file.bits === pair.source.elfBits).map((file) => file.path.slice(folder.length));
}
