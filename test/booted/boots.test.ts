import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Booted, boot, bootableServices } from '../support/booted/booted.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';

let root: FreshRoot;
let booted: Booted;

beforeAll(async () => {
  root = await freshRoot(bootableServices);
  booted = await boot(root);
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

const services = [
  'ssh',
  'apache2',
  'mariadb',
  'postgresql@15-main',
  'redis-server',
  'slapd',
  'postfix@-',
  'named',
  'smbd',
];

test('a root boots with all of its services', async () => {
  const state = await booted.isSystemRunning();
  console.info(`systemd is ${state}; failed: ${(await booted.failedUnits()).join(' ') || 'none'}`);
  expect(await booted.failedUnits()).toEqual([]);
  expect(state).toBe('running');
  for (const unit of services) await booted.waitForUnit(unit, 10_000);
});

test('a new ssh login is a session of its own', async () => {
  expect(await booted.newSshLogin(['cat', '/proc/self/cgroup'])).toContain('/user.slice/user-0.slice/session-');
});

test('apt reaches the mirror', async () => {
  const lists = await booted.exec(['apt-get', 'update', '-o', 'APT::Update::Error-Mode=any']);
  expect(lists, lists.stderr).toMatchObject({ exitCode: 0 });
});

test('what a terminal shows and what is typed in it', async () => {
  const terminal = await booted.sshTerminal([], { columns: 100, rows: 30 });
  await terminal.waitFor(/^root@.*#$/m);
  await terminal.type('stty size; printf "\\033[5;10Hhere"; sleep 0.2; exit 7\r');
  expect(await terminal.waitForEnd()).toBe(7);
  const screen = await terminal.screen();
  expect(screen.split('\n')[4]).toMatch(/^.{9}here/);
  expect(terminal.written()).toContain('30 100\r\n');
  await terminal.close();
});

test('a window that closes takes its program with it', async () => {
  const terminal = await booted.sshTerminal(['sh', '-c', 'echo $$ > /run/in-window; exec sleep 1000']);
  await expect.poll(() => booted.exec(['cat', '/run/in-window'])).toMatchObject({ exitCode: 0 });
  const pid = (await booted.readFile('/run/in-window')).trim();
  await terminal.close();
  await expect
    .poll(() => booted.exec(['test', '-e', `/proc/${pid}`]), { timeout: 10_000 })
    .toMatchObject({ exitCode: 1 });
});

test('powered off, and cut, it starts again with what was written', async () => {
  const boots = [await booted.bootId()];
  await booted.mustExec(['sh', '-c', 'echo first > /etc/written']);
  await booted.powerOff();
  expect(booted.ended()).toBe('off');
  await booted.start();
  expect(await booted.isSystemRunning()).toBe('running');
  boots.push(await booted.bootId());
  await booted.mustExec(['sh', '-c', 'echo second >> /etc/written']);
  await booted.cut();
  expect(booted.ended()).toBe('cut');
  expect(await booted.readFile('/etc/written')).toBe('first\nsecond\n');
  await booted.start();
  expect(await booted.isSystemRunning()).toBe('running');
  boots.push(await booted.bootId());
  await booted.exec(['systemctl', 'reboot']);
  expect(await booted.waitForEnd()).toBe('reboot');
  await booted.start();
  await booted.waitForSsh();
  expect(await booted.newSshLogin(['cat', '/etc/written'])).toBe('first\nsecond\n');
  boots.push(await booted.bootId());
  expect(new Set(boots).size).toBe(4);
});
