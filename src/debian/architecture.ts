/**
 * Everything that distinguishes one Debian architecture pair from another.
 * A step never names an architecture: a new pair is one entry here.
 */

export interface Architecture {
  /** Debian's name, as in `dpkg --print-architecture`. */
  readonly name: string;
  /** GNU triplet with dashes, as in `/usr/lib/<triplet>`. */
  readonly triplet: string;
  /** Triplet as it is written inside package names (`binutils-<triplet>`). */
  readonly packageTriplet: string;
  /** Triplet with a vendor, as GNU configure scripts write it. */
  readonly buildTriplet: string;
  /** ELF class in bits. */
  readonly elfBits: 32 | 64;
  /** `e_machine` of an ELF header. */
  readonly elfMachine: number;
  /** The dynamic loader that programs of it ask for. */
  readonly loader: `/${string}`;
  /** `uname -m` of kernels that can run programs of it, where the processor has what they need. */
  readonly kernelMachines: readonly string[];
  /** What container managers and libvirt call it; the first is Docker’s name for it. */
  readonly guestNames: readonly [string, ...string[]];
  /** Words of the `flags` or `Features` in /proc/cpuinfo; each says by itself that the processor runs programs of it. */
  readonly cpuFlags?: readonly string[];
}

export interface ArchitecturePair {
  readonly source: Architecture;
  readonly target: Architecture;
  /** Kernel packages of the source, by exact name, and what takes their place. */
  readonly kernelMetapackages: Readonly<Record<string, string>>;
  /** Versioned kernel packages of the source: they have no counterpart and vanish. */
  readonly versionedKernel: RegExp;
  /** Kernel metapackage to ask for when only a versioned kernel is installed. */
  readonly defaultKernel: string;
  /** Whether kernels of the target start from EFI firmware of the source's word size. */
  readonly mixedFirmware: boolean;
  /** Packages that exist to run what is of the source for ever. */
  readonly sourceOnly: readonly string[];
  /** Packages whose hooks look at the processor. */
  readonly microcode: readonly string[];
  /** Kernel and boot loader of a system of the source that shall boot. */
  readonly bootPackages: readonly string[];
  /** What firmware of the source's word size starts; absent where firmware has none. */
  readonly firmware?: {
    /** The boot loader's package: it is there only where it starts the machine. */
    readonly loader: string;
    /** Packages whose source builds are programs for such firmware, and whose target builds, if any, are for another. */
    readonly packages: RegExp;
  };
}

const i386: Architecture = {
  name: 'i386',
  triplet: 'i386-linux-gnu',
  packageTriplet: 'i686-linux-gnu',
  buildTriplet: 'i686-pc-linux-gnu',
  elfBits: 32,
  elfMachine: 3,
  loader: '/lib/ld-linux.so.2',
  kernelMachines: ['i386', 'i486', 'i586', 'i686', 'x86_64'],
  guestNames: ['386', 'i386', 'i486', 'i586', 'i686', 'x86', 'linux32'],
};

const amd64: Architecture = {
  name: 'amd64',
  triplet: 'x86_64-linux-gnu',
  packageTriplet: 'x86-64-linux-gnu',
  buildTriplet: 'x86_64-pc-linux-gnu',
  elfBits: 64,
  elfMachine: 62,
  loader: '/lib64/ld-linux-x86-64.so.2',
  kernelMachines: ['x86_64'],
  guestNames: ['amd64', 'x86_64', 'linux64'],
  // Long mode.
  cpuFlags: ['lm'],
};

const armhf: Architecture = {
  name: 'armhf',
  triplet: 'arm-linux-gnueabihf',
  packageTriplet: 'arm-linux-gnueabihf',
  buildTriplet: 'arm-unknown-linux-gnueabihf',
  elfBits: 32,
  elfMachine: 40,
  loader: '/lib/ld-linux-armhf.so.3',
  kernelMachines: ['armv7l', 'armv8l', 'aarch64'],
  guestNames: ['arm', 'armhf', 'armhfp', 'armv7l'],
};

