import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cacheFolder, planFile, stateFolder } from '../../src/base/own-paths.ts';
import { readPlan } from '../../src/plan/plan.ts';
import type { RunEvent } from '../../src/run/event.ts';
import type { Booted } from '../support/booted/booted.ts';
import { eventsIn, journalOf, lastEvent, leftUndone, waitForLiveEvent } from '../support/booted/live-host.ts';
import { smallHostForEachTest } from '../support/booted/small-host.ts';

let booted: Booted;

smallHostForEachTest((host) => {
  booted = host.booted;
});

const up = '\u001b[A';
const down = '\u001b[B';
const interrupt = '\u0003';

/** From the first look to the consent, as somebody types it who has read it. */
async function begin(terminal: Awaited<ReturnType<Booted['sshTerminal']>>): Promise<string> {
  const asked = await terminal.waitFor(/What now\?/, 120_000);
  // From the plan, which is preselected, up to the beginning.
  await terminal.type(`${up}\r`);
  await terminal.waitFor(/on its own now/, 60_000);
  return asked;
}

describe('the guided run', () => {
  test('asks, begins, and shows the end, on a terminal that redraws', async () => {
    const failedBefore = await booted.failedUnits();
    const terminal = await booted.sshTerminal(['crossgrade'], { environment: { LANG: 'C.UTF-8' } });
    const asked = await begin(terminal);
    expect(asked).toContain('Begin: I have a backup');
    expect(asked).toContain('Show the whole plan');
    console.info(await terminal.waitFor(/Replace the essential.*\n.*core-/, 300_000));
    await waitForLiveEvent(
      journalOf(booted),
      (event) => event.type === 'batch-finished' && event.batch.startsWith('core-'),
      300_000,
    );
    // Its new package would have started it.
    expect((await booted.exec(['systemctl', 'is-active', 'apt-daily.timer'])).stdout).toBe('inactive\n');
    expect(await terminal.waitForEnd(600_000)).toBe(0);
    expect((await booted.exec(['systemctl', 'is-active', 'apt-daily.timer'])).stdout).toBe('active\n');
    console.info(terminal.written().split('\n').slice(-40).join('\n'));
    expect(terminal.written()).toContain('This is a 64-bit system now.');
    expect(await leftUndone(booted)).toEqual([]);
    expect(await booted.failedUnits()).toEqual(failedBefore);
    await booted.newSshLogin();
  });

  test('can be stopped before anything is changed', async () => {
    const terminal = await booted.sshTerminal(['crossgrade', 'run']);
    await terminal.waitFor(/What now\?/, 120_000);
    await terminal.type('\r');
    // The question is asked again after the plan, which is longer than the screen.
    await terminal.waitFor(/More\?/, 10_000);
    await terminal.type('n');
    await terminal.type('\r');
    await terminal.waitFor(/[❯>] Show the whole plan/, 10_000);
    await terminal.type(`${down}${down}\r`);
    expect(await terminal.waitForEnd()).toBe(130);
    expect((await booted.exec(['test', '-e', '/var/lib/crossgrade'])).exitCode).toBe(1);
  });

  test('speaks in plain lines on a terminal that cannot move its cursor', async () => {
    // Of a transport that nothing here uses.
    const ftp_proxy = 'http://me:a"b\\c d$e@127.0.0.1:1/';
    const terminal = await booted.sshTerminal(['crossgrade'], { environment: { TERM: 'dumb', ftp_proxy } });
    const asked = await terminal.waitFor(/Type a number/, 120_000);
    expect(asked).toContain('1) Begin: I have a backup');
    await terminal.type('9\r');
    await terminal.waitFor(/from 1 to 4/, 10_000);
    await terminal.type('1\r');
    await terminal.waitFor(/\[ ?\d+\/\d+\] /, 60_000);
    const engine = (await unitProperties('MainPID')).trim().replace('MainPID=', '');
    expect((await booted.readFile(`/proc/${engine}/environ`)).split('\0')).toContain(`ftp_proxy=${ftp_proxy}`);
    const stat = ['stat', '--format=%a', '/var/lib/crossgrade', '/var/lib/crossgrade/environment'];
    expect(await booted.mustExec(stat)).toBe('700\n600\n');
    await terminal.type(interrupt);
    await terminal.waitFor(/What now\?/, 10_000);
    await terminal.type('3\r');
    await terminal.waitFor(/Interrupted\./, 120_000);
    expect(await terminal.waitForEnd(60_000)).toBe(130);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested
    expect(terminal.written()).not.toMatch(/\u001b/);
    // apt is guarded by now, or refused by the same script.
    const removal = await booted.exec(['dpkg', '--purge', 'crossgrade']);
    expect(removal).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("'crossgrade rollback'") });
    expect((await booted.exec(['apt-get', '-y', 'purge', 'crossgrade'])).exitCode).toBe(100);
    expect((await booted.exec(['crossgrade', 'rollback', '--yes'])).exitCode).toBe(0);
    expect((await booted.exec(['test', '-e', '/var/lib/crossgrade'])).exitCode).toBe(1);
    expect(await booted.mustExec(['dpkg', '--print-foreign-architectures'])).toBe('');
  });
});

