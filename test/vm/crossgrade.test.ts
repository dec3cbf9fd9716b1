import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildDeb, lastEvent, waitForLiveEvent } from '../support/booted/live-host.ts';
import type { Vm } from '../support/booted/vm.ts';
import { journalOfVm, vmHost } from '../support/booted/vm-host.ts';

let deb: Awaited<ReturnType<typeof buildDeb>>;
let vm: Vm;

beforeAll(async () => {
  deb = await buildDeb();
});

afterAll(() => deb?.dispose());

beforeEach(async () => {
  vm = await vmHost(deb.deb);
});

afterEach(() => vm?.close());

const minuteMs = 60_000;

async function kernel(): Promise<string> {
  return (await vm.newSshLogin(['uname', '-m'])).trim();
}

async function answer(reboot: string): Promise<void> {
  await vm.newSshLogin(['sh', '-c', `echo '{"reboot":"${reboot}"}' > /root/answers.json`]);
}

/** Everything of a 64-bit system, after one more reboot, by GRUB's own choice. */
async function expectCrossgraded(): Promise<void> {
  await vm.reboot();
  expect(await kernel()).toBe('x86_64');
  expect(await vm.newSshLogin(['dpkg', '--print-architecture'])).toBe('amd64\n');
  expect(await vm.newSshLogin(['dpkg', '--print-foreign-architectures'])).toBe('');
  const packages = await vm.newSshLogin(['dpkg-query', '-W', '-f', '${Architecture} ${Package}\\n']);
  expect(packages.split('\n').filter((line) => line.startsWith('i386'))).toEqual([]);
  // No program of the old class is running, the first process included.
  const old = await vm.newSshLogin([
    'sh',
    '-c',
    'cat /proc/[0-9]*/maps 2>/dev/null | grep -c /i386-linux-gnu/ || true',
  ]);
  expect(old.trim()).toBe('0');
  const initramfs = await vm.newSshLogin([
    'sh',
    '-c',
    'lsinitramfs /boot/initrd.img-* | grep -c i386-linux-gnu || true',
  ]);
  expect(initramfs.trim()).toBe('0');
  for (const path of [
    '/etc/default/grub.d/zz-crossgrade.cfg',
    '/etc/motd.d',
    '/etc/apt/apt.conf.d/00crossgrade-guard',
  ]) {
    expect((await vm.ssh(['test', '-e', path])).exitCode, path).toBe(1);
  }
  expect((await vm.ssh(['systemctl', 'is-enabled', 'crossgrade.service'])).stdout.trim()).toBe('disabled');
  const verify = await vm.ssh(['crossgrade', 'verify'], { limitMs: 10 * minuteMs });
  expect(verify.exitCode, verify.stdout).toBe(0);
  expect((await vm.newSshLogin(['systemctl', '--failed', '--plain', '--no-legend'])).trim()).toBe('');
}

test('a server goes through the reboot by itself, from its 32-bit kernel to the end', async () => {
  expect(await kernel()).toBe('i686');
  await answer('automatic');
  const before = await vm.bootId();
  const run = await vm.ssh(['crossgrade', 'run', '--yes', '--answers', '/root/answers.json'], {
    limitMs: 40 * minuteMs,
  });
  console.info(`${run.stdout}\n${run.stderr}`);
  expect(run).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('CG0250') });
  await vm.waitForOtherBoot(before, 20 * minuteMs);
  expect(await kernel()).toBe('x86_64');
  console.info(await vm.newSshLogin(['cat', '/etc/motd.d/crossgrade']));
  await waitForLiveEvent(journalOfVm(vm), (event) => event.type === 'run-finished', 60 * minuteMs);
  await expectCrossgraded();
});

/** The new kernel sorts before this one, and is GRUB's own choice as soon as it is installed. */
async function runOlderKernel(): Promise<void> {
  const apt = async (...words: string[]) => {
    const argv = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-y', '--no-install-recommends', ...words];
    const { exitCode, stderr } = await vm.ssh(argv, { limitMs: 20 * minuteMs });
    expect(exitCode, stderr).toBe(0);
  };
  await apt('install', 'linux-image-686');
  await apt('purge', '--auto-remove', 'linux-image-686-pae', 'linux-image-*-686-pae');
  await vm.reboot();
  expect((await vm.newSshLogin(['uname', '-r'])).trim()).toMatch(/-686$/);
}

test('a kernel that does not come up leads back to the old one; and a power cut between 32 and 64 bit to the new one', async () => {
  await runOlderKernel();
  await answer('by-hand');
  const run = await vm.ssh(['crossgrade', 'run', '--yes', '--answers', '/root/answers.json'], {
    limitMs: 40 * minuteMs,
  });
  console.info(`${run.stdout}\n${run.stderr}`);
  expect(run.exitCode).toBe(4);
  expect(run.stderr).toContain('CG0250');
  const image = (await vm.newSshLogin(['sh', '-c', 'echo /boot/initrd.img-*-amd64'])).trim();
  await vm.newSshLogin(['sh', '-c', `cp ${image} /root/initrd && echo broken > ${image} && sync`]);
  let boot = await vm.bootId();
  await vm.ssh(['systemctl', 'reboot']);
  console.info((await vm.waitForSerial(/Kernel panic|Unable to mount root/, { limitMs: 20 * minuteMs })).slice(-1500));
  await vm.cut();
  await vm.start();
  await vm.waitForOtherBoot(boot, 20 * minuteMs);
  expect(await kernel()).toBe('i686');
  const failed = await vm.ssh(['crossgrade', 'resume', '--yes'], { limitMs: 10 * minuteMs });
  console.info(failed.stderr);
  expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('CG0252') });
  expect(await vm.newSshLogin(['cat', '/etc/motd.d/crossgrade'])).toContain('CG0252');

  await vm.newSshLogin(['sh', '-c', `cp /root/initrd ${image} && sync`]);
  expect((await vm.ssh(['crossgrade', 'resume', '--yes'], { limitMs: 10 * minuteMs })).exitCode).toBe(4);
  await vm.reboot();
  expect(await kernel()).toBe('x86_64');
  // Rebooted by hand, it waits for somebody.
  expect((await lastEvent(journalOfVm(vm)))?.type).toBe('error');
  boot = await vm.bootId();
  await vm.newSshLogin(['systemd-run', '--quiet', 'crossgrade', 'resume', '--yes']);
  await waitForLiveEvent(
    journalOfVm(vm),
    (event) => event.type === 'batch-started' && event.wave === 'core',
    40 * minuteMs,
  );
  await new Promise((resolve) => setTimeout(resolve, 5000));
  await vm.cut();
  await vm.start();
  await vm.waitForOtherBoot(boot, 20 * minuteMs);
  expect(await kernel()).toBe('x86_64');
  const resumed = await vm.ssh(['crossgrade', 'resume', '--yes'], { limitMs: 60 * minuteMs });
  console.info(`${resumed.stdout}\n${resumed.stderr}`);
  expect(resumed.exitCode).toBe(0);
  await expectCrossgraded();
});
