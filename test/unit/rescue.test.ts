import { expect, test } from 'vitest';
import { isVitalPath, vitalPackages, wantedInstances } from '../../src/core/rescue.ts';
import { readHost } from '../support/hosts.ts';
import { installed } from '../support/packages.ts';

test('vital packages are what dpkg and scripts need, down to the libraries, and little else', () => {
  const { inventory } = readHost('bookworm-server');
  const names = vitalPackages(inventory.packages);
  for (const name of ['bash', 'dash', 'dpkg', 'libc6', 'libselinux1', 'libtinfo6', 'perl-base', 'tar', 'zlib1g'])
    expect(names).toContain(name);
  for (const name of ['openssh-server', 'python3', 'systemd']) expect(names).not.toContain(name);
  expect(names.length).toBeLessThan(50);
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
