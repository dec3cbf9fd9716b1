import { describe, expect, test } from 'vitest';
import { mountOf } from '../../../src/base/mount.ts';
import {
  isSecureBootOn,
  readBootLoaders,
  readGrubDefault,
  readInitSystem,
  readMemory,
  readPower,
  readVirtualization,
  whyGrubCannotWrite,
} from '../../../src/hardware/hardware-survey.ts';
import { mounted } from '../../support/troubles/machine-troubles.ts';

describe('a virtual machine or container', () => {
  const nothing = { containerFiles: [], cpuFlags: new Set<string>() };
  const hypervisor = new Set(['fpu', 'hypervisor']);

  test.each([
    ['a machine of metal', { ...nothing, detected: { any: 'none\n', container: 'none\n' } }, undefined],
    ['one without any trace', nothing, undefined],
    ['KVM', { ...nothing, detected: { any: 'kvm\n', container: 'none\n' } }, { kind: 'machine', name: 'kvm' }],
    [
      'a container in a virtual machine',
      { ...nothing, cpuFlags: hypervisor, detected: { any: 'lxc\n', container: 'lxc\n' } },
      { kind: 'container', name: 'lxc' },
    ],
    ['a machine whose processor says so', { ...nothing, cpuFlags: hypervisor }, { kind: 'machine', name: 'unknown' }],
    [
      'nspawn, as systemd notes it',
      { ...nothing, systemdContainer: 'systemd-nspawn\n' },
      { kind: 'container', name: 'systemd-nspawn' },
    ],
    [
      'LXC with sysvinit',
      { ...nothing, firstEnvironment: 'TERM=linux\0container=lxc\0PATH=/bin\0' },
      { kind: 'container', name: 'lxc' },
    ],
    [
      'docker without systemd',
      { ...nothing, containerFiles: ['/.dockerenv' as const], cpuFlags: hypervisor },
      { kind: 'container', name: 'docker' },
    ],
    ['a variable that only ends like it', { ...nothing, firstEnvironment: 'mycontainer=lxc\0' }, undefined],
  ])('%s', (_, traces, expected) => {
    expect(readVirtualization(traces)).toEqual(expected);
  });
});

describe('the boot loader', () => {
  test('is the one whose configuration is there', () => {
    expect(readBootLoaders(['/boot/grub/grub.cfg'], undefined)).toEqual(['grub']);
    expect(readBootLoaders(['/boot/extlinux/extlinux.conf', '/etc/lilo.conf'], undefined)).toEqual([
      'extlinux',
      'lilo',
    ]);
    expect(readBootLoaders([], undefined)).toEqual([]);
  });

  test('is the one that the firmware started, whatever else is set up', () => {
    const variable = (text: string) => `\x06\0\0\0${[...text].map((letter) => `${letter}\0`).join('')}\0\0`;
    expect(readBootLoaders(['/boot/grub/grub.cfg'], variable('systemd-boot 252.39-1~deb12u1'))).toEqual([
      'systemd-boot',
    ]);
    expect(readBootLoaders(['/etc/lilo.conf', '/boot/grub/grub.cfg'], variable('GRUB 2.12-9'))).toEqual(['grub']);
  });

  test('Secure Boot is on when its variable is 1; where the kernel cannot read it, the boot parameters tell', () => {
    expect(isSecureBootOn('\x06\0\0\0\x01', '\x02')).toBe(true);
    expect(isSecureBootOn('\x06\0\0\0\0', undefined)).toBe(false);
    expect(isSecureBootOn(undefined, '\x03rest')).toBe(true);
    expect(isSecureBootOn(undefined, '\x02')).toBe(false);
    expect([isSecureBootOn(undefined, '\0'), isSecureBootOn('', undefined)]).toEqual([undefined, undefined]);
  });
});

