import type { RootPath } from '../base/root.ts';
import type { BootLoader } from '../hardware/hardware-survey.ts';
import { bootPrograms } from './boot-programs.ts';

/**
 * How the machine starts to which a root in a folder belongs, as its files tell: the root may be a restored backup, a
 * disk image, a disk from another machine. None of that machine's disks is here, or a disk is not what it will be.
 */
export interface BootElsewhere {
  /** Those that are set up. */
  readonly loaders: readonly BootLoader[];
  /** Menus that a file has, and that name kernels by their paths. */
  readonly menus: readonly BootMenu[];
  /** Where grub-pc was installed, as debconf has written it down. */
  readonly installDevices: readonly string[];
  readonly initramfs: InitramfsElsewhere;
  /** /etc/fstab has a filesystem of its own for /boot. */
  readonly hasOwnBoot: boolean;
  /** Hooks that call a boot loader's program by its path, by which it cannot be hidden from them. */
  readonly hooks: readonly RootPath[];
}

export interface BootMenu {
  readonly path: RootPath;
  readonly text: string;
  /** Permission bits: passwords may be in it. */
  readonly mode: number;
}

/** What an initramfs has to be told that is found out from disks on the machine itself. */
export interface InitramfsElsewhere {
  /** `MODULES` of initramfs-tools is `dep`: only what this very machine needs. */
  readonly isDependent: boolean;
  /** Types of the filesystems of / and /usr, as /etc/fstab has them, where no setting has them: `FSTYPE` is `auto`. */
  readonly filesystemTypes: readonly string[];
  /** An initramfs made on the machine unlocks disks, which /etc/crypttab alone does not tell. */
  readonly unlocks: boolean;
}

/** Menus in which a kernel can be replaced by another. */
export const menuFiles: readonly RootPath[] = [
  '/boot/grub/grub.cfg',
  '/boot/extlinux/extlinux.conf',
  '/boot/syslinux/syslinux.cfg',
];

/** @returns `uname -r` of the kernels that a menu starts */
export function kernelsOfMenu(text: string): string[] {
  const found = [...text.matchAll(/\/vmlinuz-([\w.+~-]+)/g)].map(([, version = '']) => version);
  return [...new Set(found)];
}

/**
 * Has the entries of kernels that are gone start another one. Their ids stay, by which a default is set. It holds until
 * the machine itself writes its menu anew.
 *
 * @param gone `uname -r` of kernels
 */
export function pointMenuTo(text: string, gone: readonly string[], kernel: string): string {
  return gone.reduce((result, version) => {
    const quoted = version.replaceAll(/[.+~-]/g, String.raw`\$&`);
    // Paths, titles, and what is printed meanwhile.
    const names = new RegExp(String.raw`((?:vmlinuz|initrd\.img)-|\bLinux )${quoted}(?![\w.+~-])`, 'g');
    return result.replaceAll(names, (_, before: string) => `${before}${kernel}`);
  }, text);
}

/**
 * @param database text of debconf's /var/cache/debconf/config.dat
 * @see debconf-devel(7); grub-pc's postinst
 */
export function readInstallDevices(database: string): string[] {
  const stanza = database.split(/\n\n+/).find((one) => /^Name: grub-pc\/install_devices$/m.test(one)) ?? '';
  const value = /^Value: (.*)$/m.exec(stanza)?.[1] ?? '';
  return value.split(/,\s*/).filter((device) => /^\/dev\/[\w./:+@=-]+$/.test(device));
}

/**
 * @param texts of initramfs.conf and the files of conf.d, in the order in which mkinitramfs(8) reads them
 * @returns the last one
 */
export function readInitramfsSetting(texts: readonly string[], name: 'FSTYPE' | 'MODULES'): string | undefined {
  const pattern = new RegExp(String.raw`^\s*${name}=["']?([\w,-]*)`, 'gm');
  return texts
    .flatMap((text) => [...text.matchAll(pattern)])
    .map(([, value = '']) => value)
    .at(-1);
}

/** @param fstab text of /etc/fstab */
export function readRootTypes(fstab: string): string[] {
  const types = mountLines(fstab).flatMap(([, point, type = 'auto']) =>
    (point === '/' || point === '/usr') && /^[\w.]+$/.test(type) && type !== 'auto' ? [type] : [],
  );
  return [...new Set(types)];
}

/** @param fstab text of /etc/fstab */
export function readOwnBoot(fstab: string): boolean {
  return mountLines(fstab).some(([, point]) => point === '/boot');
}

function mountLines(fstab: string): string[][] {
  const lines = fstab.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/\s+/));
}

/** @param script text of a hook */
export function callsByPath(script: string): boolean {
  const calls = new RegExp(String.raw`(?<!-[ex] )(?<![\w.])/(?:usr/)?s?bin/(?:${bootPrograms.join('|')})(?![\w-])`);
  return script.split('\n').some((line) => !/^\s*#/.test(line) && calls.test(line));
}

/** @param crypttab text of a crypttab(5) */
export function hasCryptEntries(crypttab: string): boolean {
  return crypttab.split('\n').some((line) => /^\s*[^\s#]\S*\s+\S/.test(line));
}
