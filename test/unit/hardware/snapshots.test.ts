import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../src/base/mount.ts';
import { offerSnapshot, readLogicalVolumes } from '../../../src/hardware/filesystem-snapshots.ts';

const mount = (mountPoint: string, type: string, source: string): Mount => ({
  mountPoint,
  type,
  source,
  device: '254:0',
  options: ['rw'],
});

const gibibyte = 2 ** 30;
const volumes = readLogicalVolumes(
  [
    `  vg0:root:/dev/mapper/vg0-root:${4 * gibibyte}:linear`,
    `  vg0:var:/dev/mapper/vg0-var:${4 * gibibyte}:linear`,
    `  vg1:thin:/dev/mapper/vg1-thin:0:thin`,
    '',
  ].join('\n'),
);
const root = mount('/', 'ext4', '/dev/mapper/vg0-root');

describe('a snapshot is offered', () => {
  test('on LVM, with room for what is written and more, of each volume that the system lies on', () => {
    const offer = offerSnapshot([root, mount('/var', 'ext4', '/dev/mapper/vg0-var')], volumes, gibibyte);
    expect(offer?.commands.map((argv) => argv.join(' '))).toEqual([
      'lvcreate --yes --snapshot --name root-crossgrade-before --size 1536m vg0/root',
      'lvcreate --yes --snapshot --name var-crossgrade-before --size 1536m vg0/var',
    ]);
    expect(offer?.wayBack).toContain('lvconvert --merge vg0/root-crossgrade-before vg0/var-crossgrade-before');
  });

  test('of a thin volume without a size', () => {
    const offer = offerSnapshot([mount('/', 'ext4', '/dev/mapper/vg1-thin')], volumes, gibibyte);
    expect(offer?.commands).toEqual([
      ['lvcreate', '--yes', '--snapshot', '--name', 'thin-crossgrade-before', 'vg1/thin'],
    ]);
  });

  test('on btrfs and ZFS', () => {
    const btrfs = offerSnapshot([mount('/', 'btrfs', '/dev/sda1'), mount('/var', 'btrfs', '/dev/sda1')], [], 1);
    expect(btrfs?.commands.map((argv) => argv.at(-1))).toEqual(['/.crossgrade-before', '/var/.crossgrade-before']);
    expect(offerSnapshot([mount('/', 'zfs', 'rpool/ROOT')], [], 1)?.commands).toEqual([
      ['zfs', 'snapshot', 'rpool/ROOT@crossgrade-before'],
    ]);
  });
});

describe('no snapshot is offered', () => {
  test.each([
    ['on a plain disk', [mount('/', 'ext4', '/dev/sda1')]],
    ['that would keep a part of the system only', [root, mount('/var', 'ext4', '/dev/sda1')]],
    ['of two kinds of storage at once', [root, mount('/usr', 'btrfs', '/dev/sda2')]],
  ])('%s', (_, mounts) => {
    expect(offerSnapshot(mounts, volumes, 1)).toBeUndefined();
  });

  test('for which the volume group has no room', () => {
    expect(offerSnapshot([root], volumes, 3 * gibibyte)).toBeUndefined();
    const both = [root, mount('/var', 'ext4', '/dev/mapper/vg0-var')];
    expect(offerSnapshot(both, volumes, 1.5 * gibibyte)).toBeUndefined();
  });
});
