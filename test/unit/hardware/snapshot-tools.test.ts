import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../src/base/mount.ts';
import {
  isTimeshiftSetUp,
  latestOfBtrfs,
  latestOfLvm,
  latestOfSnapper,
  latestOfTimeshift,
  latestOfZfs,
  snapperSubvolume,
  timeshiftFolders,
} from '../../../src/hardware/snapshot-tools.ts';
import { findSnapshotTools } from '../../../src/hardware/system/find-snapshot-tools.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const uuid = (end: string) => `5f3c9f3e-0000-4000-8000-00000000000${end}`;

describe('the last snapshot is read', () => {
  test('of Timeshift, by the names of its folders', () => {
    const names = ['2026-11-29_03-00-01', '2026-11-30_22-15-00', 'lost+found', '2026-11-31x'];
    expect(latestOfTimeshift(names)).toBe(new Date('2026-11-30T22:15:00').getTime());
    expect(latestOfTimeshift([])).toBeUndefined();
    expect(isTimeshiftSetUp('{ "backup_device_uuid" : "" }')).toBe(false);
    expect(isTimeshiftSetUp('{ "backup_device_uuid" : "aa-bb" }')).toBe(true);
  });

  test('of snapper, in UTC', () => {
    const info = '<?xml version="1.0"?>\n<snapshot>\n  <num>3</num>\n  <date>2026-11-30 21:15:00</date>\n</snapshot>';
    expect(latestOfSnapper([info, '<date>yesterday</date>', ''])).toBe(Date.UTC(2026, 10, 30, 21, 15));
    expect(snapperSubvolume('# x\nSUBVOLUME="/home"\nFSTYPE="btrfs"\n')).toBe('/home');
  });

  test('of btrfs, of the system’s own subvolume alone', () => {
    const shown = `@rootfs\n\tName: \t\t\t@rootfs\n\tUUID: \t\t\t${uuid('1')}\n\tParent UUID: \t\t-\n`;
    const line = (time: string, parent: string) =>
      `ID 258 gen 20 cgen 20 top level 256 otime ${time} parent_uuid ${parent} path a b\n`;
    const listed = line('2026-11-30 12:00:00', uuid('1')) + line('2026-11-30 23:00:00', uuid('2'));
    expect(latestOfBtrfs(shown, listed)).toBe(new Date('2026-11-30T12:00:00').getTime());
    expect(latestOfBtrfs('', listed)).toBeUndefined();
  });

  test('of ZFS and of LVM', () => {
    expect(latestOfZfs('1795989600\n1795989700\nno\n')).toBe(1_795_989_700_000);
    const listed =
      '  vg1::2026-01-01 00:00:00 +0000\n  vg1:thin:2026-11-30 10:00:00 +0100\n  vg1:home:2026-11-30 11:00:00 +0100';
    expect(latestOfLvm(listed, ['vg1/thin'])).toBe(Date.UTC(2026, 10, 30, 9));
  });
});

describe('on a host', () => {
  const mounts: Mount[] = [
    { mountPoint: '/', type: 'ext4', source: '/dev/sda1', device: '8:1', options: [] },
    { mountPoint: '/run/timeshift/411/backup', type: 'ext4', source: '/dev/sdb1', device: '8:17', options: [] },
  ];

  test('where nothing is set up, nothing is found: neither by the package alone', async () => {
    const machine = new MemoryMachine();
    expect(await findSnapshotTools(machine, mounts, 0)).toEqual([]);
    machine.files.set('/usr/bin/timeshift', '');
    machine.files.set('/etc/timeshift/timeshift.json', '{ "backup_device_uuid" : "" }');
    machine.files.set('/usr/bin/snapper', '');
    expect(await findSnapshotTools(machine, mounts, 0)).toEqual([]);
  });

  test('a configuration that nobody can read to its end is as if it were not there', async () => {
    const machine = new MemoryMachine();
    machine.files.set('/usr/bin/timeshift', '');
    machine.files.set('/etc/timeshift/timeshift.json', `{ "backup_device_uuid" : "a" ${' '.repeat(2 ** 20)}`);
    expect(await findSnapshotTools(machine, mounts, 0)).toEqual([]);
  });

  test('Timeshift’s disk that is not mounted is no proof that there is no snapshot', async () => {
    const machine = new MemoryMachine();
    machine.files.set('/usr/bin/timeshift', '');
    machine.files.set('/etc/timeshift/timeshift.json', '{ "backup_device_uuid" : "aa" }');
    const command = ['timeshift', '--create', '--comments', 'before the crossgrade'];
    expect(await findSnapshotTools(machine, mounts, 0)).toEqual([
      { name: 'Timeshift', hidden: 'its disk is not mounted', ways: [command] },
    ]);
    expect(timeshiftFolders(mounts)).toContain('/run/timeshift/411/backup/timeshift/snapshots');
  });
});
