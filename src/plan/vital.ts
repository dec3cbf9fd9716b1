import { DependencyGraph, type Link } from '../debian/dependency-graph.ts';
import type { Inventory } from '../debian/inventory.ts';
import type { PackageStanza } from '../debian/package.ts';
import { ownProgramPackages } from './own-programs.ts';
import type { TargetSet } from './plan.ts';

/**
 * Without one of these nobody can mend the system any more, from near or from far: packages are installed, the system
 * starts, somebody logs in, the network is there. By the names that Debian and its derivatives give them.
 */
const vitalNames: readonly RegExp[] = [
  /^(dpkg|apt|tar|perl-base)$/,
  // What is the first process, or starts the others.
  /^(init|systemd|systemd-sysv|sysvinit-core|sysv-rc|runit|runit-init|openrc|s6|finit-sysv)$/,
  // Logging in, from near and from far.
  /^(login|passwd|util-linux|sudo|libpam-runtime|libpam-modules|libpam-modules-bin|libpam-systemd|libnss-.*|libpam-.*)$/,
  /^(sssd|sssd-common|nslcd|winbind)$/,
  /^(openssh-server|dropbear|dropbear-bin|tinysshd)$/,
  // Who brings the network up, and its tools.
  /^(ifupdown|ifupdown2|ifupdown-ng|network-manager|netplan\.io|connman|wicked|systemd-resolved|resolvconf|openresolv)$/,
  /^(isc-dhcp-client|dhcpcd|dhcpcd5|dhcpcd-base|udhcpc|iproute2|wpasupplicant|iwd|ppp|bridge-utils|vlan|ifenslave)$/,
  // Starting the machine.
  /^(grub-(pc|efi|coreboot|xen).*|grub2-common|grub-common|extlinux|syslinux|lilo|systemd-boot.*|flash-kernel)$/,
  /^(lvm2|mdadm|cryptsetup|cryptsetup-bin|cryptsetup-initramfs|multipath-tools|open-iscsi|zfsutils-linux|zfs-initramfs)$/,
  /^(initramfs-tools|initramfs-tools-core|dracut|dracut-core|linux-image-.*)$/,
];

/** A vital package, and from whom it is so: the last one of the chain is itself. */
export type VitalPackages = ReadonlyMap<string, readonly Link[]>;

/**
 * @returns names that both the system and its target have, and of which some build has to be there at every moment:
 *   essential, protected and important ones, what the lists above name, and what crossgrade runs itself; each with all
 *   that it depends on
 */
export function vitalPackages(inventory: Inventory, target: TargetSet): VitalPackages {
  const there = inventory.packages.filter(({ state }) => state !== 'config-files');
  const names = new Set(there.map(({ name }) => name));
  const wanted = new Set(target.packages.map(({ name }) => name));
  const all: readonly PackageStanza[] = [...there, ...target.packages];
  const start = new Set(all.filter(isVital).map(({ name }) => name));
  const chains = new DependencyGraph(all).chainsFrom([...start].sort());
  const found = new Map<string, readonly Link[]>();
  for (const [name, chain] of chains) {
    if (names.has(name) && wanted.has(name)) found.set(name, chain);
  }
  return found;
}

/** @returns whether a package is vital by itself, whoever needs it */
export function isVital({ name, essential, protected: isProtected }: PackageStanza): boolean {
  return essential || isProtected || ownProgramPackages.has(name) || vitalNames.some((one) => one.test(name));
}

/** @returns why a package is vital: `openssh-server needs libpam0g (>= 0.99), which needs libaudit1 (>= 1:2.2.1)` */
export function vitalReason(chain: readonly Link[]): string {
  const [first, ...rest] = chain;
  if (first === undefined || rest.length === 0) return `${first?.name ?? ''} is vital itself`;
  const needs = [first, ...rest].slice(0, -1).map(({ needs: text }) => text);
  return `${first.name} needs ${needs.join(', which needs ')}`;
}
