import type { Check } from '../../../src/core/check.ts';

/** Source: /usr/lib/apt/apt.systemd.daily; systemd.timer(5). */
export const aptTimers: Check = {
  id: 'session/apt-timers',
  about: {
    'session/apt-timers': {
      text:
        'apt’s daily job fetches package lists and, where it is told to, installs upgrades. At a bad moment it changes ' +
        'what the plan was made from, or holds the lock. During a run, crossgrade itself keeps apt from installing.',
      source: '/usr/lib/apt/apt.systemd.daily; unattended-upgrade(8)',
    },
  },
  findings: ({ survey }) => {
    const { active, settings } = survey?.session?.aptTimers ?? { active: [], settings: [] };
    if (active.length === 0 || settings.length === 0) return [];
    const timers = active.filter((name) => name.endsWith('.timer'));
    return [
      {
        id: 'session/apt-timers',
        severity: 'note',
        title: 'apt works by itself once a day',
        detail: `It is set to: ${settings.join(', ')}. Stop it for the crossgrade, so that nothing changes between the report and the run.`,
        affected: [...active],
        remedies:
          timers.length > 0
            ? [
                { command: `systemctl stop ${timers.join(' ')}` },
                {
                  hint: `Start again when all is done: systemctl start ${timers.join(' ')}. A reboot does so as well.`,
                },
              ]
            : [{ hint: 'Set APT::Periodic::Enable "0"; in /etc/apt/apt.conf.d until all is done.' }],
      },
    ];
  },
};
