import { expect, test } from 'vitest';
import type { Machine } from '../../../src/base/machine.ts';
import { comingBack, compareOldProcesses, findOldProcesses, restartable } from '../../../src/session/old-processes.ts';
import { readOldProcesses } from '../../../src/session/system/find-old-processes.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const old = `56555000-56560000 r-xp 00000000 fe:00 123    /usr/sbin/cron
f7d3e000-f7f60000 r-xp 00000000 fe:00 124    /usr/lib/i386-linux-gnu/libc.so.6
ffa3c000-ffa5d000 rw-p 00000000 00:00 0      [stack]
`;
const now = `00400000-00410000 r-xp 00000000 fe:00 123    /usr/sbin/static
7ffd1000a000-7ffd1002b000 rw-p 00000000 00:00 0  [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]
`;
const own = old.replace('/usr/sbin/cron', '/usr/lib/crossgrade/runtime/node');
const inUnit = (name: string) => `0::/system.slice/${name}\n`;

test('programs of the old class are found by where their memory lies, with the unit that has to be restarted', () => {
  const found = findOldProcesses(
    [
      { pid: 1, name: 'systemd', maps: now, cgroup: '0::/init.scope\n' },
      { pid: 2, name: 'kthreadd', maps: '', cgroup: '0::/\n' },
      { pid: 30, name: 'cron', maps: old, cgroup: inUnit('cron.service') },
      { pid: 31, name: 'cron', maps: old, cgroup: '1:name=systemd:/system.slice/cron.service\n' },
      { pid: 32, name: 'dbus-daemon', maps: old, cgroup: inUnit('dbus.service') },
      { pid: 40, name: 'bash', maps: old, cgroup: '0::/user.slice/user-0.slice/session-3.scope\n' },
      { pid: 42, name: 'systemd', maps: old, cgroup: '0::/user.slice/user-0.slice/user@0.service/init.scope\n' },
      { pid: 41, name: 'by-hand', maps: old, cgroup: '0::/\n' },
      { pid: 50, name: 'node', maps: own, cgroup: inUnit('crossgrade.service') },
      { pid: 51, name: 'journalctl', maps: old, cgroup: inUnit('crossgrade-guard.service') },
    ],
    32,
    '/usr/lib/crossgrade',
  );
  expect(found).toEqual([
    { unit: null, programs: ['by-hand (41)'] },
    { unit: 'cron.service', programs: ['cron (30)', 'cron (31)'] },
    { unit: 'dbus.service', programs: ['dbus-daemon (32)'] },
    { unit: 'session-3.scope', programs: ['bash (40)'] },
    { unit: 'user@0.service', programs: ['systemd (42)'] },
  ]);
  expect(restartable(found)).toEqual(['cron.service']);
});

test('what would not start again is a difference of its own, and never advised to be restarted', () => {
  const found = findOldProcesses(
    [
      { pid: 1, name: 'cron', maps: old, cgroup: inUnit('cron.service') },
      { pid: 2, name: 'tool', maps: old, cgroup: inUnit('tool.service'), fate: 'dead' },
      { pid: 3, name: 'kept', maps: old, cgroup: inUnit('kept.service'), fate: 'stays' },
      { pid: 4, name: 'cat', maps: old, cgroup: inUnit('tool.service') },
    ],
    32,
    '/usr/lib/crossgrade',
  );
  expect(comingBack(found)).toEqual([{ unit: 'cron.service', programs: ['cron (1)'] }]);
  expect(compareOldProcesses(found)).toMatchObject([
    {
      what: expect.stringMatching(/^tool\.service: tool \(2\) still runs, and will not start again/),
      explanation: null,
    },
  ]);
});

test('a program whose place somebody has led in a circle keeps no run from its end', async () => {
  const machine = new MemoryMachine();
  for (const [name, text] of Object.entries({
    comm: 'game\n',
    maps: 'fff00000-fff21000 rw-p 0 0:0 0 [stack]\n',
    cgroup: '',
    cmdline: 'game',
  })) {
    machine.files.set(`/proc/812/${name}`, text);
  }
  const host = Object.assign(machine, {
    root: { kind: 'host', can: new Set() },
    readLink: async () => '/home/ann/loop/game',
  });
  const found = await readOldProcesses(host as unknown as Machine, i386ToAmd64, async () => {
    throw new Error('/home/ann/loop/game cannot be read: its symbolic links lead in a circle');
  });
  expect(found).toEqual([{ unit: null, programs: ['game (812)'] }]);
});