const arm64: Architecture = {
  name: 'arm64',
  triplet: 'aarch64-linux-gnu',
  packageTriplet: 'aarch64-linux-gnu',
  buildTriplet: 'aarch64-unknown-linux-gnu',
  elfBits: 64,
  elfMachine: 183,
  loader: '/lib/ld-linux-aarch64.so.1',
  kernelMachines: ['aarch64'],
  guestNames: ['arm64', 'aarch64'],
  // What 64-bit kernels call NEON; and what 32-bit ones show of ARMv8 cores alone.
  cpuFlags: ['asimd', 'crc32'],
};

export const architecturePairs: readonly ArchitecturePair[] = [
  {
    source: i386,
    target: amd64,
    kernelMetapackages: {
      'linux-image-686': 'linux-image-amd64',
      'linux-image-686-pae': 'linux-image-amd64',
      'linux-image-rt-686-pae': 'linux-image-rt-amd64',
      'linux-headers-686': 'linux-headers-amd64',
      'linux-headers-686-pae': 'linux-headers-amd64',
      'linux-headers-rt-686-pae': 'linux-headers-rt-amd64',
    },
    versionedKernel: /^linux-(image|headers)-\d.*-686(-pae)?(-unsigned)?$/,
    defaultKernel: 'linux-image-amd64',
    mixedFirmware: true,
    firmware: {
      loader: 'grub-efi-ia32',
      packages:
        /^(shim-signed|shim-unsigned|shim-helpers-i386-signed|grub-efi-ia32-signed|systemd-boot-efi|fwupd-i386-signed)$/,
    },
    sourceOnly: [
      'wine32',
      'wine32-development',
      'wine32-tools',
      'steam',
      'steam-installer',
      'steam-launcher',
      'steam-libs-i386',
    ],
    microcode: ['intel-microcode', 'amd64-microcode'],
    bootPackages: ['linux-image-686-pae', 'grub-pc'],
  },
  {
    source: armhf,
    target: arm64,
    kernelMetapackages: {
      'linux-image-armmp': 'linux-image-arm64',
      'linux-image-armmp-lpae': 'linux-image-arm64',
      'linux-image-rt-armmp': 'linux-image-rt-arm64',
      'linux-headers-armmp': 'linux-headers-arm64',
      'linux-headers-armmp-lpae': 'linux-headers-arm64',
      'linux-headers-rt-armmp': 'linux-headers-rt-arm64',
    },
    versionedKernel: /^linux-(image|headers)-\d.*-armmp(-lpae)?(-unsigned)?$/,
    defaultKernel: 'linux-image-arm64',
    mixedFirmware: false,
    sourceOnly: [],
    microcode: [],
    bootPackages: ['linux-image-armmp', 'grub-efi-arm'],
  },
];

/** @returns the pair that leads from one Debian architecture to another, if we know one. */
export function findPair(source: string, target: string): ArchitecturePair | undefined {
  return architecturePairs.find((pair) => pair.source.name === source && pair.target.name === target);
}

/** @returns where a system goes when nothing else is said: itself where no way leads on from it */
export function defaultTarget(source: string): string {
  return architecturePairs.find((pair) => pair.source.name === source)?.target.name ?? source;
}

/** `i386 to amd64, armhf to arm64` */
export const knownWays: string = architecturePairs
  .map(({ source, target }) => `${source.name} to ${target.name}`)
  .join(', ');

/**
 * @param kernel `emulated`: `e_machine` of foreign programs that it hands to an emulator
 * @returns whether programs of an architecture run under a kernel, as far as that is the kernel's matter
 */
export function runsUnder(
  { kernelMachines, elfMachine }: Architecture,
  kernel: { readonly machine: string; readonly emulated?: readonly number[] },
): boolean {
  return kernelMachines.includes(kernel.machine) || kernel.emulated?.includes(elfMachine) === true;
}
