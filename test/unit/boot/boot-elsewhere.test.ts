import { describe, expect, test } from 'vitest';
import { initramfsHookFile } from '../../../src/base/own-paths.ts';
import {
  type BootElsewhere,
  callsByPath,
  hasCryptEntries,
  kernelsOfMenu,
  pointMenuTo,
  readInitramfsSetting,
  readInstallDevices,
  readOwnBoot,
  readRootTypes,
} from '../../../src/boot/boot-elsewhere.ts';
import { leftForMachine } from '../../../src/boot/left-for-machine.ts';
import { formatComparison } from '../../../src/cli/report/comparison-view.ts';
import { comparisonPage } from '../../../src/cli/report/html/comparison-page.ts';
import { plainLook } from '../../../src/cli/screen/terminal.ts';
import { joinParts } from '../../../src/compare/comparison.ts';
import { formatComparisonText } from '../../../src/compare/comparison-text.ts';
import { type VerifyReport, verifyReportSchema } from '../../../src/compare/verify-report.ts';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import type { Facts } from '../../../src/run/facts.ts';
import { steps } from '../../../steps/index.ts';
import { World } from '../../support/recorded/world.ts';
import { installed } from '../../support/roots/packages.ts';
import { verifyReportOn } from '../../support/screens/verify-report.ts';

const old = '6.1.0-50-686';
const kernel = '6.1.0-50-amd64';
const menu = `menuentry 'Debian GNU/Linux, with Linux ${old}-pae' $menuentry_id_option 'gnulinux-${old}-pae-advanced-1' {
	linux	/boot/vmlinuz-${old}-pae root=UUID=1 ro quiet
	initrd	/boot/initrd.img-${old}-pae
}
menuentry 'Debian GNU/Linux, with Linux ${old}' --class os {
	linux	/@/boot/vmlinuz-${old} root=UUID=1
	initrd	/@/boot/initrd.img-${old}
}
menuentry 'Another system' {
	linux	/boot/vmlinuz-4.19.0-5-686 root=UUID=2
}
`;

describe('a menu', () => {
  test('names its kernels, each once', () => {
    expect(kernelsOfMenu(menu)).toEqual([`${old}-pae`, old, '4.19.0-5-686']);
  });

  test('has the entries of kernels that are gone start another, under their old ids, and no other entry', () => {
    const now = pointMenuTo(menu, [old, `${old}-pae`], kernel);
    expect(kernelsOfMenu(now)).toEqual([kernel, '4.19.0-5-686']);
    expect(now).toContain(`with Linux ${kernel}' $menuentry_id_option 'gnulinux-${old}-pae-advanced-1'`);
    expect(now.match(/initrd\.img-\S+/g)).toEqual([`initrd.img-${kernel}`, `initrd.img-${kernel}`]);
    // A version that is the beginning of another one is not it.
    expect(kernelsOfMenu(pointMenuTo(menu, [old], kernel))).toEqual([`${old}-pae`, kernel, '4.19.0-5-686']);
  });
});

test('the disks that GRUB was installed on are read from debconf’s database, and no other words', () => {
  const database = `Name: grub-pc/hidden_timeout\nValue: /dev/no\n\nName: grub-pc/install_devices
Template: grub-pc/install_devices
Value: /dev/disk/by-id/ata-A_1, /dev/vda, $(reboot)
Owners: grub-pc
Variables:
 RAW_CHOICES =

Name: grub-pc/install_devices_empty
Value: false
`;
  expect(readInstallDevices(database)).toEqual(['/dev/disk/by-id/ata-A_1', '/dev/vda']);
  expect(readInstallDevices('')).toEqual([]);
});

test('what an initramfs is made with is read from files', () => {
  const texts = ['# MODULES=list\nMODULES=most\nFSTYPE=auto\n', 'KEYMAP=n\n', 'MODULES="dep"\n'];
  expect(readInitramfsSetting(texts, 'MODULES')).toBe('dep');
  expect(readInitramfsSetting(texts, 'FSTYPE')).toBe('auto');
  expect(readInitramfsSetting([''], 'MODULES')).toBeUndefined();
  const fstab = '# /dev/sda1 / xfs\n/dev/old/root  /  ext4 rw 0 1\nUUID=1\t/usr\tbtrfs\nUUID=2 /home f2fs\n';
  expect(readRootTypes(fstab)).toEqual(['ext4', 'btrfs']);
  expect(readRootTypes('/dev/sda1 / auto rw 0 1\n')).toEqual([]);
  expect(hasCryptEntries('# a comment\n\n')).toBe(false);
  expect(hasCryptEntries('# name device\nsda5_crypt UUID=1 none luks\n')).toBe(true);
});

