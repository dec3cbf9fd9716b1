import type { Check } from '../../../src/check/check.ts';

/** Source: loginctl(1); who(1). */
export const logins: Check = {
  id: 'session/logins',
  title: 'Who else is logged in',
  looksAt: { only: 'host', topics: ['our terminal', 'our session'] },
  about: {
    'session/logins': {
      text:
        'What others run may fail while programs and libraries are exchanged under them, and they may change packages ' +
        'or reboot at a bad moment.',
      source: 'Debian 12 release notes, 4.1.2 Inform users in advance; loginctl(1)',
    },
  },
  findings: ({ survey }) => {
    const found = survey?.session?.logins ?? [];
    if (found.length === 0) return [];
    return [
      {
        id: 'session/logins',
        severity: 'note',
        title: found.length === 1 ? 'There is another login' : `There are ${found.length} other logins`,
        detail: 'Programs that start while the crossgrade goes on may fail. Whoever is logged in should know.',
        affected: found.map(({ user, where }) => (where === '' ? user : `${user} (${where})`)).sort(),
        remedies: [{ command: 'wall "This host is being crossgraded. Please save your work and log out."' }],
      },
    ];
  },
};
