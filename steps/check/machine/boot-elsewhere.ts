import type { Check } from '../../../src/core/check.ts';

const known = {
  grub: 'GRUB',
  'systemd-boot': 'systemd-boot',
  extlinux: 'extlinux',
  syslinux: 'SYSLINUX',
  lilo: 'LILO',
} as const;

/** They start a copy of the kernel, or know it by its place on the disk. */
const needProgram: readonly string[] = ['systemd-boot', 'lilo'];

/** Source: grub-install(8); update-grub(8); bootctl(1); lilo(8); debconf(7). */
export const bootElsewhere: Check = {
  id: 'machine/boot-elsewhere',
  about: {
    'machine/boot-elsewhere': {
      text:
        'A root in a folder may be a restored backup or the disk of another machine. The disks that its boot loader is ' +
        'installed on are not here, so no program of a boot loader is run in it, whoever calls for it: update-grub, ' +
        'grub-install, bootctl and the like do nothing and say that all is well. The entries of its menu start the new ' +
        'kernel in place of the old one, and its initramfs is built with what the root’s own files tell of that ' +
        'machine. The end of the run names the commands that are left for the machine itself.',
      source: 'grub-install(8); update-initramfs(8); debconf(7)',
    },
    'machine/boot-elsewhere-by-hand': {
      text:
        'This boot loader starts a copy of the kernel on its own partition, or knows the kernel by its place on the ' +
        'disk. Only its own program, on the machine itself, can tell it of the new one; the old kernel is gone at the ' +
        'end. So that has to be done from a rescue system, before the machine starts from this root.',
      source: 'bootctl(1); kernel-install(8); lilo(8)',
    },
  },
  findings: ({ facts, pair, survey }) => {
    const { elsewhere, kernels } = facts;
    const isBooted = kernels.some(({ architecture }) => architecture === pair.source.name);
    if (!survey || elsewhere === undefined || !isBooted || elsewhere.loaders.length === 0) return [];
    const { loaders, installDevices, menus } = elsewhere;
    const names = loaders.map((one) => known[one]).join(', ');
    const byHand = loaders.filter((one) => needProgram.includes(one));
    const where = installDevices.length > 0 ? ` It was installed on ${installDevices.join(', ')}.` : '';
    if (byHand.length > 0) {
      return [
        {
          id: 'machine/boot-elsewhere-by-hand',
          severity: 'warning',
          title: `The boot loader of this root (${names}) has to be told of the new kernel from a rescue system`,
          detail:
            'This root is not booted, so its boot loader is left alone. It would go on to start the old kernel, which ' +
            'cannot run the system afterwards. The end of the run names the command.',
          affected: byHand,
          remedies: [{ hint: 'Have a rescue system for that machine ready, or crossgrade it where it runs.' }],
        },
      ];
    }
    return [
      {
        id: 'machine/boot-elsewhere',
        severity: 'note',
        title: `This root is not booted: its boot loader (${names}) is left alone`,
        detail: `No program of a boot loader is run in it.${where} The entries of the old kernel are made to start the new one, and the end of the run names what is left to be typed on the machine itself.`,
        affected: menus.map(({ path }) => path),
        remedies: [
          { hint: 'If these files are put on another disk, install the boot loader there, as after any restore.' },
        ],
      },
    ];
  },
};
