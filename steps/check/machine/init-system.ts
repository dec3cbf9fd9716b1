import type { Check } from '../../../src/check/check.ts';

/** Source: invoke-rc.d(8); telinit(8). */
export const initSystem: Check = {
  id: 'machine/init-system',
  title: 'The program that starts the services',
  looksAt: { topics: ['whether systemd runs', 'the first process'] },
  about: {
    'machine/init-system': {
      text:
        'systemd starts itself anew when its package is replaced, and keeps every service. Of other init systems the ' +
        'first process may stay the old program until the next boot; it goes on to work, but cannot be started again.',
      source: 'systemctl(1), daemon-reexec; telinit(8); invoke-rc.d(8)',
    },
  },
  findings: ({ survey }) => {
    const name = survey?.hardware?.initSystem;
    if (name === undefined || name === 'systemd') return [];
    return [
      {
        id: 'machine/init-system',
        severity: 'note',
        title: `This system is started by ${name}, not by systemd`,
        detail:
          'The crossgrade goes the same way. The first process may stay the old program until you reboot, and services ' +
          'that their packages do not restart as well.',
        affected: [],
        remedies: [{ hint: 'Reboot once more when the crossgrade is done.' }],
      },
    ];
  },
};
