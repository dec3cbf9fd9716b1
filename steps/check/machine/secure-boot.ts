import { keptForFirmware } from '../../../src/boot/firmware-loader.ts';
import type { Check } from '../../../src/check/check.ts';

/** Source: UEFI specification, Secure Boot; Debian's signed kernels. */
export const secureBoot: Check = {
  id: 'machine/secure-boot',
  title: 'Secure Boot',
  looksAt: { only: 'host', topics: ['the firmware', 'Secure Boot'] },
  about: {
    'machine/secure-boot': {
      text:
        'With Secure Boot the firmware starts only what is signed: shim, then GRUB, then the kernel, then its modules. ' +
        'Debian signs its own; modules that DKMS builds are signed with a key that you must have enrolled.',
      source: 'mokutil(1); /usr/share/doc/dkms/README.Debian; EFI variable SecureBoot',
    },
  },
  findings: ({ pair, facts, survey, answers }) => {
    const { boot, virtualization } = survey?.hardware?.host ?? {};
    if (!boot?.secureBoot || virtualization?.kind === 'container') return [];
    const builds = facts.inventory.packages.some((one) => one.name === 'dkms' && one.state === 'installed');
    const isKept = keptForFirmware(pair, facts, answers).length > 0;
    const unsignedLoader = boot.efiBits === pair.source.elfBits && !isKept;
    const reasons = [
      ...(builds ? [' Modules that DKMS builds for it must be signed with a key that the firmware knows.'] : []),
      ...(unsignedLoader
        ? [` Debian has no signed GRUB for ${boot.efiBits}-bit firmware among its ${pair.target.name} packages.`]
        : []),
    ];
    return [
      {
        id: 'machine/secure-boot',
        severity: reasons.length > 0 ? 'warning' : 'note',
        title: 'Secure Boot is on',
        detail: `The new kernel must be a signed one: Debian’s is.${reasons.join('')}`,
        affected: [],
        remedies: [
          ...(builds ? [{ command: 'mokutil --list-enrolled' }] : []),
          unsignedLoader
            ? { hint: 'Switch Secure Boot off in the firmware before the crossgrade.' }
            : { hint: 'Keep Debian’s signed packages: shim-signed, the signed GRUB and the standard kernel.' },
        ],
      },
    ];
  },
};
