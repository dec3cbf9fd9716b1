import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { copiedHost, cryptEntry, installDevice, makeCopyOfHost } from '../../support/roots/copied-host.ts';
import { defaultExclusions, diffRootStates, readRootState } from '../../support/roots/root-state.ts';
import { inRoot, instancesIn, textIn } from '../../support/runs/conversion.ts';
import { crossgradeAsText, tail, withRoot } from '../../support/runs/faults.ts';

/** Of the machine that the root belongs to, and nobody's here. */
const untouched: readonly RootPath[] = [
  '/boot/grub/i386-pc/core.img',
  '/boot/grub/grubenv',
  '/etc/fstab',
  '/etc/crypttab',
  '/etc/default/grub',
  '/etc/mdadm/mdadm.conf',
];

/** dpkg's copies of its files, from before it wrote them last. */
const backups = /^\/var\/lib\/dpkg\/[a-z]+-old$/;

test('a copy of a machine whose disks are not here is taken back, and converted, and its boot loader is left alone', () =>
  withRoot(copiedHost, async ({ directory }) => {
    const { kernel: old } = await makeCopyOfHost(directory);
    const at = (path: string) => join(directory, path);
    const state = () => readRootState(directory, [...defaultExclusions, backups]);
    const before = state();
    const texts = untouched.map((path) => readFileSync(at(path)));
    const menuMode = statSync(at('boot/grub/grub.cfg')).mode;

    const check = await crossgradeAsText(directory, 'check', '--verbose');
    expect(check.code, tail(check)).toBe(0);
    const report = check.text.replaceAll(/\s+/g, ' ');
    expect(report).toContain('This root is not booted: its boot loader (GRUB) is left alone');
    expect(report).toContain(installDevice);
    expect(diffRootStates(before, state())).toEqual([]);

    const begun = await crossgradeAsText(directory, 'run', '--yes', '--until', 'kernel');
    expect(begun.code, tail(begun)).toBe(0);
    expect(readdirSync(at('boot')).some((name) => /^vmlinuz-.*-amd64$/.test(name))).toBe(true);
    const back = await crossgradeAsText(directory, 'rollback', '--yes');
    expect(back.code, tail(back)).toBe(0);
    expect(diffRootStates(before, state())).toEqual([]);

    const run = await crossgradeAsText(directory, 'run', '--yes');
    expect(run.code, tail(run)).toBe(0);
    expect(Object.keys(instancesIn(directory)).filter((key) => key.endsWith(':i386'))).toEqual([]);
    expect(untouched.map((path) => readFileSync(at(path)))).toEqual(texts);
    expect(textIn(directory, '/var/cache/debconf/config.dat')).toContain(`Value: ${installDevice}\n`);
    // What apt was given is gone with its namespace.
    expect(readlinkSync(at('etc/resolv.conf'))).toBe('../run/systemd/resolve/stub-resolv.conf');
    expect(lstatSync(at('run/systemd/resolve'), { throwIfNoEntry: false })).toBeUndefined();

    const kernel = (readdirSync(at('boot')).find((name) => name.startsWith('vmlinuz-')) ?? '').slice(8);
    expect(kernel).toMatch(/-amd64$/);
    expect(readdirSync(at('boot')).filter((name) => name.includes(old))).toEqual([]);
    const menu = textIn(directory, '/boot/grub/grub.cfg');
    expect(menu.match(/^\s*(linux|initrd)\s.*/gm)).toHaveLength(6);
    for (const [line] of menu.matchAll(/^\s*(linux|initrd)\s.*/gm)) expect(line).toContain(`-${kernel}`);
    expect(menu).toContain(`gnulinux-${old}-advanced-`);
    expect(statSync(at('boot/grub/grub.cfg')).mode).toBe(menuMode);
    await expectInitramfsOfTheMachine(directory, kernel);

    for (const command of [`update-initramfs -u -k ${kernel}`, 'update-grub']) expect(run.text).toContain(command);
    // GRUB's version is the one that is on the disk.
    expect(run.text).not.toContain('grub-install');
    const verify = await crossgradeAsText(directory, 'verify');
    expect(verify.code, tail(verify)).toBe(0);
    expect(verify.text).toContain('update-grub');
  }));