test('a hook that calls a boot loader’s program by its path is known, and one that looks for it is not', () => {
  const calls = ['/usr/sbin/update-grub', 'exec /sbin/lilo -v', 'if ! /usr/bin/bootctl update; then'];
  for (const line of calls) expect(callsByPath(`#!/bin/sh\n${line}\n`), line).toBe(true);
  const looks = ['[ -x /usr/sbin/update-grub ] && update-grub', '# /usr/sbin/update-grub', 'test -x /usr/bin/bootctl'];
  for (const line of looks) expect(callsByPath(`#!/bin/sh\n${line}\n`), line).toBe(false);
});

test('/boot may have a filesystem of its own', () => {
  expect(readOwnBoot('UUID=1 /boot ext2 defaults 0 2\n')).toBe(true);
  expect(readOwnBoot('#UUID=1 /boot ext2\nUUID=2 /boot/efi vfat\n')).toBe(false);
});

const elsewhere: BootElsewhere = {
  loaders: ['grub'],
  menus: [{ path: '/boot/grub/grub.cfg', text: menu, mode: 0o600 }],
  installDevices: [],
  initramfs: { isDependent: false, filesystemTypes: [], unlocks: false },
  hasOwnBoot: false,
  hooks: [],
};

/** A server at its end, in a folder. */
function atEnd(changes: Partial<BootElsewhere> & Partial<Facts>, packages: readonly InstalledPackage[] = []) {
  const { installDevices, loaders, initramfs, menus, hasOwnBoot, hooks, ...facts } = { ...elsewhere, ...changes };
  const { context } = new World('bookworm-server');
  const { inventory } = context.facts;
  const before = Object.fromEntries(inventory.packages.map((one) => [`${one.name}:i386`, one.version]));
  const now: Facts = {
    ...context.facts,
    kernels: [{ version: kernel, architecture: 'amd64' }],
    inventory: { ...inventory, packages: [...inventory.packages, ...packages] },
    elsewhere: { installDevices, loaders, initramfs, menus, hasOwnBoot, hooks },
    ...facts,
  };
  return leftForMachine(context.pair, { packages: before } as never, now);
}

const commands = (...input: Parameters<typeof atEnd>) => atEnd(...input).map(({ command }) => command);

describe('left for the machine', () => {
  test('is the menu alone where GRUB and the initramfs are as they shall be, and nothing without a kernel', () => {
    expect(commands({})).toEqual(['update-grub']);
    expect(commands({ kernels: [] })).toEqual([]);
    const { elsewhere: _, ...facts } = new World('bookworm-server').context.facts;
    const booted = { ...facts, kernels: [{ version: kernel, architecture: 'amd64' }] };
    expect(leftForMachine(new World('bookworm-server').context.pair, { packages: {} } as never, booted)).toEqual([]);
  });

  test('is an initramfs for which its disks are needed, or its processor', () => {
    const most = elsewhere.initramfs;
    const build = `update-initramfs -u -k ${kernel}`;
    expect(commands({ initramfs: { ...most, isDependent: true } })).toEqual([build, 'update-grub']);
    expect(commands({ initramfs: { ...most, unlocks: true } })).toEqual([build, 'update-grub']);
    expect(commands({}, [installed('intel-microcode:amd64')])).toEqual([build, 'update-grub']);
    expect(commands({ initramfsGenerator: 'dracut' })[0]).toBe(`dracut --force /boot/initrd.img-${kernel} ${kernel}`);
  });

  test('is GRUB’s core image where its version is another one now, on the disks that are known', () => {
    const { inventory } = new World('bookworm-server').context.facts;
    const packages = inventory.packages.map((one) => (one.name === 'grub-pc' ? { ...one, version: '3' } : one));
    const changed = { inventory: { ...inventory, packages } };
    expect(commands({ ...changed, installDevices: ['/dev/sda', '/dev/sdb'] })).toEqual([
      'update-grub',
      'grub-install /dev/sda',
      'grub-install /dev/sdb',
    ]);
    expect(commands(changed)).toEqual(['update-grub', 'dpkg-reconfigure grub-pc']);
    expect(commands({}, [installed('grub-efi-amd64:amd64')])).toEqual(['update-grub', 'grub-install']);
  });

  test('are modules that DKMS has not built for the new kernel', () => {
    const dkmsModules = { zfs: [old], wireguard: [old, kernel], unused: [] };
    expect(atEnd({ dkmsModules })[0]).toEqual({
      command: `dkms autoinstall -k ${kernel}`,
      why: 'DKMS has not built zfs for the new kernel',
    });
  });

  test('comes before the first start where the boot loader has a copy of the kernel', () => {
    expect(atEnd({ loaders: ['systemd-boot', 'lilo'], menus: [] })).toEqual([
      expect.objectContaining({ command: expect.stringContaining(`kernel-install add ${kernel} `), beforeStart: true }),
      expect.objectContaining({ command: 'lilo', beforeStart: true }),
    ]);
  });
});

