import { listsFolder } from '../../../src/base/own-paths.ts';
import type { Check } from '../../../src/check/check.ts';

const hourMs = 60 * 60 * 1000;

/** Source: apt-secure(8); apt.conf(5), Acquire::Check-Date. */
export const clock: Check = {
  id: 'machine/clock',
  title: 'The clock',
  looksAt: { topics: ['/var/lib/apt/lists', '/var/lib/dpkg/status'] },
  about: {
    'machine/clock': {
      text:
        'apt refuses package lists that are dated later than now. A clock that is behind also makes times of files, ' +
        'logs and certificates wrong.',
      source: 'apt.conf(5), Acquire::Check-Date and Acquire::Max-FutureTime; apt-secure(8)',
    },
  },
  findings: ({ survey }) => {
    const { newest, now } = survey?.hardware?.clock ?? {};
    if (!newest || now === undefined || newest.mtimeMs <= now + hourMs) return [];
    const day = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
    return [
      {
        id: 'machine/clock',
        // Of the database only this clock itself can have said so; of a list the mirror did, and apt believes that one.
        severity: newest.path.startsWith(`${listsFolder}/`) ? 'blocker' : 'warning',
        title: 'The clock is behind',
        detail: `It says ${day(now)} UTC, but a file that the package system wrote is of ${day(newest.mtimeMs)} UTC.`,
        affected: [newest.path],
        remedies: [
          { hint: 'Set the clock (date --utc --set "YYYY-MM-DD HH:MM"), or let a time service do it.' },
          { hint: 'A clock that is wrong after each start has an empty battery.' },
        ],
      },
    ];
  },
};
