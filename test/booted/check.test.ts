import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckReport, reportSchema } from '../../src/check/check-report-schema.ts';
import { type Booted, boot, bootableServer } from '../support/booted/booted.ts';
import { putNode } from '../support/roots/own-lists.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { bundle } from '../support/runs/faults.ts';

/** The running system is looked at, and those who are at work on it: in a container, where systemd and sshd are real. */
let root: FreshRoot;
let booted: Booted;
let program: readonly string[] = [];

beforeAll(async () => {
  root = await freshRoot(bootableServer);
  program = [...putNode(root.directory), '/opt/crossgrade.mjs', 'check'];
  copyFileSync(bundle(), join(root.directory, 'opt/crossgrade.mjs'));
  booted = await boot(root);
  await booted.isSystemRunning();
  await booted.mustExec(['apt-get', '-qq', 'update']);
  await booted.mustExec(['apt-get', '-qq', '-y', '--no-install-recommends', 'install', 'tmux', 'unattended-upgrades'], {
    environment: { DEBIAN_FRONTEND: 'noninteractive' },
  });
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

const asJson = ['--json', '--scan', 'none'];

function found(json: string): Record<string, readonly string[]> {
  const { findings }: CheckReport = reportSchema.parse(JSON.parse(json));
  const ours = findings.filter(({ id }) => /^(machine|session)\//.test(id));
  return Object.fromEntries(ours.map(({ id, severity, affected }) => [`${id} ${severity}`, affected]));
}

test('a container that nobody is logged in to, and whose apt works by itself', async () => {
  const report = found(await booted.mustExec([...program, ...asJson]));
  expect(report).toEqual({
    'machine/container note': [],
    'session/apt-timers note': ['apt-daily-upgrade.timer', 'apt-daily.timer'],
  });
});

test('who is logged in over ssh without a multiplexer is told so, and of the others', async () => {
  const other = await booted.sshTerminal([]);
  await other.waitFor(/^root@.*#$/m);
  try {
    const report = found(await booted.newSshLogin([...program, ...asJson]));
    // The run would be a unit of its own.
    expect(Object.keys(report)).not.toContain('session/ssh-without-multiplexer warning');
    expect(report['session/logins note']).toEqual([expect.stringMatching(/^root \(\S+ from \S+\)$/)]);
  } finally {
    await other.close();
  }
});

test('in tmux the connection may break', async () => {
  const command = `${[...program, ...asJson].join(' ')} > /root/report.json; tmux wait-for -S done`;
  await booted.newSshLogin(['sh', '-c', `tmux new-session -d '${command}'; tmux wait-for done`], { limitMs: 120_000 });
  expect(Object.keys(found(await booted.readFile('/root/report.json')))).not.toContain(
    'session/ssh-without-multiplexer warning',
  );
});

test('apt and unattended-upgrades that are at work are seen, and the timers are not where they are stopped', async () => {
  await booted.mustExec(['systemctl', 'stop', 'apt-daily.timer', 'apt-daily-upgrade.timer']);
  // One byte a second: it is at work until it is ended.
  const slow = ['-o', 'Acquire::http::Dl-Limit=1', '-o', 'Acquire::Retries=0'];
  await booted.mustExec([
    'sh',
    '-c',
    `apt-get ${slow.join(' ')} -qq -y install mc > /dev/null 2>&1 & echo $! > /run/apt.pid`,
  ]);
  try {
    await expect.poll(() => booted.exec(['fuser', '/var/lib/dpkg/lock-frontend']), { timeout: 60_000 }).toBeDefined();
    const { stdout, exitCode } = await booted.exec([...program, ...asJson]);
    expect(exitCode).toBe(3);
    const report = found(stdout);
    const pid = (await booted.readFile('/run/apt.pid')).trim();
    expect(report['session/package-programs warning']).toEqual([`apt-get (process ${pid})`]);
    expect(Object.keys(report)).not.toContain('session/apt-timers note');
  } finally {
    await booted.exec(['sh', '-c', 'kill $(cat /run/apt.pid)']);
  }
});
