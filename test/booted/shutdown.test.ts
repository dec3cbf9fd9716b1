import { describe, expect, test } from 'vitest';
import { refusalFile } from '../../src/base/own-paths.ts';
import type { Booted } from '../support/booted/booted.ts';
import { eventsIn, journalOf, leftUndone, waitForLiveEvent } from '../support/booted/live-host.ts';
import { smallHostForEachTest } from '../support/booted/small-host.ts';

let booted: Booted;

smallHostForEachTest((host) => {
  booted = host.booted;
  return booted.mustExec(['sh', '-c', `cat > /etc/dpkg/dpkg.cfg.d/held <<'END'\npre-invoke=${hook}\nEND`]);
});

/**
 * In the middle of each dpkg call of a batch, by a program that does not end when it is asked to: somebody types `systemctl reboot`;
 * where there is a file for it, the call waits until that is gone. A boot has removed it.
 */
const hook =
  "grep -q status-fd /proc/$PPID/cmdline || exit 0; trap '' TERM; { systemctl reboot 2>&1; echo code $?; } >> /var/tmp/typed; while [ -e /run/hold ]; do touch /run/held; sleep 0.2; done";

/** The rest of it is on the next line of a terminal. */
const reason = /Unit crossgrade-is-replacing-packages_see_crossgrade/;

const sh = (script: string) => booted.exec(['sh', '-c', script]);

async function beginHeld(): Promise<void> {
  await booted.mustExec(['touch', '/run/hold']);
  await booted.mustExec(['systemd-run', '--quiet', 'crossgrade', 'run', '--yes']);
  await isHeld();
}

async function isHeld(): Promise<void> {
  await expect.poll(async () => (await sh('test -e /run/held')).exitCode, { timeout: 300_000, interval: 300 }).toBe(0);
}

async function dpkgProcess(): Promise<string> {
  return (await sh('pidof dpkg || true')).stdout.trim();
}

/** What systemd has noted of a service in this boot. */
async function jobsOf(service: string): Promise<string> {
  const unit = `--unit=${service}.service`;
  return booted.mustExec(['journalctl', '--boot', '--quiet', '--no-pager', '--output=cat', unit]);
}

async function stateOf(unit: string): Promise<string> {
  return (await booted.exec(['systemctl', 'is-active', unit])).stdout.trim();
}

test('as long as dpkg works nobody shuts the host down by mistake, root included; afterwards it reboots as ever', async () => {
  await beginHeld();
  const dpkg = await dpkgProcess();
  const bootId = await booted.bootId();
  const say = 'org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager';
  const refused = [
    'reboot',
    'systemctl reboot -i',
    'systemctl poweroff',
    'shutdown -r now',
    'poweroff',
    'halt',
    'init 6',
    'telinit 0',
    'systemctl halt',
    'systemctl rescue',
    'systemctl isolate reboot.target',
    // What logind does for a power key, once nothing inhibits it.
    `busctl call ${say} PowerOff b false`,
  ];
  for (const command of refused) {
    const typed = await sh(`${command} 2>&1`);
    expect(`${command}: ${typed.stdout}`).toMatch(reason);
  }
  // They say nothing themselves: each terminal is told.
  const terminal = await booted.sshTerminal(['bash', '--norc']);
  await terminal.type('shutdown +0\r');
  await terminal.waitFor(
    /crossgrade is replacing packages: this[\s\S]*systemctl stop crossgrade-guard && systemctl reboot/,
    20_000,
  );
  await terminal.type('clear; reboot\r');
  await terminal.waitFor(reason, 20_000);
  await terminal.type('exit\r');
  // Ctrl-Alt-Del on the console is this signal.
  await booted.mustExec(['kill', '-INT', '1']);
  expect(await booted.mustExec(['systemd-inhibit', '--list', '--no-pager'])).toMatch(
    /crossgrade +0 +root .*shutdown:sleep +dpkg is replacing packages: see crossgrade status +block/,
  );
  expect(await booted.mustExec(['systemctl', 'status', '--no-pager', 'crossgrade-guard'])).toContain(
    'active (running)',
  );
  expect(await booted.mustExec(['crossgrade', 'status'])).toContain(
    'systemctl stop crossgrade-guard && systemctl reboot',
  );
  await booted.newSshLogin();
  expect([await dpkgProcess(), await booted.bootId(), await stateOf('ssh')]).toEqual([dpkg, bootId, 'active']);
  expect((await sh('test -e /run/nologin')).exitCode).toBe(1);
  await booted.mustExec(['rm', '/run/hold']);
  await waitForLiveEvent(journalOf(booted), ({ type }) => type === 'run-finished');
  const calls = (await eventsIn(journalOf(booted))).filter(
    (event) => event.type === 'command' && event.argv[0] === 'dpkg' && event.argv[1] === '--status-fd=3',
  );
  const typed = (await booted.readFile('/var/tmp/typed')).split('\n').filter((line) => line.startsWith('code '));
  expect(typed.length).toBeGreaterThanOrEqual(calls.length);
  expect(new Set(typed)).not.toContain('code 0');
  expect(await booted.bootId()).toBe(bootId);
  await expect.poll(() => stateOf('crossgrade-guard'), { timeout: 40_000, interval: 500 }).toBe('inactive');
  expect((await sh('ls -A /run/systemd/system /run/crossgrade/at-work')).stdout).not.toMatch(/target|\d/);
  expect(await leftUndone(booted)).toEqual([]);
  await booted.exec(['reboot']);
  expect(await booted.waitForEnd(60_000)).toBe('reboot');
});

