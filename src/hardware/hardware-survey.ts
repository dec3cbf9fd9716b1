import type { Mount } from '../base/mount.ts';
import type { RootPath } from '../base/root.ts';
import type { ImmutableFile } from './immutable.ts';
import type { SnapshotTool } from './snapshot-tools.ts';

/** What is no matter of packages, but of what is under the system. */
export interface HardwareSurvey {
  /** What starts the services; absent when nothing does. */
  readonly initSystem?: InitSystem;
  /** Folders of `/` that a merged /usr has as symlinks, where they are none. */
  readonly unmergedFolders: readonly RootPath[];
  readonly clock: Clock;
  /** What packages write to and cannot; sorted by path. */
  readonly immutable: readonly ImmutableFile[];
  /** Absent for a root in a folder: these are no properties of it. */
  readonly host?: HostSurvey;
}

export interface HostSurvey {
  /** Absent on a machine of metal. */
  readonly virtualization?: Virtualization;
  readonly boot: BootSurvey;
  readonly memory?: Memory;
  /** Absent where the kernel knows of no power supply, as on most servers. */
  readonly power?: Power;
  /** What keeps snapshots of the system; none where nothing is set up. */
  readonly snapshots?: readonly SnapshotTool[];
  readonly mounts: readonly Mount[];
  /** Mount points that are files, not folders. */
  readonly mountedFiles: readonly string[];
}

export type InitSystem = 'systemd' | 'sysvinit' | 'runit' | 'openrc';

/** Milliseconds since 1970. */
export interface Clock {
  readonly now: number;
  /** The latest time at which a file was written that the clock must have passed. */
  readonly newest?: { readonly path: RootPath; readonly mtimeMs: number };
}

export interface Virtualization {
  readonly kind: 'machine' | 'container';
  /** As systemd-detect-virt(1) names it: `kvm`, `lxc`; `unknown`. */
  readonly name: string;
}

export type BootLoader = 'grub' | 'systemd-boot' | 'extlinux' | 'syslinux' | 'lilo';

export interface BootSurvey {
  /** Of the firmware; absent without EFI. */
  readonly efiBits?: 32 | 64;
  readonly secureBoot: boolean;
  /** Those that are set up; with more than one nobody can tell which of them the firmware starts. */
  readonly loaders: readonly BootLoader[];
  /** Only root may look where one of them has its files. */
  readonly loadersHidden?: true;
  /** Why GRUB cannot write its environment block while it boots, a clause: `it is on btrfs`; absent when it can. */
  readonly grubCannotWrite?: string;
  /** `GRUB_DEFAULT`, as the last configuration file has it; absent when none has it. */
  readonly grubDefault?: string;
}

export interface Power {
  readonly onBattery: boolean;
  /** Of the fullest battery. */
  readonly percent?: number;
}

/** One folder of /sys/class/power_supply; texts of its files, absent where it has no such. */
export interface PowerSupply {
  readonly type?: string | undefined;
  /** `Device`: the battery of a mouse. */
  readonly scope?: string | undefined;
  readonly online?: string | undefined;
  readonly status?: string | undefined;
  readonly capacity?: string | undefined;
}

/** @see Linux, Documentation/ABI/testing/sysfs-class-power */
export function readPower(supplies: readonly PowerSupply[]): Power | undefined {
  const own = supplies.filter(({ scope }) => scope?.trim() !== 'Device');
  if (own.length === 0) return undefined;
  const batteries = own.filter(({ type }) => type?.trim() === 'Battery');
  const isFed = own.some(({ type, online }) => type?.trim() !== 'Battery' && online?.trim() === '1');
  const charges = batteries
    .map(({ capacity }) => Number.parseInt(capacity ?? '', 10))
    .filter((one) => !Number.isNaN(one));
  return {
    onBattery: !isFed && batteries.some(({ status }) => status?.trim() === 'Discharging'),
    ...(charges.length > 0 && { percent: Math.max(...charges) }),
  };
}

/** In bytes. */
export interface Memory {
  readonly total: number;
  /** Without swapping. */
  readonly available: number;
  readonly swapFree: number;
}

/** Traces of a virtual machine or container. */
export interface VirtualizationTraces {
  /** What `systemd-detect-virt` and `systemd-detect-virt --container` print; absent when they cannot be run. */
  readonly detected?: { readonly any: string; readonly container: string };
  /** Text of /run/systemd/container. */
  readonly systemdContainer?: string | undefined;
  /** The environment of the first process. */
  readonly firstEnvironment?: string | undefined;
  /** Files that container managers make. */
  readonly containerFiles: readonly RootPath[];
  readonly cpuFlags: ReadonlySet<string>;
}

/** Files that a container manager makes, and the name of the manager. @see systemd, src/basic/virt.c */
export const containerFiles: Readonly<Record<RootPath, string>> = {
  '/.dockerenv': 'docker',
  '/run/.containerenv': 'podman',
  '/dev/.lxc-boot-id': 'lxc',
};

/** @see systemd-detect-virt(1); https://systemd.io/CONTAINER_INTERFACE */
export function readVirtualization(traces: VirtualizationTraces): Virtualization | undefined {
  const { detected } = traces;
  const container =
    known(detected?.container) ??
    known(traces.systemdContainer) ??
    known(/(?:^|\0)container=([^\0]*)/.exec(traces.firstEnvironment ?? '')?.[1]) ??
    traces.containerFiles.map((path) => containerFiles[path]).find((name) => name !== undefined);
  if (container !== undefined) return { kind: 'container', name: container };
  const machine = known(detected?.any) ?? (traces.cpuFlags.has('hypervisor') ? 'unknown' : undefined);
  return machine === undefined ? undefined : { kind: 'machine', name: machine };
}

