import { describe, expect, test } from 'vitest';
import {
  ancestors,
  parseActiveUnits,
  parsePeriodicSettings,
  parseProcess,
  parseSessions,
  parseWho,
  programOf,
  readConnection,
  readDesktop,
  readPackagePrograms,
} from '../../../src/session/session-survey.ts';
import { process } from '../../support/troubles/machine-troubles.ts';

const status = `Name:\ttmux: server
Umask:\t0022
State:\tS (sleeping)
Tgid:\t4711
Pid:\t4711
PPid:\t1
TracerPid:\t0
Uid:\t1000\t1000\t1000\t1000
NSpid:\t4711
`;

describe('a process', () => {
  test('is read from its two files', () => {
    expect(parseProcess(status, 'tmux\0new\0-s\0work\0')).toEqual({
      pid: 4711,
      parent: 1,
      name: 'tmux: server',
      words: ['tmux', 'new', '-s', 'work'],
      nested: false,
    });
  });

  test('in a container on this host is known by its second number', () => {
    expect(parseProcess(status.replace('NSpid:\t4711', 'NSpid:\t4711\t12'), '')?.nested).toBe(true);
    expect(parseProcess(status.replace('NSpid:\t4711', 'NSpid:\t4711\t12'), '', 2)?.nested).toBe(false);
  });

  test('that ended is none', () => {
    expect(parseProcess('', '')).toBeUndefined();
  });

  test('has ancestors, and a loop of them ends', () => {
    const all = [process(1, 0, 'init'), process(10, 1, 'sshd'), process(11, 10, 'bash'), process(12, 11, 'node')];
    expect(ancestors(all, 12).map(({ pid }) => pid)).toEqual([11, 10, 1]);
    expect(ancestors([process(5, 6, 'a'), process(6, 5, 'b')], 5).map(({ pid }) => pid)).toEqual([6, 5]);
    expect(ancestors(all, 99)).toEqual([]);
  });
});

describe('the connection', () => {
  const environment = 'HOME=/root\0SSH_CONNECTION=192.0.2.7 50000 192.0.2.1 22\0';
  const programs = (...names: string[]) => names.map((name, index) => process(50 - index, 49 - index, name));

  test.each([
    ['on the console', programs('bash', 'login', 'systemd'), 'HOME=/root\0', { overSsh: false, survives: false }],
    ['over ssh', programs('bash', 'sshd', 'sshd', 'systemd'), environment, { overSsh: true, survives: false }],
    [
      'over ssh, and sudo took the variable away',
      programs('sudo', 'bash', 'sshd-session', 'sshd', 'systemd'),
      'HOME=/root\0',
      { overSsh: true, survives: false },
    ],
    ['over ssh in tmux', programs('bash', 'tmux: server', 'systemd'), environment, { overSsh: true, survives: true }],
    ['in screen', programs('bash', 'screen', 'systemd'), 'STY=1.pts\0', { overSsh: false, survives: true }],
    [
      'over ssh, to where sshd was started in tmux',
      programs('bash', 'sshd', 'bash', 'tmux: server'),
      environment,
      { overSsh: true, survives: false },
    ],
    ['over mosh', programs('bash', 'mosh-server', 'systemd'), environment, { overSsh: true, survives: true }],
    ['over ssh, and programs of others are hidden', [], environment, { overSsh: true, survives: false }],
    ['over ssh in tmux, hidden', [], `${environment}TMUX=/tmp/tmux-0/default,1,0\0`, { overSsh: true, survives: true }],
  ])('%s', (_, lineage, variables, expected) => {
    expect(readConnection(lineage, variables)).toEqual(expected);
  });
});

