import type { BootLoader } from '../hardware/hardware-survey.ts';
import type { BootElsewhere } from './boot-elsewhere.ts';
import type { GrubEntry } from './grub-menu.ts';

/** The kernels of a root, and how it starts. */
export interface KernelFacts {
  /** The host's, also for a root in a folder. */
  readonly runningKernel: {
    readonly machine: string;
    readonly release: string;
    readonly bootId: string;
    /** `e_machine` of ELF programs that it hands to an emulator; absent where there are none. */
    readonly emulated?: readonly number[];
  };
  readonly cpuFlags: ReadonlySet<string>;
  /** Kernels in /boot. */
  readonly kernels: readonly Kernel[];
  /** How this root makes an initramfs; absent when it has no such program. */
  readonly initramfsGenerator?: InitramfsGenerator;
  /** Kernel modules that DKMS knows, by name, and the kernels for which it has installed each; absent when it is not there. */
  readonly dkmsModules?: Readonly<Record<string, readonly string[]>>;
  /** How the machine starts; absent for a root that does not boot. */
  readonly boot?: BootFacts;
  /** How the machine starts that a root in a folder belongs to; absent for the running system. */
  readonly elsewhere?: BootElsewhere;
}

export interface BootFacts {
  /** Of the EFI firmware, in bits; absent without EFI. */
  readonly firmwareBits?: 32 | 64;
  /** Absent when there is none that we know, or more than one. */
  readonly loader?: BootLoader;
  /** Present where that is GRUB. */
  readonly grub?: {
    readonly entries: readonly GrubEntry[];
    /** What it boots when it was told nothing else; absent when its menu does not say. */
    readonly defaultEntry?: string;
    /** What it boots once, the next time. */
    readonly nextEntry?: string;
    /** Why it cannot forget, while it boots, what to boot once: a clause. */
    readonly cannotWrite?: string;
  };
}

export type InitramfsGenerator = 'initramfs-tools' | 'dracut';

export interface Kernel {
  /** `uname -r` of it. */
  readonly version: string;
  /** Architecture of the package that it belongs to; absent when it belongs to none. */
  readonly architecture?: string;
  /** `mtime` in seconds since 1970. */
  readonly initramfs?: { readonly bytes: number; readonly mtime: number };
}
