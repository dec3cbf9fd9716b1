import type { AptPlaces } from './apt-places.ts';
import type { BootElsewhere } from './boot-elsewhere.ts';
import type { Capability } from './capabilities.ts';
import type { Exports } from './data/exports.ts';
import type { GrubEntry } from './grub-menu.ts';
import type { Inventory } from './inventory.ts';
import type { LocalSoftwareRecord, Rebuilt } from './local-software.ts';
import type { Release } from './release.ts';
import type { Milestones } from './state.ts';
import type { BootLoader } from './survey-machine.ts';

/** Everything that steps and checks may know of a root, read in one go. */
export interface Facts {
  readonly release: Release;
  readonly inventory: Inventory;
  readonly aptPlaces: AptPlaces;
  /** apt's source files: path to text. */
  readonly sourceFiles: Readonly<Record<string, string>>;
  /** apt's configuration files: path to text. */
  readonly aptConfiguration: Readonly<Record<string, string>>;
  /** apt's preferences: path to text; absent when there are none. */
  readonly aptPreferences?: Readonly<Record<string, string>>;
  /** Kernel modules that DKMS knows, by name, and the kernels for which it has installed each; absent when it is not there. */
  readonly dkmsModules?: Readonly<Record<string, readonly string[]>>;
  /** Packages whose triggers were activated since dpkg last looked; absent when there are none. */
  readonly deferredTriggers?: readonly string[];
  /** crossgrade's own files in the root, those that are there: path to text. */
  readonly ownFiles: Readonly<Record<string, string>>;
  /** What lies in the archive folder: file name to bytes. */
  readonly archives: Readonly<Record<string, number>>;
  /** Architectures for which apt has package lists. */
  readonly indexedArchitectures: readonly string[];
  /** The host's, also for a root in a folder. */
  readonly runningKernel: { readonly machine: string; readonly release: string; readonly bootId: string };
  readonly cpuFlags: ReadonlySet<string>;
  /** Kernels in /boot. */
  readonly kernels: readonly Kernel[];
  /** How this root makes an initramfs; absent when it has no such program. */
  readonly initramfsGenerator?: InitramfsGenerator;
  /** Text of apt's extended_states; '' when there is none. */
  readonly extendedStates: string;
  /** Text of dpkg's list of architectures; absent when there is none. */
  readonly architectureFile?: string;
  /** How the machine starts; absent for a root that does not boot. */
  readonly boot?: BootFacts;
  /** How the machine starts that a root in a folder belongs to; absent for the running system. */
  readonly elsewhere?: BootElsewhere;
  /** Units of systemd that start package programs by themselves, and are active now; absent without systemd. */
  readonly activePackageUnits?: readonly string[];
  /** Of the files that had any before, when crossgrade has written that down: then, and now. */
  readonly capabilities?: { readonly before: readonly Capability[]; readonly now: readonly Capability[] };
  /** Units that ran before and do not now, near the end of a run; absent until then, and without systemd. */
  readonly stoppedUnits?: readonly string[];
  /** Data that was exported; absent before. */
  readonly exports?: Exports;
  /** Programs and virtualenvs outside packages, as they were before; absent until they are written down. */
  readonly localSoftware?: LocalSoftwareRecord;
  /** What became of virtualenvs so far; absent before the first one. */
  readonly rebuilt?: Rebuilt;
  /** How the host was connected: the boot in which that was kept, and the one in which it was compared last. */
  readonly network?: { readonly bootId: string; readonly comparedIn?: string };
  /** Moments of this run that leave no trace in the system: name to ISO time. */
  readonly milestones: Milestones;
}

export interface BootFacts {
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