function known(text: string | undefined): string | undefined {
  const name = text?.trim() ?? '';
  return name === '' || name === 'none' ? undefined : name;
}

/** What shows that a boot loader is set up. */
export const bootLoaderFiles: Readonly<Record<BootLoader, readonly RootPath[]>> = {
  grub: ['/boot/grub/grub.cfg'],
  'systemd-boot': ['/boot/efi/loader/loader.conf', '/efi/loader/loader.conf', '/boot/loader/loader.conf'],
  extlinux: ['/boot/extlinux/extlinux.conf'],
  syslinux: ['/boot/syslinux/syslinux.cfg'],
  lilo: ['/etc/lilo.conf'],
};

/**
 * @param files those of `bootLoaderFiles` that are there
 * @param loaderInfo the EFI variable by which a boot loader names itself; its content begins with 4 bytes of
 *   attributes and is UTF-16
 * @see https://systemd.io/BOOT_LOADER_INTERFACE
 */
export function readBootLoaders(files: readonly RootPath[], loaderInfo: string | undefined): BootLoader[] {
  const info = loaderInfo?.replaceAll('\0', '') ?? '';
  if (/systemd-boot/i.test(info)) return ['systemd-boot'];
  if (/grub/i.test(info)) return ['grub'];
  const loaders = Object.keys(bootLoaderFiles) as BootLoader[];
  return loaders.filter((loader) => bootLoaderFiles[loader].some((path) => files.includes(path)));
}

/**
 * @param variable the firmware's own: 4 bytes of attributes and one of value; a 32-bit kernel cannot ask 64-bit firmware
 * @param parameter one byte, which the boot loader or the kernel's EFI stub has found out before
 * @returns undefined when neither tells
 * @see UEFI specification, 3.3; Linux, arch/x86/include/uapi/asm/bootparam.h and `enum efi_secureboot_mode`
 */
export function isSecureBootOn(variable: string | undefined, parameter: string | undefined): boolean | undefined {
  if (variable !== undefined && variable.length > 4) return variable.charCodeAt(4) === 1;
  return { 2: false, 3: true }[parameter?.charCodeAt(0) ?? 0];
}

/** Of that byte among the boot parameters. @see Linux, Documentation/x86/zero-page.rst */
export const secureBootOffset = 0x1ec;

/** Filesystems with checksums, and such as are no disk of this machine. */
const grubReadsOnly = /^(btrfs|zfs|bcachefs|nfs4?|overlay|squashfs|iso9660|tmpfs|ramfs|rootfs|9p|virtiofs)$/;

/**
 * @param mount that /boot/grub lies on
 * @param isStacked its device is made of others: LVM, RAID, an encrypted disk
 * @returns a clause, or undefined when GRUB can write there
 * @see GRUB manual, The GRUB environment block
 */
export function whyGrubCannotWrite(mount: Mount | undefined, isStacked: boolean): string | undefined {
  if (!mount) return undefined;
  if (grubReadsOnly.test(mount.type)) return `it is on ${mount.type}`;
  return isStacked || /^\/dev\/(mapper\/|dm-|md)/.test(mount.source)
    ? 'it is on LVM, RAID or an encrypted disk'
    : undefined;
}

/** @param texts of /etc/default/grub and /etc/default/grub.d/*.cfg, in the order in which grub-mkconfig reads them */
export function readGrubDefault(texts: readonly string[]): string | undefined {
  const lines = texts.flatMap((text) => text.split('\n'));
  const values = lines.flatMap((line) => {
    const match = /^\s*(?:export\s+)?GRUB_DEFAULT=(?:"([^"]*)"|'([^']*)'|([^\s#;]*))/.exec(line);
    return match ? [match[1] ?? match[2] ?? match[3] ?? ''] : [];
  });
  return values.at(-1);
}

/**
 * @param meminfo text of /proc/meminfo
 * @param limit texts of memory.max and memory.current of our control group, where there are any
 * @see proc(5), /proc/meminfo; the kernel's documentation of cgroup v2
 */
export function readMemory(meminfo: string, limit: { max?: string | undefined; current?: string | undefined }): Memory {
  const field = (name: string): number =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0) * 1024;
  const total = field('MemTotal');
  const available = field('MemAvailable');
  const max = /^\d+\s*$/.test(limit.max ?? '') ? Number(limit.max) : Number.POSITIVE_INFINITY;
  return {
    total: Math.min(total, max),
    available: Math.min(available, Math.max(0, max - Number(limit.current ?? 0))),
    swapFree: field('SwapFree'),
  };
}

/**
 * @param running what process 1 is, on a host; absent for a root in a folder, where only packages tell
 * @param packages installed names
 */
export function readInitSystem(
  running: { readonly systemd: boolean; readonly name: string } | undefined,
  packages: ReadonlySet<string>,
): InitSystem | undefined {
  if (running) {
    if (running.systemd) return 'systemd';
    if (/^(runit|openrc)/.test(running.name)) return running.name.startsWith('runit') ? 'runit' : 'openrc';
    // The first process of a container may be anything, and start no services.
    if (running.name !== 'init') return undefined;
  }
  if (packages.has('runit-init')) return 'runit';
  if (packages.has('sysvinit-core')) return packages.has('openrc') ? 'openrc' : 'sysvinit';
  return packages.has('systemd-sysv') ? 'systemd' : undefined;
}
