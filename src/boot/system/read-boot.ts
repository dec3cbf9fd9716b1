import type { Machine } from '../../base/machine.ts';
import { type Mount, mountOf, parseMountinfo } from '../../base/mount.ts';
import type { RootPath } from '../../base/root.ts';
import { bootLoaderFiles, readBootLoaders, whyGrubCannotWrite } from '../../hardware/hardware-survey.ts';
import { readDefaultEntry, readGrubMenu, readNextEntry } from '../grub-menu.ts';
import type { BootFacts } from '../kernel-facts.ts';

const grubFolder: RootPath = '/boot/grub';

/** How this machine starts, and what its boot loader is set to; undefined for a root that does not boot. */
export async function readBootFacts(machine: Machine): Promise<BootFacts | undefined> {
  if (!machine.root.can.has('boot')) return undefined;
  const firmwareBits = await readFirmwareBits(machine);
  const firmware = firmwareBits && { firmwareBits };
  const [loader, ...others] = await readLoaders(machine);
  if (loader === undefined || others.length > 0) return { ...firmware };
  if (loader !== 'grub') return { ...firmware, loader };
  const cannotWrite = await readGrubCannotWrite(machine);
  const nextEntry = readNextEntry((await machine.readTextIfThere(`${grubFolder}/grubenv`)) ?? '');
  const menu = (await machine.readTextIfThere(`${grubFolder}/grub.cfg`)) ?? '';
  const defaultEntry = readDefaultEntry(menu);
  return {
    ...firmware,
    loader,
    grub: {
      entries: readGrubMenu(menu),
      ...(defaultEntry !== undefined && { defaultEntry }),
      ...(nextEntry !== undefined && { nextEntry }),
      ...(cannotWrite !== undefined && { cannotWrite }),
    },
  };
}

/** Undefined without EFI. Kernels before 4.0 do not say; nearly all firmware is of 64 bit. */
async function readFirmwareBits(machine: Machine): Promise<32 | 64 | undefined> {
  if (!(await machine.exists('/sys/firmware/efi'))) return undefined;
  const text = await machine.readTextIfThere('/sys/firmware/efi/fw_platform_size');
  return text?.trim() === '32' ? 32 : 64;
}

/**
 * Those that are set up; with more than one nobody can tell which of them the firmware starts.
 *
 * @param anyFirmware it is not this machine's that starts the root
 */
export async function readLoaders(machine: Machine, anyFirmware = false): Promise<ReturnType<typeof readBootLoaders>> {
  const efi = await machine.exists('/sys/firmware/efi');
  const found: RootPath[] = [];
  for (const [loader, paths] of Object.entries(bootLoaderFiles)) {
    // Without EFI it cannot be what starts this machine.
    if (loader === 'systemd-boot' && !efi && !anyFirmware) continue;
    for (const path of paths) if (await machine.exists(path)) found.push(path);
  }
  const variable: RootPath = '/sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';
  return readBootLoaders(found, efi ? await machine.readTextIfThere(variable) : undefined);
}

/** Why GRUB cannot write its environment block while it boots, a clause; undefined when it can. */
export async function readGrubCannotWrite(machine: Machine): Promise<string | undefined> {
  const mounts = parseMountinfo((await machine.readTextIfThere('/proc/self/mountinfo')) ?? '');
  const mount = mountOf(mounts, grubFolder);
  return whyGrubCannotWrite(mount, await isStacked(machine, mount));
}

/** LVM, RAID, an encrypted disk: GRUB writes to none of them. */
async function isStacked(machine: Machine, mount: Mount | undefined): Promise<boolean> {
  for (const kind of ['dm', 'md'] as const) {
    if (mount && (await machine.exists(`/sys/dev/block/${mount.device}/${kind}`))) return true;
  }
  return false;
}
