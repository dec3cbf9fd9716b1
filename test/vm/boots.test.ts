import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Vm, vmFrom } from '../support/booted/vm.ts';
import { serverImage } from '../support/booted/vm-image.ts';

let vm: Vm;

beforeAll(async () => {
  vm = await vmFrom(await serverImage());
});

afterAll(() => vm?.close());

test('a server boots by its own boot loader into its 32-bit kernel', async () => {
  await vm.waitForSsh();
  expect(vm.serialLog()).toContain('GRUB');
  expect((await vm.newSshLogin(['uname', '-rm'])).trim()).toMatch(/-686-pae i686$/);
  expect((await vm.newSshLogin(['systemctl', 'is-system-running', '--wait'])).trim()).toBe('running');
});

test('apt reaches the mirror', async () => {
  await vm.newSshLogin(['apt-get', 'update', '-o', 'APT::Update::Error-Mode=any']);
});

test('rebooted, cut and powered off, it comes back', async () => {
  await vm.newSshLogin(['sh', '-c', 'echo written > /etc/written && sync /etc/written']);
  await vm.reboot();
  const boot = await vm.bootId();
  await vm.cut();
  expect(vm.isRunning()).toBe(false);
  await vm.start();
  await vm.waitForOtherBoot(boot);
  expect(await vm.newSshLogin(['cat', '/etc/written'])).toBe('written\n');
  await vm.powerOff();
});