/** As long as it is replaced, and starts itself anew, systemd does not answer who asks for the unit. */
const silenceForAWhile = `cd /usr/bin
cp -p systemctl systemctl.real
printf '%s\\n' '#!/bin/sh' '[ "$1 $2" = "is-active crossgrade.service" ] && exit 1' 'exec /usr/bin/systemctl.real "$@"' > systemctl.silent
chmod 755 systemctl.silent
mv systemctl.silent systemctl
sleep 12
mv systemctl.real systemctl`;

test('a lost connection ends nothing; the run is watched again from another one, and new logins always work', async () => {
  const terminal = await booted.sshTerminal(['crossgrade']);
  await begin(terminal);
  await terminal.close();
  const watching = await booted.sshTerminal(['crossgrade', 'status', '--watch']);
  const silence = (async () => {
    const begun = (event: RunEvent) => event.type === 'batch-started' && event.wave === 'libraries';
    await waitForLiveEvent(journalOf(booted), begun);
    await booted.mustExec(['sh', '-c', silenceForAWhile]);
  })();
  const seen = new Set<string>();
  let logins = 0;
  for (;;) {
    const events = await eventsIn(journalOf(booted));
    const batches = events.flatMap((event) => (event.type === 'batch-finished' ? [event.batch] : []));
    const fresh = batches.filter((batch) => !seen.has(batch));
    for (const batch of fresh) seen.add(batch);
    if (fresh.length > 0) {
      await booted.newSshLogin();
      logins += 1;
    }
    if (events.some((event) => event.type === 'run-finished' || event.type === 'error')) break;
    await sleep(200);
  }
  await silence;
  expect(await watching.waitForEnd(60_000).catch(() => watching.screen())).toBe(0);
  // Short calls may end between two looks.
  expect(logins).toBeGreaterThan(2);
  expect(await leftUndone(booted)).toEqual([]);
});

const killEngine = () =>
  booted.exec(['systemctl', 'kill', '--kill-who=main', '--signal=SIGKILL', 'crossgrade.service']);
/** `Name=value`, a line each. */
const unitProperties = (...names: string[]) =>
  booted.mustExec(['systemctl', 'show', `--property=${names.join(',')}`, 'crossgrade.service']);
const runsBegun = async () =>
  (await eventsIn(journalOf(booted))).filter((event) => event.type === 'run-started').length;
const notice = () => booted.readFile('/etc/motd.d/crossgrade');

