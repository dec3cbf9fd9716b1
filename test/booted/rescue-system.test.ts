import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import {
  buildDeb,
  eventsIn,
  journalOf,
  type LiveHost,
  leftUndone,
  liveHost,
  smallHost,
  waitForLiveEvent,
} from '../support/booted/live-host.ts';
import { crossgradeAsText, kill, startCrossgrade } from '../support/runs/faults.ts';

/** The disk of a host that was cut off, seen from a rescue system: `--root /mnt`. */
let deb: Awaited<ReturnType<typeof buildDeb>>;
let host: LiveHost | undefined;

beforeAll(async () => {
  deb = await buildDeb();
  return () => deb.dispose();
});

afterEach(async () => {
  await host?.dispose();
  host = undefined;
});

async function cutIn(step: string): Promise<LiveHost> {
  host = await liveHost(smallHost, deb.deb);
  const { booted } = host;
  await booted.mustExec(['systemd-run', '--quiet', 'crossgrade', 'run', '--yes']);
  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'step-started' && event.step === step);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await booted.cut();
  return host;
}

test.each(['switch/replace-core', 'switch/replace-rest', 'finish/purge-old-instances'])(
  'cut in %s, it is gone on with from outside, and boots as a whole system',
  async (step) => {
    const { booted, root } = await cutIn(step);
    const status = await crossgradeAsText(root.directory, 'status');
    console.info(status.text);
    expect(status.code).toBe(0);
    const end = await crossgradeAsText(root.directory, 'resume', '--yes');
    console.info(end.text.split('\n').slice(-40).join('\n'));
    expect(end.code).toBe(0);
    await booted.start();
    expect(await booted.isSystemRunning()).toBe('running');
    await booted.waitForSsh();
    expect(await leftUndone(booted)).toEqual([]);
    expect(await booted.failedUnits()).toEqual([]);
  },
);

test('killed half-way from outside as well, it goes on by itself at the next boot', async () => {
  const { booted, root } = await cutIn('switch/replace-core');
  const working = startCrossgrade(root.directory, ['resume', '--yes']);
  await working.until((event) => event.type === 'step-started' && event.step === 'switch/replace-rest');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await kill(working, root.directory, 'everything');
  await booted.start();
  const journal = journalOf(booted);
  await waitForLiveEvent(journal, (event) => event.type === 'run-finished');
  expect((await eventsIn(journal)).filter((event) => event.type === 'error')).toEqual([]);
  await expect.poll(() => leftUndone(booted), { timeout: 60_000, interval: 2000 }).toEqual([]);
});

test('cut before anything was replaced, it is taken back from outside', async () => {
  const { booted, root } = await cutIn('switch/install-libraries');
  const back = await crossgradeAsText(root.directory, 'rollback', '--yes');
  console.info(back.text.split('\n').slice(-20).join('\n'));
  expect(back.code).toBe(0);
  await booted.start();
  expect(await booted.isSystemRunning()).toBe('running');
  expect(await booted.mustExec(['dpkg', '--print-foreign-architectures'])).toBe('');
  expect((await booted.exec(['test', '-e', '/var/lib/crossgrade'])).exitCode).toBe(1);
  expect(
    await booted.mustExec(['sh', '-c', 'ls /etc/motd.d 2>/dev/null; systemctl is-enabled crossgrade; true']),
  ).not.toContain('enabled');
});

test('in single-user mode it is gone on with by hand, from the console', async () => {
  const { booted, root } = await cutIn('switch/replace-rest');
  const start = join(root.directory, 'etc/systemd/system/default.target');
  symlinkSync('/lib/systemd/system/rescue.target', start);
  await booted.start();
  expect(await booted.isSystemRunning()).toBe('maintenance');
  rmSync(start);
  const end = await booted.exec(['crossgrade', 'resume', '--yes'], { limitMs: 600_000 });
  console.info(end.stdout.split('\n').slice(-30).join('\n'), end.stderr);
  expect(end.exitCode).toBe(0);
  expect(await leftUndone(booted)).toEqual([]);
});