describe('in a root in a folder', () => {
  test('no program that is started reaches a boot loader, and an initramfs is only deleted', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      const calls = '/root/calls';
      for (const name of ['update-grub', 'grub-probe', 'os-prober', 'update-initramfs', 'mkinitramfs']) {
        const script = `#!/bin/sh\necho ${name} "$@" >> ${calls}\n`;
        writeFileSync(join(directory, 'usr/sbin', name), script, { mode: 0o755 });
      }
      const other = '/var/lib/kdump/initramfs-tools';
      const [asked, initramfs] = await inRoot(
        directory,
        ['sh', '-c', 'update-grub && grub-install /dev/sda && grub-probe / && systemd-detect-virt --quiet --container'],
        [
          'sh',
          '-c',
          `update-initramfs -u && update-initramfs -c -k 1 && dracut && update-initramfs -k '1 2' -d &&
           mkinitramfs -o /root/image 1 && mkinitramfs -d ${other} -o /root/image 1`,
        ],
      );
      expect([asked?.exitCode, initramfs?.exitCode], asked?.stderr).toEqual([0, 0]);
      expect(textIn(directory, calls).split('\n')).toEqual([
        'update-initramfs -k 1 2 -d',
        'mkinitramfs -o /root/image 1',
        `mkinitramfs -d ${other} -o /root/image 1`,
        '',
      ]);
      expect(textIn(directory, `${other}/conf.d/zzzz-crossgrade`)).toBe('MODULES=most\n');
    }));

  test.each(['read', 'write'] as const)(
    'opened to %s, names are resolved as on this machine where it would be a service of the root’s own',
    (access) =>
      withRoot('bookworm-minimal', async ({ directory }) => {
        const link = join(directory, 'etc/resolv.conf');
        const read = async () => {
          const opened = await openRoot(directory, { access });
          try {
            return await realMachine(opened).run(['cat', '/etc/resolv.conf']);
          } finally {
            await opened.close();
          }
        };
        writeFileSync(link, '# its own\n');
        expect(await read()).toMatchObject({ exitCode: 0, stdout: '# its own\n' });
        rmSync(link);
        symlinkSync('/run/NetworkManager/resolv.conf', link);
        expect(await read()).toMatchObject({ exitCode: 0, stdout: readFileSync('/etc/resolv.conf', 'utf8') });
        expect(readdirSync(join(directory, 'run'))).not.toContain('NetworkManager');
        // What leads elsewhere is the administrator's.
        rmSync(link);
        symlinkSync('/srv/resolv.conf', link);
        expect(await read()).toMatchObject({ exitCode: 1 });
        rmSync(link);
        symlinkSync('resolv.conf', link);
        expect(await read()).toMatchObject({ exitCode: 1 });
      }),
  );
});

/** It unlocks, assembles and checks the root of that machine, and resumes from its swap. */
async function expectInitramfsOfTheMachine(directory: string, kernel: string): Promise<void> {
  const folder = '/root/initramfs';
  mkdirSync(join(directory, folder));
  const [unpacked] = await inRoot(directory, ['unmkinitramfs', `/boot/initrd.img-${kernel}`, folder]);
  expect(unpacked?.exitCode, unpacked?.stderr).toBe(0);
  expect(textIn(directory, `${folder}/cryptroot/crypttab`)).toContain(cryptEntry);
  expect(textIn(directory, `${folder}/etc/mdadm/mdadm.conf`)).toContain('ARRAY /dev/md/0');
  expect(textIn(directory, `${folder}/conf/conf.d/resume`)).toContain('RESUME=/dev/mapper/old-swap');
  const files = readdirSync(join(directory, folder), { recursive: true }).map(String);
  for (const pattern of [/sbin\/cryptsetup$/, /sbin\/lvm$/, /sbin\/fsck\.ext4$/, /\/dm-crypt\.ko$/, /\/nvme\.ko$/])
    expect(
      files.some((path) => pattern.test(path)),
      String(pattern),
    ).toBe(true);
  for (const place of ['conf.d', 'hooks'])
    expect(readdirSync(join(directory, 'etc/initramfs-tools', place))).not.toContain('zz-crossgrade');
}
