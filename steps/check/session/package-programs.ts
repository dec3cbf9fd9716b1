import type { Check } from '../../../src/check/check.ts';
import { programOf } from '../../../src/session/session-survey.ts';

/** Source: apt-get(8); unattended-upgrade(8); packagekitd(8). */
export const packagePrograms: Check = {
  id: 'session/package-programs',
  title: 'Programs that work on packages',
  looksAt: { only: 'host', topics: ['programs of other users', 'the running programs', 'our own process'] },
  about: {
    'session/package-programs': {
      text:
        'Only one program can change packages at a time. What another one installs or removes now is not in the plan ' +
        'that crossgrade makes.',
      source: 'apt-get(8); aptitude(8); unattended-upgrade(8); dpkg(1), Lock',
    },
  },
  findings: ({ root, survey }) => {
    // A run on a system with systemd stops that one by itself.
    const stopped = root.can.has('init') ? ['packagekitd'] : [];
    const found = (survey?.session?.packagePrograms ?? []).filter((one) => !stopped.includes(programOf(one)));
    if (found.length === 0) return [];
    return [
      {
        id: 'session/package-programs',
        severity: 'warning',
        title: 'Another program is at work on packages',
        detail: 'What it changes is not in this report. It may also hold the lock that crossgrade needs.',
        affected: found.map((one) => `${programOf(one)} (process ${one.pid})`).sort(),
        remedies: [{ hint: 'Wait until it has ended, or end it the way it is meant to be, and check again.' }],
      },
    ];
  },
};
