import type { Check } from '../../../src/check/check.ts';

/** Source: the kernel's documentation of EFI, mixed mode. */
export const firmware: Check = {
  id: 'machine/firmware',
  about: {
    'machine/firmware-bits': {
      text:
        'Firmware starts a boot loader of its own word size only, whatever the system is. So the boot loader for the ' +
        'firmware that is there must stay when all other programs change.',
      source: '/sys/firmware/efi/fw_platform_size; Linux, CONFIG_EFI_MIXED',
    },
  },
  findings: ({ pair, survey }) => {
    const { boot, virtualization } = survey?.hardware?.host ?? {};
    if (boot?.efiBits !== pair.source.elfBits || virtualization?.kind === 'container') return [];
    return [
      {
        id: 'machine/firmware-bits',
        severity: 'warning',
        title: `The EFI firmware of this machine is of ${boot.efiBits} bit, and stays so`,
        detail:
          `It only starts a ${boot.efiBits}-bit boot loader. Debian’s kernels for ${pair.target.name} can be started from there ` +
          'by GRUB. The boot loader that is installed now must stay.',
        affected: [],
        remedies: [
          {
            hint: `Keep the GRUB package that is installed now; don’t let grub-efi-${pair.target.name} take its place.`,
          },
          ...(boot.loaders.includes('systemd-boot')
            ? [{ hint: 'Whether systemd-boot can start the new kernel here is not known: have GRUB at hand.' }]
            : []),
        ],
      },
    ];
  },
};