describe('GRUB', () => {
  test.each([
    ['/boot ext4 /dev/sda1 rw', false, undefined],
    ['/boot xfs /dev/nvme0n1p2 rw', false, undefined],
    ['/ btrfs /dev/sda1 rw', false, 'it is on btrfs'],
    ['/boot zfs bpool/BOOT rw', false, 'it is on zfs'],
    ['/ ext4 /dev/mapper/host-root rw', false, 'it is on LVM, RAID or an encrypted disk'],
    ['/boot ext4 /dev/md0 rw', false, 'it is on LVM, RAID or an encrypted disk'],
    ['/ ext4 /dev/root rw', true, 'it is on LVM, RAID or an encrypted disk'],
  ])('on %s', (line, isStacked, expected) => {
    expect(whyGrubCannotWrite(mountOf(mounted(line), '/boot/grub'), isStacked)).toBe(expected);
  });

  test('starts what the last of its files says', () => {
    expect(readGrubDefault(['GRUB_DEFAULT=0\nGRUB_TIMEOUT=5\n'])).toBe('0');
    expect(readGrubDefault(['GRUB_DEFAULT=0\n', 'GRUB_DEFAULT="1>2" # the old one\n'])).toBe('1>2');
    expect(readGrubDefault(["  export GRUB_DEFAULT='Debian GNU/Linux'\n"])).toBe('Debian GNU/Linux');
    expect(readGrubDefault(['#GRUB_DEFAULT=2\nGRUB_DEFAULT=saved;\n'])).toBe('saved');
    expect(readGrubDefault(['# nothing\n'])).toBeUndefined();
  });
});

describe('memory', () => {
  const meminfo =
    'MemTotal:        2014628 kB\nMemAvailable:    1623440 kB\nSwapTotal:        999420 kB\nSwapFree:         999000 kB\n';

  test('is what the kernel says', () => {
    expect(readMemory(meminfo, {})).toEqual({
      total: 2014628 * 1024,
      available: 1623440 * 1024,
      swapFree: 999000 * 1024,
    });
    expect(readMemory(meminfo, { max: 'max\n', current: '5\n' }).total).toBe(2014628 * 1024);
  });

  test('of a control group is no more than its limit leaves', () => {
    const found = readMemory(meminfo, { max: '268435456\n', current: '200000000\n' });
    expect(found).toMatchObject({ total: 268435456, available: 68435456 });
  });
});

describe('what starts the services', () => {
  test.each([
    [{ systemd: true, name: 'systemd' }, [], 'systemd'],
    [{ systemd: false, name: 'init' }, ['sysvinit-core'], 'sysvinit'],
    [{ systemd: false, name: 'init' }, ['sysvinit-core', 'openrc'], 'openrc'],
    [{ systemd: false, name: 'runit' }, ['runit-init'], 'runit'],
    [{ systemd: false, name: 'node' }, ['systemd-sysv'], undefined],
    [undefined, ['systemd-sysv'], 'systemd'],
    [undefined, ['runit-init'], 'runit'],
    [undefined, [], undefined],
  ])('%j with %j', (running, packages, expected) => {
    expect(readInitSystem(running, new Set(packages))).toBe(expected);
  });
});

test('a mount with blanks in its name', () => {
  const [mount] = mounted(String.raw`/mnt/my\040disk ext4 /dev/sda1 rw`);
  expect(mount).toMatchObject({ mountPoint: '/mnt/my disk', device: '8:0', type: 'ext4' });
});

describe('power', () => {
  const battery = { type: 'Battery\n', status: 'Discharging\n', capacity: '40\n' };
  const mains = { type: 'Mains\n', online: '0\n' };

  test.each([
    ['no supply is known', [], undefined],
    ['a battery alone', [battery], { onBattery: true, percent: 40 }],
    ['a battery, and nothing in the socket', [mains, battery], { onBattery: true, percent: 40 }],
    ['a battery beside the mains', [{ ...mains, online: '1\n' }, battery], { onBattery: false, percent: 40 }],
    ['one that is charged', [{ ...battery, status: 'Full\n' }], { onBattery: false, percent: 40 }],
    ['a mouse’s battery', [{ ...battery, scope: 'Device\n' }], undefined],
    ['the mains alone', [mains], { onBattery: false }],
  ])('is judged by what feeds the machine: %s', (_, supplies, found) => {
    expect(readPower(supplies)).toEqual(found);
  });
});
