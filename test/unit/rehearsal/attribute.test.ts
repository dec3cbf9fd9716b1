import { expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { attribute, changerOf } from '../../../src/rehearsal/attribute.ts';

const shipped = new Set(['/usr/bin/tar', '/etc/bash.bashrc', '/var/log/apt', '/usr/lib/python3/__pycache__/x.pyc']);

test.each<[RootPath, string]>([
  ['/usr/bin/tar', 'package'],
  ['/etc/bash.bashrc', 'package'],
  ['/etc/ld.so.cache', 'configuration'],
  ['/var/lib/dpkg/status', 'dpkg'],
  ['/var/lib/apt/lists/x', 'apt'],
  ['/var/lib/crossgrade/state.json', 'crossgrade'],
  ['/var/lib/crossgrade-other/x', 'unexplained'],
  ['/var/cache/debconf/config.dat', 'debconf'],
  ['/var/cache/ldconfig/aux-cache', 'cache'],
  ['/var/log/alternatives.log', 'log'],
  ['/usr/lib/python3/dist-packages/__pycache__/a.cpython-311.pyc', 'generated'],
  ['/usr/lib/modules/6.1.0-40-amd64/modules.dep', 'generated'],
  ['/boot/initrd.img-6.1.0-40-amd64', 'generated'],
  ['/vmlinuz.old', 'generated'],
  ['/initrd.img', 'generated'],
  ['/usr/bin/somebody', 'unexplained'],
  ['/home/x', 'unexplained'],
  ['/srv', 'unexplained'],
])('%s is changed by: %s', (path, changer) => {
  expect(changerOf(path, shipped)).toBe(changer);
});

test('of a folder that nobody explains it alone is named, and of what is as it was nothing', () => {
  const { groups, unexplained } = attribute(
    [
      { path: '/srv/new', kind: 'created' },
      { path: '/srv/new/a', kind: 'created' },
      { path: '/srv/newer', kind: 'deleted' },
      { path: '/srv/same', kind: 'written-anew' },
      { path: '/usr/bin/tar', kind: 'changed' },
    ],
    shipped,
  );
  expect(unexplained).toEqual([
    { path: '/srv/new', kind: 'created' },
    { path: '/srv/newer', kind: 'deleted' },
  ]);
  expect(groups).toEqual([
    { by: 'package', created: 0, changed: 1, deleted: 0, writtenAnew: 0 },
    { by: 'unexplained', created: 2, changed: 0, deleted: 1, writtenAnew: 1 },
  ]);
});
