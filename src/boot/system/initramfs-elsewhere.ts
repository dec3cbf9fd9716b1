import unlockingHook from '#guest/boot/unlocking-hook.sh';
import type { Machine } from '../../base/machine.ts';
import { cacheFolder, cryptRecordFolder, initramfsHookFile, initramfsSettingFile } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { compareVersions } from '../../debian/version.ts';
import type { Facts } from '../../run/facts.ts';
import { hasCryptEntries, type InitramfsElsewhere } from '../boot-elsewhere.ts';

/**
 * An initramfs is right for a machine by what its hooks find out of that machine's disks. In a root in a folder they
 * find nothing of it, and some then leave out what it needs to start. What the root's own files and its last initramfs
 * tell takes the place of that.
 */

/**
 * Keeps what the newest initramfs that was made on the machine itself unlocks disks with: which entries of crypttab(5)
 * these are, only that tells.
 */
export async function recordUnlocking(machine: Machine, { kernels }: Facts): Promise<void> {
  if (!hasCryptEntries((await machine.readTextIfThere('/etc/crypttab')) ?? '')) return;
  const [newest] = kernels
    .filter(({ initramfs }) => initramfs !== undefined)
    .sort((a, b) => compareVersions(b.version, a.version));
  if (!newest || !(await machine.exists('/usr/bin/unmkinitramfs'))) return;
  const folder: RootPath = `${cacheFolder}/last-initramfs`;
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o700);
  await machine.run(['unmkinitramfs', `/boot/initrd.img-${newest.version}`, folder]);
  // With microcode before it, the main part has a folder of its own.
  for (const place of [folder, `${folder}/main`] as const) {
    const table = await machine.readTextIfThere(`${place}/cryptroot/crypttab`);
    if (table !== undefined && hasCryptEntries(table)) {
      await machine.run(['cp', '--recursive', '--preserve=mode', `${place}/cryptroot`, cryptRecordFolder]);
    }
  }
  await machine.removeTree(folder);
}

/**
 * @param build what is called meanwhile
 * @see initramfs-tools(7); the hooks fsck of initramfs-tools-core and cryptroot of cryptsetup-initramfs
 */
export async function settingsForElsewhere<Value>(
  machine: Machine,
  { isDependent, filesystemTypes, unlocks }: InitramfsElsewhere,
  build: () => Promise<Value>,
): Promise<Value> {
  try {
    const settings = [
      // `dep` looks into /sys for what the disk of / needs, and gives up.
      ...(isDependent ? ['MODULES=most'] : []),
      // The programs that check / are chosen by the disk, and left out where there is none.
      ...(filesystemTypes.length > 0 ? [`FSTYPE=${filesystemTypes.join(',')}`] : []),
    ];
    if (settings.length > 0)
      await machine.write(
        initramfsSettingFile,
        `# Written by crossgrade, which takes it away again.\n${settings.join('\n')}\n`,
      );
    if (unlocks) await machine.write(initramfsHookFile, unlockingHook, { mode: 0o755 });
    return await build();
  } finally {
    await machine.remove(initramfsSettingFile);
    await machine.remove(initramfsHookFile);
  }
}