describe('a host that goes down all the same ends dpkg within seconds, and goes on by itself after the boot', () => {
  test.each([
    'systemctl stop crossgrade-guard && systemctl reboot',
    'systemctl reboot --force',
    // As where a shutdown has begun right before dpkg: it is not refused, and everything is stopped in its order.
    `systemctl kill --signal=SIGSTOP crossgrade-guard; rm ${refusalFile}; systemctl daemon-reload; systemctl reboot`,
  ])('%s', async (command) => {
    const timer = 'apt-daily.timer';
    expect(await stateOf(timer)).toBe('active');
    await beginHeld();
    // It is due: a boot would start its job at once.
    await booted.mustExec(['touch', '-d', '4 days ago', `/var/lib/systemd/timers/stamp-${timer}`]);
    const typed = Date.now();
    await sh(command);
    expect(await booted.waitForEnd(40_000)).toBe('reboot');
    const seconds = (Date.now() - typed) / 1000;
    console.info(`${command}: down within ${seconds} s`);
    expect(seconds).toBeLessThan(30);
    await booted.start();
    await booted.isSystemRunning();
    expect(await stateOf(timer)).toBe('inactive');
    await waitForLiveEvent(
      journalOf(booted),
      (event) => event.type === 'step-started' && event.step === 'finish/resume-package-timers',
    );
    expect(await jobsOf('apt-daily')).toBe('');
    await waitForLiveEvent(journalOf(booted), ({ type }) => type === 'run-finished');
    expect(await stateOf(timer)).toBe('active');
    await expect.poll(() => leftUndone(booted), { timeout: 60_000, interval: 2000 }).toEqual([]);
  });
});

test('what is stopped by name lets the dpkg call come to its end; what is killed is guarded until then', async () => {
  await beginHeld();
  const dpkg = await dpkgProcess();
  await booted.mustExec(['systemctl', 'kill', '--kill-who=main', '--signal=SIGKILL', 'crossgrade.service']);
  // Started again, it waits for the same call.
  await waitForLiveEvent(
    journalOf(booted),
    (event) => event.type === 'step-message' && event.text.startsWith('dpkg is still at work on'),
  );
  expect((await booted.exec(['systemctl', 'reboot'])).stderr).toMatch(reason);
  await booted.mustExec(['systemctl', '--no-block', 'stop', 'crossgrade.service']);
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  expect([await stateOf('crossgrade'), await dpkgProcess()]).toEqual(['deactivating', dpkg]);
  expect((await booted.exec(['systemctl', 'reboot'])).stderr).toMatch(reason);
  await booted.mustExec(['rm', '/run/hold']);
  await expect.poll(() => stateOf('crossgrade'), { timeout: 120_000, interval: 500 }).toBe('inactive');
  await expect.poll(() => sh(`test -e ${refusalFile}`), { timeout: 20_000 }).toMatchObject({ exitCode: 1 });
  expect((await eventsIn(journalOf(booted))).filter(({ type }) => type === 'package-failed')).toEqual([]);
  await expect.poll(() => stateOf('crossgrade-guard'), { timeout: 40_000, interval: 500 }).toBe('inactive');
  expect((await booted.exec(['crossgrade', 'rollback', '--yes'])).exitCode).toBe(0);
  // The guard waits some seconds for another program.
  await expect.poll(() => sh(`test -e ${refusalFile}`), { timeout: 20_000 }).toMatchObject({ exitCode: 1 });
  await booted.exec(['reboot']);
  expect(await booted.waitForEnd(60_000)).toBe('reboot');
});
