import type { Check } from '../../../src/check/check.ts';

/** Source: the GRUB manual, Simple configuration. */
export const grubDefault: Check = {
  id: 'machine/grub-default',
  title: 'GRUB’s default entry',
  looksAt: { only: 'host', topics: ['/etc/default/grub', '/etc/default/grub.d'] },
  about: {
    'machine/grub-default': {
      text:
        'GRUB_DEFAULT may name an entry of the boot menu by its number or title. The entries change when kernels come ' +
        'and go, and then it means another one, or none. When it is “saved”, the one that was booted last may be the old kernel.',
      source: 'GRUB manual, Simple configuration handling; /usr/sbin/grub-mkconfig',
    },
  },
  findings: ({ survey }) => {
    const { boot, virtualization } = survey?.hardware?.host ?? {};
    const value = boot?.grubDefault;
    if (value === undefined || value === '' || value === '0') return [];
    if (!boot?.loaders.includes('grub') || virtualization?.kind === 'container') return [];
    return [
      {
        id: 'machine/grub-default',
        severity: 'warning',
        title:
          value === 'saved'
            ? 'GRUB is set to start the entry that was saved last'
            : 'GRUB is set to start a certain entry of its menu',
        detail:
          `GRUB_DEFAULT is “${value}”. The crossgrade exchanges the kernels in the menu, and what this means may then be ` +
          'another entry, the old kernel, or none at all. The host could start something that you did not choose.',
        affected: ['/etc/default/grub'],
        remedies: [
          { hint: 'Set GRUB_DEFAULT=0, which is the newest kernel, unless there is a reason for this setting.' },
          { command: 'update-grub' },
        ],
      },
    ];
  },
};
