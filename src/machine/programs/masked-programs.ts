import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import withAllModules from '#guest/boot/mkinitramfs.sh';
import knowsNoFirmware from '#guest/boot/mokutil.sh';
import deletesOnly from '#guest/boot/update-initramfs.sh';
import type { RootPath } from '../../base/root.ts';
import { bootPrograms, detectVirtualization } from '../../boot/boot-programs.ts';

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
  const folder = makeFolder(place);
  maskAll(
    folder,
    programs.map((path) => basename(path)),
  );
  return `${place.inRoot}/${basename(folder)}`;
}

/**
 * The same for all that is started in a root that does not boot: its boot loader is left alone, whoever calls for it,
 * and whether or not the program is there yet.
 *
 * @param isFolder the root lies in a folder. An initramfs is built there by us alone, with settings for the machine that
 *   the root belongs to; one of a kernel that goes may be deleted. And no script of its packages looks for disks. The
 *   running system says itself that it is a container.
 */
export function maskBootPrograms(place: VolatileFolder, isFolder: boolean): RootPath {
  const folder = makeFolder(place);
  maskAll(
    folder,
    bootPrograms.filter((name) => name !== askedForFirmware),
  );
  if (isFolder) {
    writeFileSync(join(folder, askedForFirmware), knowsNoFirmware, { mode: 0o755 });
    maskAll(folder, [detectVirtualization, 'dracut']);
    writeFileSync(join(folder, 'update-initramfs'), deletesOnly, { mode: 0o755 });
    writeFileSync(join(folder, 'mkinitramfs'), withAllModules, { mode: 0o755 });
  }
  return `${place.inRoot}/${basename(folder)}`;
}

/** Scripts go by what it prints, and one that only succeeds ends shim-signed's preinst. */
const askedForFirmware = 'mokutil';

function makeFolder(place: VolatileFolder): string {
  mkdirSync(place.onHost, { recursive: true, mode: 0o755 });
  const folder = mkdtempSync(join(place.onHost, 'masked-'));
  chmodSync(folder, 0o755);
  return folder;
}

function maskAll(folder: string, names: readonly string[]): void {
  for (const name of new Set(names)) symlinkSync('/bin/true', join(folder, name));
}
