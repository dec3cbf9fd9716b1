/**
 * Programs that write a boot loader, its menu or the firmware's, or that look for the disks behind a root. In a root
 * that is not booted there are none of its disks: they fail, find the disks of this machine, or ask.
 *
 * Maintainer scripts and the hooks in /etc/kernel call them by name only (Debian policy 6.1).
 */
export const bootPrograms: readonly string[] = [
  // grub2-common, grub-pc, grub-efi-*, grub-xen, grub-legacy
  'update-grub',
  'update-grub2',
  'grub-mkconfig',
  'grub-install',
  'grub-bios-setup',
  'grub-probe',
  'grub-mkdevicemap',
  'grub-set-default',
  'grub-reboot',
  'os-prober',
  // shim-signed, refind, systemd-boot
  'efibootmgr',
  'update-secureboot-policy',
  'mokutil',
  'refind-install',
  'bootctl',
  'kernel-install',
  // lilo, extlinux, syslinux, others' hooks
  'lilo',
  'liloconfig',
  'extlinux',
  'syslinux',
  'flash-kernel',
  'zipl',
];

/**
 * Says, by succeeding, that this is a container. That is what grub-pc's, grub2-common's and other packages' scripts ask
 * before they look for disks: without it grub-pc ends with 1 where the disks that it was installed on are not there,
 * whatever became of grub-install.
 *
 * @see systemd-detect-virt(1), `--container`
 */
export const detectVirtualization = 'systemd-detect-virt';
