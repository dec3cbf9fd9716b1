import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import type { SnapshotTool } from '../../../src/hardware/snapshot-tools.ts';

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** Source: timeshift(1); snapper(8); btrfs-subvolume(8); lvmthin(7); zfs-snapshot(8). */
export const snapshot: Check = {
  id: 'machine/snapshot',
  title: 'A snapshot of today',
  looksAt: { only: 'host', topics: ['what is mounted', 'snapshots'] },
  about: {
    'machine/snapshot': {
      text:
        'A snapshot keeps the system as it is now, also past the point of no return, from where crossgrade rollback does ' +
        'not lead back. What is on other filesystems, /boot among them, may not be in it; and it is on the same disk, so ' +
        'it takes the place of no backup.',
      source: 'timeshift(1); snapper(8); btrfs-subvolume(8); lvmthin(7)',
    },
    'machine/no-snapshot': {
      text:
        'Something that makes snapshots is set up on this host, and its last one is older than a day, or there is none. ' +
        'Past the point of no return crossgrade rollback does not lead back; a snapshot does.',
      source: 'timeshift(1); snapper(8); btrfs-subvolume(8); lvmthin(7)',
    },
  },
  findings: ({ survey }) => {
    const { host, clock } = survey?.hardware ?? {};
    const tools = host?.snapshots ?? [];
    const [first] = tools;
    if (first === undefined || clock === undefined) return [];
    const recent = tools.find(({ latest }) => latest !== undefined && clock.now - latest < day);
    const make = first.ways.map((argv) => ({ command: shellWords(argv) }));
    if (recent !== undefined) {
      return [
        {
          id: 'machine/snapshot',
          severity: 'note',
          title: 'There is a snapshot of today',
          detail: `${aboutLast(recent, clock.now)} What was written since is not in it.`,
          affected: [],
          remedies: [{ hint: 'Nothing has to be done. To have another one, right before the run:' }, ...make],
        },
      ];
    }
    return [
      {
        id: 'machine/no-snapshot',
        severity: 'note',
        title: 'No snapshot of today is known',
        detail: `${tools.map((tool) => aboutLast(tool, clock.now)).join(' ')} With one there is a way back from everywhere.`,
        affected: [],
        remedies: make,
      },
    ];
  },
};

function aboutLast({ name, latest, hidden }: SnapshotTool, now: number): string {
  const place = name === 'Timeshift' || name === 'snapper' ? `${name} is set up` : `The system is on ${name}`;
  if (latest === undefined) {
    return hidden === undefined
      ? `${place}; there is no snapshot.`
      : `${place}; whether there is one was not seen: ${hidden}.`;
  }
  const age = Math.max(0, now - latest);
  const words =
    age < 2 * hour
      ? `${Math.round(age / 60_000)} min`
      : age < 2 * day
        ? `${Math.round(age / hour)} hours`
        : `${Math.round(age / day)} days`;
  return `${place}; its last snapshot is ${words} old.`;
}
