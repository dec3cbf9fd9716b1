import * as z from 'zod';
import type { PackageFacts } from '../apt/package-facts.ts';
import { isCopyable, shellWords } from '../base/shell-word.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { compareVersions } from '../debian/version.ts';
import type { BeforeRecord } from '../state/before-record.ts';
import type { BootElsewhere } from './boot-elsewhere.ts';
import type { KernelFacts } from './kernel-facts.ts';

/** A command that works only on the machine to which a root in a folder belongs. */
export const leftForMachineSchema = z.strictObject({
  command: z.string(),
  why: z.string(),
  /** Before it starts from this root for the first time: from a rescue system, in the root. */
  beforeStart: z.literal(true).exactOptional(),
});

export type LeftForMachine = Readonly<z.infer<typeof leftForMachineSchema>>;

type LeavingFacts = KernelFacts & Pick<PackageFacts, 'inventory'>;

/** Packages whose programs GRUB's core image is written with. */
const grubPackages = /^grub-(pc|efi-[a-z0-9]+|xen|coreboot)$/;

/**
 * What a run in a folder could not do, in the order in which it is typed. Nothing for a root without a kernel of its own.
 *
 * @param facts at the end of the run
 */
export function leftForMachine(pair: ArchitecturePair, before: BeforeRecord, facts: LeavingFacts): LeftForMachine[] {
  const { elsewhere } = facts;
  const [kernel] = facts.kernels
    .filter(({ architecture }) => architecture === pair.target.name)
    .map(({ version }) => version)
    .sort((a, b) => compareVersions(b, a));
  if (elsewhere === undefined || kernel === undefined) return [];
  const has = hasPackage(facts);
  const left = [...unbuiltModules(facts, kernel), ...initramfsFor(pair, facts, elsewhere, kernel)];
  if (elsewhere.menus.some(({ path }) => path === '/boot/grub/grub.cfg') && has('grub2-common')) {
    const why = 'the entries of the old kernel start the new one meanwhile; this makes the menu anew';
    left.push({ command: 'update-grub', why });
  }
  left.push(...coreImages(before, facts));
  if (elsewhere.loaders.includes('systemd-boot')) {
    const why = 'systemd-boot starts a copy of the kernel that lies on its own partition';
    const [image, initramfs] = [`/boot/vmlinuz-${kernel}`, `/boot/initrd.img-${kernel}`];
    left.push({ command: shellWords(['kernel-install', 'add', kernel, image, initramfs]), why, beforeStart: true });
  }
  if (elsewhere.loaders.includes('lilo')) {
    left.push({ command: 'lilo', why: 'LILO knows a kernel by its place on the disk', beforeStart: true });
  }
  if (has('flash-kernel')) {
    left.push({
      command: 'flash-kernel',
      why: 'it puts the kernel where the firmware looks for it',
      beforeStart: true,
    });
  }
  return left.filter(({ command }) => isCopyable(command));
}

function hasPackage({ inventory }: LeavingFacts): (name: string) => boolean {
  const installed = new Set(inventory.packages.filter((one) => one.state !== 'config-files').map(({ name }) => name));
  return (name) => installed.has(name);
}

function unbuiltModules({ dkmsModules = {} }: LeavingFacts, kernel: string): LeftForMachine[] {
  const names = Object.entries(dkmsModules)
    .filter(([, kernels]) => kernels.length > 0 && !kernels.includes(kernel))
    .map(([name]) => name);
  const command = shellWords(['dkms', 'autoinstall', '-k', kernel]);
  return names.length === 0 ? [] : [{ command, why: `DKMS has not built ${names.join(', ')} for the new kernel` }];
}

function initramfsFor(
  { microcode }: ArchitecturePair,
  facts: LeavingFacts,
  { initramfs }: BootElsewhere,
  kernel: string,
): LeftForMachine[] {
  if (facts.initramfsGenerator === 'dracut') {
    const command = shellWords(['dracut', '--force', `/boot/initrd.img-${kernel}`, kernel]);
    return [{ command, why: 'the initramfs has drivers for any machine, and not the settings of this one' }];
  }
  const reasons = [
    ...(initramfs.isDependent ? ['it has drivers for any machine, and is larger than it need be (MODULES=dep)'] : []),
    ...(initramfs.unlocks ? ['what it unlocks disks with was taken over from the last one'] : []),
    ...(microcode.some(hasPackage(facts)) ? ['microcode for that processor could not be chosen here'] : []),
  ];
  if (facts.initramfsGenerator === undefined || reasons.length === 0) return [];
  const command = shellWords(['update-initramfs', '-u', '-k', kernel]);
  return [{ command, why: `the initramfs: ${reasons.join('; ')}` }];
}

/** GRUB's own part on the disk fits to its modules in /boot: with another version both have to be written. */
function coreImages(before: BeforeRecord, { inventory, elsewhere }: LeavingFacts): LeftForMachine[] {
  const versions = new Map(Object.entries(before.packages).map(([key, version]) => [key.replace(/:.*/, ''), version]));
  return inventory.packages.flatMap(({ name, version, state }): LeftForMachine[] => {
    if (state === 'config-files' || !grubPackages.test(name) || versions.get(name) === version) return [];
    const why = versions.has(name)
      ? `on the disk is GRUB ${versions.get(name)}, and here ${version}`
      : `${name} is new, and on no disk yet`;
    if (name !== 'grub-pc') return [{ command: 'grub-install', why }];
    const devices = elsewhere?.installDevices ?? [];
    // It asks for the disk.
    if (devices.length === 0) return [{ command: 'dpkg-reconfigure grub-pc', why }];
    return devices.map((device) => ({ command: shellWords(['grub-install', device]), why }));
  });
}
