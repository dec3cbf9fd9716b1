import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startVm } from '../support/booted/vm.ts';
import { partitionStart, serverImage } from '../support/booted/vm-image.ts';
import { makePlace, removePlace } from '../support/roots/roots.ts';
import { crossgradeAsText, tail } from '../support/runs/faults.ts';
import { mustRun } from '../support/runs/host-programs.ts';

let place: string;

beforeAll(async () => {
  place = await makePlace();
});

afterAll(() => place && removePlace(place));

test('the disk of a server that has run is converted in a folder, and boots by its own GRUB into the new kernel', async () => {
  const file = join(place, 'disk.raw');
  await mustRun(['qemu-img', 'convert', '-O', 'raw', await serverImage(), file]);
  const directory = join(place, 'disk');
  mkdirSync(directory);
  await mustRun(['mount', '-o', `loop,offset=${partitionStart}`, file, directory]);
  try {
    expect(readFileSync(join(directory, 'boot/grub/grub.cfg'), 'utf8')).toContain('-686-pae');
    // The servers that DHCP named where it ran are not here.
    rmSync(join(directory, 'etc/resolv.conf'), { force: true });
    writeFileSync(join(directory, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'));
    const run = await crossgradeAsText(directory, 'run', '--yes');
    console.info(run.text);
    expect(run.code, tail(run)).toBe(0);
    expect(run.text).toContain('update-grub');
  } finally {
    // GRUB reads no journal; and another mount namespace may still have what is unmounted here.
    await mustRun(['mount', '-o', 'remount,ro', directory]);
    await mustRun(['umount', directory]);
  }

  const vm = await startVm({ file, format: 'raw' });
  try {
    await vm.waitForSsh();
    const kernel = async () => (await vm.newSshLogin(['uname', '-rm'])).trim();
    expect(vm.serialLog()).toContain('GRUB');
    expect(await kernel()).toMatch(/-amd64 x86_64$/);
    expect(await vm.newSshLogin(['dpkg', '--print-architecture'])).toBe('amd64\n');
    expect((await vm.newSshLogin(['systemctl', 'is-system-running', '--wait'])).trim()).toBe('running');
    // What the end of the run has named.
    await vm.newSshLogin(['update-grub']);
    expect(await vm.newSshLogin(['cat', '/boot/grub/grub.cfg'])).not.toContain('686-pae');
    await vm.reboot();
    expect(await kernel()).toMatch(/-amd64 x86_64$/);
    await vm.powerOff();
  } finally {
    await vm.close();
  }
});