test('an engine that is killed again and again says so to who watches and to each login, and resume goes on; a broken shell, dpkg and libc are put back', async () => {
  const run = booted.exec(['crossgrade', 'run', '--yes'], { limitMs: 600_000 });
  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'batch-started' && event.wave === 'core');
  expect(await notice()).toContain('is in progress');
  expect(await booted.exec(['crossgrade', 'rescue', '--yes'])).toMatchObject({
    exitCode: 5,
    stderr: expect.stringMatching(/CG0310|CG0274/),
  });
  for (let kills = 0; !/=failed$/m.test(await unitProperties('ActiveState')); ) {
    // Between two starts there is none.
    if ((await killEngine()).exitCode === 0) kills += 1;
    expect(kills).toBeLessThan(10);
  }
  expect(await run).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('CG0270') });
  expect(await notice()).toContain('has stopped.\n  Go on: crossgrade resume\n');
  await expect
    .poll(async () => (await booted.exec(['sh', '-c', 'pidof dpkg || true'])).stdout, {
      timeout: 120_000,
      interval: 500,
    })
    .toBe('');
  const taken = await booted.mustExec(['du', '--summarize', '--block-size=1', '--total', stateFolder, cacheFolder]);
  const { space } = readPlan(await booted.readFile(planFile));
  expect(Number(/^(\d+)\ttotal$/m.exec(taken)?.[1])).toBeLessThanOrEqual(
    space.find(({ path }) => path === '/var')?.bytes ?? 0,
  );
  const busybox = '/usr/lib/crossgrade/busybox';
  const lost = ['/bin/dash', '/bin/bash', '/usr/bin/dpkg', '/bin/tar', '/usr/lib/x86_64-linux-gnu/libc.so.6'];
  // From a shell that is open already: no other one starts any more.
  const pointers = ['status', 'resume --yes', ''].map((words) => `/usr/sbin/crossgrade ${words} 2>&1;`).join(' ');
  const script = `${busybox} rm ${lost.join(' ')}; /bin/bash -c : && exit 99; ${pointers} /usr/sbin/crossgrade rescue --yes`;
  const rescue = await booted.mustExec([busybox, 'sh', '-c', script]);
  console.info(rescue);
  for (const name of ['dash', 'bash', 'dpkg', 'tar', 'libc.so.6'])
    expect(rescue).toMatch(new RegExp(`missing +/.*/${name}\n`));
  expect(rescue).toContain('5 files put back');
  // Long lines are wrapped.
  const inOneLine = (text: string) => text.replace(/\s+/g, ' ');
  expect(inOneLine(rescue).match(/CG0324 .*?crossgrade rescue/g)).toHaveLength(3);
  // Of both builds: which of them the programs need depends on how far it is.
  const libraries = ['i386', 'x86_64'].map((architecture) => `/usr/lib/${architecture}-linux-gnu/libc.so.6`);
  const damage = `${busybox} truncate -s 1000 ${libraries.join(' ')}; /usr/sbin/crossgrade resume --yes 2>&1; /usr/sbin/crossgrade rescue --yes`;
  expect(inOneLine(await booted.mustExec([busybox, 'sh', '-c', damage]))).toMatch(
    /CG0314 .*crossgrade rescue.* changed \/.* 2 files put back/,
  );
  expect((await booted.exec(['crossgrade', 'resume', '--yes'], { limitMs: 600_000 })).exitCode).toBe(0);
  expect(await leftUndone(booted)).toEqual([]);
});

test('a run that somebody has stopped is gone on with by no boot, but by resume; one that is killed goes on by itself', async () => {
  const run = booted.exec(['crossgrade', 'run', '--yes'], { limitMs: 600_000 });
  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'batch-started' && event.wave === 'libraries');
  const terminal = await booted.sshTerminal(['crossgrade', 'status', '--watch'], { environment: { TERM: 'dumb' } });
  await terminal.waitFor(/\[ ?\d+\/\d+\] /, 60_000);
  await terminal.type(interrupt);
  await terminal.waitFor(/What now\?/, 10_000);
  await terminal.type('3\r');
  expect(await run).toMatchObject({ exitCode: 130 });
  await terminal.close();
  await booted.cut();
  await booted.start();
  await booted.waitForSsh();
  // The boot has started it, and it has ended.
  await expect
    .poll(() => unitProperties('ExecMainExitTimestampMonotonic'), { timeout: 60_000, interval: 500 })
    .not.toMatch(/=0$/m);
  expect(await unitProperties('Result', 'ActiveState')).toBe('Result=success\nActiveState=inactive\n');
  expect(await runsBegun()).toBe(1);
  expect(await notice()).toContain('Go on: crossgrade resume');
  expect(await booted.mustExec(['crossgrade', 'status'])).toMatch(
    /^It was stopped at .*, and does not go on by itself/m,
  );
  const resume = booted.exec(['crossgrade', 'resume', '--yes'], { limitMs: 600_000 });
  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'batch-started' && event.wave === 'core');
  expect(await runsBegun()).toBe(2);
  // A resume has taken the wish back: what is killed now goes on by itself.
  expect((await killEngine()).exitCode).toBe(0);
  const end = await resume;
  expect(end, end.stderr).toMatchObject({ exitCode: 0 });
  expect(end.stderr).toContain('The crossgrade was started again, and goes on.');
  expect(await runsBegun()).toBe(3);
  expect(await leftUndone(booted)).toEqual([]);
});