test('what is left is on the screen, in the report, and on the page, apart by when it is typed', () => {
  const left = atEnd({ loaders: ['grub', 'lilo'] });
  const comparison = { ...joinParts([]), leftForMachine: left };
  const screen = formatComparison(comparison, { look: plainLook, columns: 80 });
  const place = (text: string) => screen.findIndex((line) => line.includes(text));
  expect(place('from a rescue system:')).toBeGreaterThan(0);
  expect(screen[place('from a rescue system:') + 1]).toMatch(/^ {2}\S+ lilo$/);
  expect(screen[place('type there:') + 1]).toMatch(/^ {2}\S+ update-grub$/);
  expect(
    formatComparisonText({ ...comparison, rows: [{ area: 'packages', label: 'a', before: '1', after: '1' }] }),
  ).toMatch(
    /Left to be typed on the machine .*\n {2}update-grub\n.*\n {2}lilo\n.*; before it starts, from a rescue system\n/,
  );
  const report: VerifyReport = { ...verifyReportOn([]), leftForMachine: left };
  expect(verifyReportSchema.parse(report)).toEqual(report);
  expect(comparisonPage(report)).toContain('Left to be typed on the machine');
  expect(comparisonPage(report)).toContain('update-grub');
  // Of other systems nothing is said.
  expect(formatComparison(joinParts([]), { look: plainLook, columns: 80 }).join()).not.toContain('type there');
});

describe('in a folder', () => {
  const start = { elsewhere, kernels: [{ version: `${old}-pae`, architecture: 'i386' }] };

  test('the menu starts what is there, from the purge on', () => {
    const world = new World('bookworm-server', start);
    const step = steps.find(({ id }) => id === 'finish/point-boot-menu');
    world.apply({ do: 'record' });
    expect(step?.remaining(world.context)).toEqual([]);
    const purged = new World('bookworm-server', { ...start, kernels: [{ version: kernel, architecture: 'amd64' }] });
    purged.apply({ do: 'record' });
    expect(step?.remaining(purged.context)).toEqual([`/boot/grub/grub.cfg starts ${old}-pae, and that is gone`]);
    expect(step?.plan(purged.context)).toMatchObject([{ do: 'write', path: '/boot/grub/grub.cfg', mode: 0o600 }]);
    for (const action of step?.plan(purged.context) ?? []) purged.apply(action);
    expect(step?.remaining(purged.context)).toEqual([]);
    expect(purged.context.facts.elsewhere?.menus[0]?.text).toContain(`vmlinuz-${kernel}`);
  });

  test('settings that a killed build has left are taken away', () => {
    const world = new World('bookworm-server', { ...start, ownFiles: { [initramfsHookFile]: '' } });
    const step = steps.find(({ id }) => id === 'finish/build-initramfs');
    expect(step?.remaining(world.context)).toEqual([`${initramfsHookFile} is still there`]);
    for (const action of step?.plan(world.context) ?? []) world.apply(action);
    expect(step?.remaining(world.context)).toEqual([]);
  });
});
