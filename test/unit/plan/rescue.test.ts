import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/base/machine.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { isVitalPath, rescuePackages, wantedInstances } from '../../../src/plan/rescue-set.ts';
import { assertNobodyAtWork, type Damage, stillDamaged } from '../../../src/run/system/rescue.ts';
import { readHost } from '../../support/recorded/hosts.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { installed } from '../../support/roots/packages.ts';

test('vital packages are what dpkg, scripts and a resume need, down to the libraries, and little else', () => {
  const { inventory } = readHost('bookworm-server');
  const names = rescuePackages(inventory.packages);
  for (const name of ['bash', 'dash', 'dpkg', 'libc6', 'libselinux1', 'libtinfo6', 'perl-base', 'tar', 'zlib1g'])
    expect(names).toContain(name);
  // flock, setpriv and systemctl: no resume begins without them.
  for (const name of ['util-linux', 'systemd', 'libsystemd-shared', 'libmount1']) expect(names).toContain(name);
  for (const name of ['apt', 'openssh-server', 'python3']) expect(names).not.toContain(name);
  expect(names.length).toBeLessThan(70);
});

test('what no program needs is not saved', () => {
  for (const path of ['/bin/bash', '/usr/share/dpkg/cputable', '/lib/i386-linux-gnu/libc.so.6', '/usr/share/perl/5.36'])
    expect(isVitalPath(path), path).toBe(true);
  for (const path of ['/usr/share/doc/bash/README', '/etc/bash.bashrc', '/usr/lib/i386-linux-gnu/gconv/IBM1.so'])
    expect(isVitalPath(path), path).toBe(false);
});

test('put back is the build that dpkg knows; of a package that it knows in none, the build of its own architecture', () => {
  const saved = ['bash:i386', 'bash:amd64', 'libc6:i386', 'libc6:amd64', 'dash:i386', 'dash:amd64'] as const;
  const packages = [
    installed('bash:amd64'),
    installed('libc6:i386'),
    installed('libc6:amd64'),
    installed('dash:i386', { Status: 'deinstall ok config-files' }),
  ];
  expect(wantedInstances(saved, packages, 'amd64')).toEqual(['bash:amd64', 'libc6:i386', 'libc6:amd64', 'dash:amd64']);
});

describe('a rescue', () => {
  const ignore = (): void => undefined;

  /** Programs of an earlier run, each at work for one look more. */
  class Busy extends MemoryMachine {
    looks = 3;

    override waitForEarlier: Machine['waitForEarlier'] = async (_everyMs, goOn) => {
      for (; this.looks > 0; this.looks -= 1) goOn([{ pid: 4711, words: ['dpkg', '--unpack'] }]);
      return true;
    };
  }

  test('is refused while the unit is active, and goes on where it is not, or systemd does not answer', async () => {
    const machine = new MemoryMachine(['live']);
    await expect(assertNobodyAtWork(machine, true, ignore)).rejects.toMatchObject({
      code: 'CG0274',
      exitCode: 5,
      details: ['the unit crossgrade.service is active'],
      hint: expect.stringContaining('crossgrade status'),
    });
    await assertNobodyAtWork(machine, false, ignore);
    await assertNobodyAtWork(machine, undefined, ignore);
    expect(machine.commands).toEqual([]);
  });

  test('waits for what a killed run has left, and says so once', async () => {
    const machine = new Busy(['live']);
    const told: string[] = [];
    await assertNobodyAtWork(machine, false, (programs) => told.push(programs));
    expect([told, machine.looks]).toEqual([['process 4711 (dpkg --unpack)'], 0]);
  });

  test('is refused while somebody holds dpkg’s lock, but not where the kernel does not tell', async () => {
    const holding = (holder: (path: RootPath) => string) =>
      Object.assign(new MemoryMachine(['live']), { lockHolder: async (path: RootPath) => holder(path) });
    const held = holding((path) => `${path.endsWith('lock') ? 'dpkg' : 'apt-get'} (process 4711)`);
    await expect(assertNobodyAtWork(held, false, ignore)).rejects.toMatchObject({
      code: 'CG0274',
      details: [
        '/var/lib/dpkg/lock-frontend is held by apt-get (process 4711)',
        '/var/lib/dpkg/lock is held by dpkg (process 4711)',
      ],
    });
    const silent = holding(() => {
      throw new Error('not told');
    });
    await assertNobodyAtWork(silent, false, ignore);
  });

  test('puts back only what was damaged before the question and is still, by the same build', () => {
    const damage = (path: RootPath, build: string, how: Damage['how'] = 'missing'): Damage => ({
      path,
      copy: `/saved/${build}${path}`,
      how,
    });
    const before = [damage('/usr/bin/tar', 'i386'), damage('/usr/bin/dpkg', 'i386'), damage('/usr/bin/bash', 'i386')];
    const now = [
      damage('/usr/bin/tar', 'amd64'),
      damage('/usr/bin/dpkg', 'i386', 'changed'),
      damage('/usr/bin/sed', 'i386'),
    ];
    expect(stillDamaged(before, now)).toEqual([damage('/usr/bin/dpkg', 'i386', 'changed')]);
  });
});