test('a host that is shut down in the middle goes on by itself when it starts again; systemctl stop is the wish of somebody', async () => {
  const started = (step: string) => (event: RunEvent) => event.type === 'step-started' && event.step === step;
  await booted.mustExec(['systemd-run', '--quiet', 'crossgrade', 'run', '--yes', '--until', 'libraries']);
  await waitForLiveEvent(journalOf(booted), started('prepare/download-archives'));
  await booted.powerOff();
  await booted.start();
  await waitForLiveEvent(journalOf(booted), started('switch/install-libraries'));
  expect(await runsBegun()).toBe(2);
  // systemd, whose libraries are just added, may start itself anew, and would not answer then.
  await booted.mustExec(['systemctl', '--no-block', 'stop', 'crossgrade.service']);
  await expect.poll(() => unitProperties('ActiveState'), { timeout: 120_000, interval: 500 }).toMatch(/=inactive$/m);
  expect(await booted.mustExec(['crossgrade', 'status'])).toContain('does not go on by itself');
  expect(await notice()).toContain('Go on: crossgrade resume');
  expect((await booted.exec(['crossgrade', 'rollback', '--yes'])).exitCode).toBe(0);
  expect((await booted.exec(['test', '-e', '/var/lib/crossgrade'])).exitCode).toBe(1);
});

test('a download that is stopped leaves neither apt at work nor the host kept up, and a rollback waits for nothing', async () => {
  const slow = ['http', 'https'].map((transport) => `Acquire::${transport}::Dl-Limit "1000";`).join(' ');
  await booted.mustExec(['sh', '-c', `echo '${slow}' > /etc/apt/apt.conf.d/zz-slow`]);
  const run = booted.exec(['crossgrade', 'run', '--yes']);
  const fetching = async () => (await booted.exec(['pidof', 'apt-helper'])).stdout;
  await expect.poll(fetching, { timeout: 120_000, interval: 200 }).not.toBe('');
  expect(await booted.mustExec(['systemd-inhibit', '--list', '--no-pager'])).not.toContain('dpkg');
  await booted.mustExec(['systemctl', 'kill', '--kill-who=main', '--signal=SIGINT', 'crossgrade.service']);
  expect(await run).toMatchObject({ exitCode: 130 });
  expect(await fetching()).toBe('');
  const rollback = booted.exec(['crossgrade', 'rollback', '--yes']);
  const isThere = async () => (await booted.exec(['test', '-e', '/var/lib/crossgrade'])).exitCode === 0;
  await expect.poll(isThere, { timeout: 20_000, interval: 500 }).toBe(false);
  // Its terminal has never seen the unit at work, and waits for no start any more.
  const ended = rollback.then(({ exitCode }) => exitCode);
  expect(await Promise.race([ended, sleep(15_000, 'still watching')])).toBe(0);
});

test('a power cut, wherever it comes, is followed by a boot that goes on by itself', async () => {
  await booted.mustExec(['systemd-run', '--quiet', 'crossgrade', 'run', '--yes']);
  // While it writes down what is there.
  const first = (event: RunEvent) => event.type === 'step-started' && event.step === 'prepare/record-before';
  await waitForLiveEvent(journalOf(booted), first);
  const isOver = async () => (await eventsIn(journalOf(booted))).some((event) => event.type === 'run-finished');
  const moments: string[] = [];
  for (let cuts = 0; cuts < 10 && !(await isOver()); cuts += 1) {
    if (cuts > 0) await sleep(1000 + Math.random() * 9000);
    await booted.cut();
    const last = await lastEvent(journalOf(booted));
    moments.push(JSON.stringify(last && 'step' in last ? last.step : last?.type));
    await booted.start();
  }
  console.info(`Cut ${moments.length} times: ${moments.join(', ')}`);
  // Everything is replaced, and what crossgrade needed for itself is gone.
  await waitForLiveEvent(
    journalOf(booted),
    (event) => event.type === 'step-started' && event.step === 'finish/check-apt',
  );
  if (!(await isOver())) {
    await booted.cut();
    await booted.start();
  }
  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'run-finished');
  await booted.waitForSsh();
  await expect.poll(() => leftUndone(booted), { timeout: 60_000, interval: 2000 }).toEqual([]);
  expect(await booted.failedUnits()).toEqual([]);
});
