import type { Found } from '../../../src/base/finding.ts';
import type { BootElsewhere } from '../../../src/boot/boot-elsewhere.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';

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
  title: 'The boot loader of a root in a folder',
  looksAt: { only: 'folder' },
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
    'machine/boot-elsewhere-hooks': {
      text:
        'The programs of a boot loader are hidden from everything that calls them by their names, as packages do. A ' +
        'hook that calls one by its path starts the real one, which looks for the disks of this machine, or fails: ' +
        'then the new kernel cannot be set up (CG0223).',
      source: 'Debian policy 6.1; deb-postinst(5)',
    },
    'machine/boot-not-here': {
      text:
        'The kernel and the menu of the boot loader are on a filesystem of their own, and that is not in this folder. ' +
        'The new kernel would come into the folder, and the machine would go on to start the old one, which cannot run ' +
        'the system afterwards.',
      source: 'fstab(5)',
    },
  },
  findings: (input) => {
    const { facts, survey } = input;
    if (!survey || facts.elsewhere === undefined) return [];
    const { elsewhere } = facts;
    return [
      ...(isBootMissing(input, elsewhere) ? [bootNotHere] : []),
      ...(hasKernel(input) && elsewhere.loaders.length > 0 ? [loaderElsewhere(elsewhere)] : []),
      ...(hasKernel(input) && elsewhere.hooks.length > 0 ? [hooksByPath(elsewhere)] : []),
    ];
  },
};

function hasKernel({ facts, pair }: CheckInput): boolean {
  return facts.kernels.some(({ architecture }) => architecture === pair.source.name);
}

function isBootMissing({ facts: { kernels, inventory } }: CheckInput, { hasOwnBoot }: BootElsewhere): boolean {
  const hasPackage = inventory.packages.some(
    ({ name, state }) => /^linux-image-\d/.test(name) && state !== 'config-files',
  );
  return hasOwnBoot && hasPackage && kernels.length === 0;
}

const bootNotHere: Found = {
  id: 'machine/boot-not-here',
  severity: 'warning',
  title: 'The kernel of this root is on a filesystem that is not in the folder',
  detail: 'A kernel is installed, /etc/fstab has a filesystem for /boot, and the folder /boot has no kernel in it.',
  affected: ['/boot'],
  remedies: [
    { hint: 'Copy what is on that filesystem into the folder /boot first, and back to it at the end.' },
    { hint: 'Or crossgrade the machine where it runs.' },
  ],
};

function loaderElsewhere({ loaders, installDevices, menus }: BootElsewhere): Found {
  const names = loaders.map((one) => known[one]).join(', ');
  const byHand = loaders.filter((one) => needProgram.includes(one));
  if (byHand.length > 0) {
    return {
      id: 'machine/boot-elsewhere-by-hand',
      severity: 'warning',
      title: `The boot loader of this root (${names}) has to be told of the new kernel from a rescue system`,
      detail:
        'This root is not booted, so its boot loader is left alone. It would go on to start the old kernel, which ' +
        'cannot run the system afterwards. The end of the run names the command.',
      affected: byHand,
      remedies: [{ hint: 'Have a rescue system for that machine ready, or crossgrade it where it runs.' }],
    };
  }
  const where = installDevices.length > 0 ? ` It was installed on ${installDevices.join(', ')}.` : '';
  return {
    id: 'machine/boot-elsewhere',
    severity: 'note',
    title: `This root is not booted: its boot loader (${names}) is left alone`,
    detail:
      `No program of a boot loader is run in it.${where} The entries of the old kernel are made to start the new one, ` +
      'and the end of the run names what is left to be typed on the machine itself.',
    affected: menus.map(({ path }) => path),
    remedies: [
      { hint: 'If these files are put on another disk, install the boot loader there, as after any restore.' },
    ],
  };
}

function hooksByPath({ hooks }: BootElsewhere): Found {
  return {
    id: 'machine/boot-elsewhere-hooks',
    severity: 'warning',
    title: 'Hooks of this root call a boot loader’s program by its path',
    detail: 'It looks for the disks of the machine that this root belongs to, and those are not here.',
    affected: hooks,
    remedies: [{ hint: 'Have them call it by its name alone, or take away their x bit until the crossgrade is done.' }],
  };
}
