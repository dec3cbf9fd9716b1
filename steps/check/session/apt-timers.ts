import type { Check } from '../../../src/check/check.ts';

/** Source: /usr/lib/apt/apt.systemd.daily; systemd.timer(5). */
export const aptTimers: Check = {
  id: 'session/apt-timers',
  title: 'apt’s daily jobs',
  looksAt: { only: 'host', topics: ['/etc/cron.daily/apt-compat'] },
  about: {
    'session/apt-timers': {
      text:
        'apt’s daily job fetches package lists and, where it is told to, installs upgrades. At a bad moment it changes ' +
        'what the plan was made from, or holds the lock. With systemd the run pauses it from its beginning to its end, ' +
        'after a reboot as well, and starts it again; elsewhere it keeps apt from installing.',
      source: '/usr/lib/apt/apt.systemd.daily; unattended-upgrade(8)',
    },
  },
  findings: ({ survey }) => {
    const { active, settings } = survey?.session?.aptTimers ?? { active: [], settings: [] };
    if (active.length === 0 || settings.length === 0) return [];
    const isPaused = active.some((name) => name.endsWith('.timer'));
    return [
      {
        id: 'session/apt-timers',
        severity: 'note',
        title: 'apt works by itself once a day',
        detail:
          `It is set to: ${settings.join(', ')}. ` +
          (isPaused
            ? 'The run pauses it, after a reboot as well, and starts it again at its end.'
            : 'Until the run it may change what this report is about.'),
        affected: [...active],
        remedies: isPaused
          ? [{ hint: 'Nothing has to be done. Where it has changed something before the run begins, check again.' }]
          : [{ hint: 'Set APT::Periodic::Enable "0"; in /etc/apt/apt.conf.d until all is done.' }],
      },
    ];
  },
};
