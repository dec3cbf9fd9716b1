import { describe, expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import {
  dockerNames,
  imageArchitecture,
  libvirtMachine,
  lxcArchitecture,
  podmanNames,
} from '../../../src/software/guests.ts';
import { findGuests } from '../../../src/software/system/find-guests.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const pair = findPair('i386', 'amd64');
if (!pair) throw new Error('no pair');
const digest = 'ab'.repeat(32);
const other = 'cd'.repeat(32);

function machineWith(files: Readonly<Record<RootPath, string>>): MemoryMachine {
  const machine = new MemoryMachine();
  for (const [path, text] of Object.entries(files)) machine.files.set(path as RootPath, text);
  return machine;
}

const docker = '/var/lib/docker/image/overlay2';

test('images, containers and machines of 32 bit are found by what their managers have written', async () => {
  const machine = machineWith({
    [`${docker}/repositories.json`]: JSON.stringify({
      Repositories: { debian: { 'debian:12': `sha256:${digest}`, 'debian@sha256:1': `sha256:${digest}` } },
    }),
    [`${docker}/imagedb/content/sha256/${digest}`]: '{"architecture":"386","os":"linux"}',
    [`${docker}/imagedb/content/sha256/${other}`]: '{"architecture":"amd64","os":"linux"}',
    '/var/lib/containers/storage/overlay-images/images.json': JSON.stringify([{ id: other, names: null }]),
    [`/var/lib/containers/storage/overlay-images/${other}/=c2hh`]: '{"architecture":"386"}',
    '/var/lib/lxc/old/config': 'lxc.uts.name = old\nlxc.arch = i686\n',
    '/var/lib/lxc/new/config': 'lxc.arch = amd64\n',
    '/etc/libvirt/qemu/a.xml':
      "<domain><os><type arch='i686' machine='pc'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-i386</emulator>",
    '/etc/libvirt/qemu/b.xml': "<domain><os><type arch='x86_64'>hvm</type></os></domain>",
  });
  expect(await findGuests(machine, pair)).toEqual([
    { kind: 'Docker image', name: 'debian:12' },
    { kind: 'podman image', name: 'cdcdcdcdcdcd' },
    { kind: 'LXC container', name: 'old' },
    { kind: 'libvirt machine', name: 'a', emulator: '/usr/bin/qemu-system-i386' },
  ]);
});

describe('what somebody has made to do harm', () => {
  const wicked = [
    '',
    'null',
    '[]',
    '[null, 1, "x", {"id": 7}, {"id": "../../etc", "names": ["a"]}]',
    '{"architecture": {"__proto__": null}}',
    '{"Repositories": {"a": 3, "b": null, "c": {"d": [1]}}}',
    '{"Repositories": [["a"]]}',
    '['.repeat(200_000),
    `{"architecture":"${'3'.repeat(100)}`,
    '\u0000\u0001',
  ];

  test.each(wicked)('%.40j is no guest, and no error', (text) => {
    expect(imageArchitecture(text)).toBeUndefined();
    expect(dockerNames(text).size).toBe(0);
    expect(podmanNames(text).size).toBe(0);
    expect(lxcArchitecture(text)).toBeUndefined();
    expect(libvirtMachine(text)).toEqual({});
  });

  test('costs no time', () => {
    const begun = Date.now();
    libvirtMachine('<type '.repeat(170_000));
    libvirtMachine('<emulator>'.repeat(100_000));
    libvirtMachine(`<type ${'arch='.repeat(200_000)}`);
    lxcArchitecture(' \t'.repeat(500_000));
    lxcArchitecture('lxc.arch\t'.repeat(100_000));
    expect(Date.now() - begun).toBeLessThan(5000);
  });

  test('is not read to its end where it is large, and no link is followed', async () => {
    const machine = machineWith({
      [`${docker}/imagedb/content/sha256/${digest}`]: `{"architecture":"386"}${' '.repeat(2 ** 20)}`,
    });
    expect(await findGuests(machine, pair)).toEqual([]);
  });
});
