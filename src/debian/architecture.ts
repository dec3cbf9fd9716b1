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
  /** What the CPU must offer, as a word of the `flags` line in /proc/cpuinfo. */
  readonly cpuFlag?: string;
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
  /** What firmware of the source's word size starts; absent where firmware has none. */
  readonly firmware?: {
    /** The boot loader's package: it is there only where it starts the machine. */
    readonly loader: string;
    /** Packages whose source builds are programs for such firmware, and whose target builds, if any, are for another. */
    readonly packages: RegExp;
  };
  /** `uname -m` of kernels that can run programs of the target. */
  readonly targetKernelMachines: readonly string[];
}

const i386: Architecture = {
  name: 'i386',
  triplet: 'i386-linux-gnu',
  packageTriplet: 'i686-linux-gnu',
  buildTriplet: 'i686-pc-linux-gnu',
  elfBits: 32,
  elfMachine: 3,
  loader: '/lib/ld-linux.so.2',
};

const amd64: Architecture = {
  name: 'amd64',
  triplet: 'x86_64-linux-gnu',
  packageTriplet: 'x86-64-linux-gnu',
  buildTriplet: 'x86_64-pc-linux-gnu',
  elfBits: 64,
  elfMachine: 62,
  loader: '/lib64/ld-linux-x86-64.so.2',
  cpuFlag: 'lm',
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
    firmware: {
      loader: 'grub-efi-ia32',
      packages:
        /^(shim-signed|shim-unsigned|shim-helpers-i386-signed|grub-efi-ia32-signed|systemd-boot-efi|fwupd-i386-signed)$/,
    },
    targetKernelMachines: ['x86_64'],
  },
];

/** @returns the pair that leads from one Debian architecture to another, if we know one. */
export function findPair(source: string, target: string): ArchitecturePair | undefined {
  return architecturePairs.find((pair) => pair.source.name === source && pair.target.name === target);
}
