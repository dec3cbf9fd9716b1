import { describe, expect, test } from 'vitest';
import { readSources } from '../../../src/apt/sources.ts';
import { indexPlaces, proxyIn, standInArchives, stanzasOf } from '../../../src/apt/stand-in.ts';
import { lendPrograms } from '../../../src/apt/system/stand-in.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { available, installed } from '../../support/roots/packages.ts';

test('package lists are found by the names that apt gives them', () => {
  const text = [
    'deb http://user:secret@mirror.example/debian bookworm main contrib',
    'deb [arch=amd64] https://mirror.example:8080/a_b/ stable/updates main',
    'deb-src http://mirror.example/debian bookworm main',
  ].join('\n');
  const places = indexPlaces(readSources(text, '/etc/apt/sources.list'), 'i386');
  expect(places).toEqual([
    {
      fileName: 'mirror.example_debian_dists_bookworm_main_binary-i386_Packages',
      repository: 'http://user:secret@mirror.example/debian/',
    },
    {
      fileName: 'mirror.example_debian_dists_bookworm_contrib_binary-i386_Packages',
      repository: 'http://user:secret@mirror.example/debian/',
    },
  ]);
  const other = indexPlaces(readSources(text, '/etc/apt/sources.list'), 'amd64').map(({ fileName }) => fileName);
  expect(other).toContain('mirror.example:8080_a%5fb_dists_stable_updates_main_binary-amd64_Packages');
});

test('stanzas of one name are cut out of a list', () => {
  const text =
    'Package: apt\nVersion: 1\n\nPackage: apt-utils\nVersion: 1\n\nPackage: x\nReal-Package: apt\n\nPackage: apt\nVersion: 2\n';
  expect(stanzasOf(text, 'apt')).toEqual(['Package: apt\nVersion: 1\n', 'Package: apt\nVersion: 2\n']);
  expect(stanzasOf(text, 'ap')).toEqual([]);
});

describe('what has to be fetched', () => {
  const apt = (key: string) => available(key, { Depends: 'libapt (>= 2), adduser, gpgv | gpgv2' });
  const lists = [apt('apt:i386=2'), apt('apt:i386=3'), available('libapt:i386=3', { Depends: 'libc6' })];
  const lookUp = (name: string) => lists.filter((one) => one.name === name);
  const sound = [
    installed('adduser:all'),
    installed('gpgv:amd64', { 'Multi-Arch': 'foreign' }),
    installed('libc6:i386', { 'Multi-Arch': 'same' }),
  ];
  const library = installed('libapt:i386=2', { 'Multi-Arch': 'same' });
  const torn = installed('apt:amd64=2', { Status: 'install ok unpacked' });
  const names = (packages: Parameters<typeof standInArchives>[2]) =>
    standInArchives('apt', 'i386', packages, lookUp)?.map(({ name, version }) => `${name} ${version}`);

  test('is the build of the same version, where its libraries are there', () => {
    expect(names([...sound, library, torn])).toEqual(['apt 2']);
  });

  test('is what it needs as well, where that is not there or only half', () => {
    expect(names([...sound, torn])).toEqual(['apt 2', 'libapt 3']);
    const half = installed('libapt:i386=2', { Status: 'install reinstreq half-installed' });
    expect(names([...sound, half, torn])).toEqual(['apt 2', 'libapt 3']);
  });

  test('is only what it needs, where it is there itself', () => {
    expect(names([...sound, installed('apt:i386=2', { Depends: 'libapt (>= 2), adduser' })])).toEqual(['libapt 3']);
  });

  test('cannot be told where the lists lack something', () => {
    expect(names([torn, library])).toBeUndefined();
    expect(standInArchives('apt', 'amd64', [...sound], () => [])).toBeUndefined();
  });
});

test('the proxy is the one of apt’s settings', () => {
  const settings = [
    '// Acquire::http::Proxy "http://old.example:1";\nAcquire::http::Proxy "http://proxy.example:3128";',
  ];
  expect(proxyIn(settings, 'http://mirror.example/x')).toBe('http://proxy.example:3128');
  expect(proxyIn(settings, 'https://mirror.example/x')).toBeUndefined();
  expect(proxyIn(['Acquire::http::Proxy "DIRECT";'], 'http://mirror.example/x')).toBe('');
});

describe('of a root', () => {
  const stanza = (name: string) =>
    `Package: ${name}\nStatus: install ok installed\nMaintainer: m\nArchitecture: i386\nVersion: 1\nDescription: d\n\n`;
  const machineWith = (...names: readonly string[]) => {
    const machine = new MemoryMachine();
    machine.files.set('/var/lib/dpkg/status', names.map(stanza).join(''));
    machine.files.set('/usr/bin/dpkg', '');
    return machine;
  };

  test('nothing is lent where all start', async () => {
    expect(await lendPrograms(machineWith('dpkg', 'apt'), i386ToAmd64, true)).toEqual({ kind: 'unneeded' });
  });

  test('nothing stands in for an apt that no plan would bring', async () => {
    const machine = machineWith('dpkg');
    machine.failing.set('apt-get', 127);
    expect(await lendPrograms(machine, i386ToAmd64, true)).toEqual({
      kind: 'missing',
      programs: ['apt-get'],
      why: ['apt is not installed'],
    });
  });

  test('without package lists it is said of which architecture they are missing', async () => {
    const machine = machineWith('dpkg', 'apt');
    machine.failing.set('apt-get', 127);
    expect(await lendPrograms(machine, i386ToAmd64, true)).toMatchObject({
      kind: 'missing',
      why: [expect.stringContaining('lists for i386'), expect.stringContaining('lists for amd64')],
    });
  });

  test('nothing stands in for dpkg', async () => {
    const machine = machineWith('dpkg', 'apt');
    machine.failing.set('dpkg', 127);
    expect(await lendPrograms(machine, i386ToAmd64, true)).toMatchObject({
      kind: 'missing',
      programs: ['dpkg'],
      archives: [],
    });
  });
});