describe('a desktop', () => {
  const server = process(700, 1, '/usr/lib/xorg/Xorg', ':0');
  const nested = { ...server, pid: 900, nested: true };

  test('is a graphical server on this host', () => {
    const manager = process(600, 1, '/usr/sbin/lightdm');
    const found = readDesktop([process(1, 0, 'init'), server, manager], [], '');
    expect(found).toEqual({ programs: ['Xorg', 'lightdm'], inside: false });
    expect(readDesktop([nested, process(3, 1, 'bash')], [], '').programs).toEqual([]);
  });

  test('is ours when our terminal is in it', () => {
    expect(readDesktop([server], [], 'DISPLAY=:0\0').inside).toBe(true);
    expect(readDesktop([server], [process(700, 1, '/usr/bin/gnome-shell')], '').inside).toBe(true);
  });

  test('is not ours when DISPLAY came over ssh', () => {
    expect(readDesktop([server], [process(5, 1, 'sshd')], 'DISPLAY=localhost:10.0\0').inside).toBe(false);
  });
});

describe('programs that work on packages', () => {
  const own = process(100, 99, 'node', 'crossgrade.mjs');

  test('are found by what they run, not by who runs it', () => {
    const all = [
      own,
      process(201, 1, '/usr/bin/python3', '/usr/bin/unattended-upgrade'),
      process(202, 1, '/bin/sh', '/usr/lib/apt/apt.systemd.daily', 'install'),
      process(203, 1, 'apt-get', 'upgrade'),
      process(204, 1, '/usr/libexec/packagekitd'),
      process(205, 1, 'vim', '/etc/apt/sources.list'),
    ];
    expect(readPackagePrograms(all, 100).map(programOf)).toEqual([
      'unattended-upgrade',
      'apt.systemd.daily',
      'apt-get',
      'packagekitd',
    ]);
  });

  test('are not the daemon that only waits for a shutdown, nor our own, nor those in containers', () => {
    const all = [
      own,
      process(
        300,
        1,
        '/usr/bin/python3',
        '/usr/share/unattended-upgrades/unattended-upgrade-shutdown',
        '--wait-for-signal',
      ),
      process(301, 100, 'apt-get', 'check'),
      process(302, 301, 'dpkg', '--print-foreign-architectures'),
      { ...process(303, 1, 'dpkg', '--configure'), nested: true },
    ];
    expect(readPackagePrograms(all, 100)).toEqual([]);
  });
});

describe('logins', () => {
  const sessions = `Id=2
Name=anna
RemoteHost=192.0.2.7
Service=sshd
Class=user
TTY=pts/0
State=active

Id=c1
Name=lightdm
Service=lightdm-greeter
Class=greeter
Display=:0
State=online

Id=5
Name=berta
RemoteHost=
Service=login
Class=user
TTY=tty2
State=active

Id=7
Name=root
Service=systemd-user
Class=manager
State=active
`;

  test('are sessions of people but our own', () => {
    expect(parseSessions(sessions, '')).toEqual([
      { user: 'anna', where: 'pts/0 from 192.0.2.7' },
      { user: 'berta', where: 'tty2' },
    ]);
    expect(parseSessions(sessions, '2').map(({ user }) => user)).toEqual(['berta']);
    expect(parseSessions('', '')).toEqual([]);
  });

  test('without logind are what who(1) says', () => {
    const text = 'root     tty1         2026-11-23 00:00\nanna     pts/0        2026-11-23 00:01 (192.0.2.7)\n';
    expect(parseWho(text, 'tty1')).toEqual([{ user: 'anna', where: 'pts/0 from 192.0.2.7' }]);
    expect(parseWho('', '')).toEqual([]);
  });
});

describe('apt’s daily job', () => {
  test('has timers', () => {
    const text = 'Id=apt-daily.timer\nActiveState=active\n\nId=apt-daily-upgrade.timer\nActiveState=inactive\n';
    expect(parseActiveUnits(text)).toEqual(['apt-daily.timer']);
  });

  test('does what is not 0', () => {
    const text = 'APT::Periodic=\nAPT::Periodic::Update-Package-Lists=1\nAPT::Periodic::Unattended-Upgrade=0\n';
    expect(parsePeriodicSettings(text)).toEqual(['Update-Package-Lists']);
    expect(parsePeriodicSettings('')).toEqual([]);
    expect(parsePeriodicSettings(`${text}APT::Periodic::Enable=0\n`)).toEqual([]);
  });
});
