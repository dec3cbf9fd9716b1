import { expect, test } from 'vitest';
import {
  isDebians,
  type Offered,
  provenanceOf,
  readOffered,
  readOrigin,
  releaseFileOf,
} from '../../../src/apt/provenance.ts';
import { installed } from '../../support/roots/packages.ts';

const madison = [
  'bash |   5.2-2 | http://mirror.example/debian bookworm/main amd64 Packages',
  'base-files | 12.4 | http://mirror.example/debian bookworm/main amd64 Packages',
  'base-files | 12.4+acme1 | file:/srv/repository ./ Packages',
  'acme-tool |    1.0 | file:/srv/repository ./ Packages',
  'bash |   5.2-2 | http://mirror.example/debian bookworm/main Sources',
].join('\n');

test('each index that has a package is known by its place', () => {
  expect(readOffered(madison).get('base-files')).toEqual([
    { version: '12.4', uri: 'http://mirror.example/debian', place: 'bookworm/main' },
    { version: '12.4+acme1', uri: 'file:/srv/repository', place: './' },
  ]);
  expect(readOffered(madison).get('bash')).toHaveLength(1);
});

test.each([
  ['https://user:pw@mirror.example:8080/a_b/', 'bookworm/main', 'mirror.example:8080_a%5fb_dists_bookworm_InRelease'],
  ['http://mirror.example/security', 'bookworm/updates/main', 'mirror.example_security_dists_bookworm_updates_Release'],
  ['http://mirror.example/x', 'stable/non-free/debug', 'mirror.example_x_dists_stable_InRelease'],
  ['file:/srv/repository', './', '_srv_repository_._Release'],
  ['file:///srv/flat', '/', '_srv_flat_InRelease'],
  ['mirror+file:/etc/apt/mirrors/debian.list', 'trixie/main', '_etc_apt_mirrors_debian.list_dists_trixie_InRelease'],
])('%s %s is described in %s', (uri, place, file) => {
  expect(releaseFileOf({ version: '1', uri, place }, new Set(['other_Release', file]))).toBe(file);
});

test.each([
  ['-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nOrigin: Debian\nLabel: Debian\n', 'Debian'],
  ['Label: x\nOrigin:  Acme Linux \nSHA256:\n', 'Acme Linux'],
  ['Origin: . bookworm\n', undefined],
  ['Suite: test\n', undefined],
])('a Release file says whose it is: %j', (text, origin) => {
  expect(readOrigin(text)).toBe(origin);
});

test('backports are Debian’s, and a name that only begins so is not', () => {
  expect(
    ['Debian', 'Debian Backports', 'debian', 'Devuan', 'Raspbian', 'DebianX', 'Debian-X'].filter(isDebians),
  ).toEqual(['Debian', 'Debian Backports', 'debian']);
});

test('a package is that of who has its version, and Debian’s where several have it', () => {
  const originOf = ({ uri }: Offered) => (uri.startsWith('file') ? 'Acme' : 'Debian');
  const packages = [
    installed('bash:i386=5.2-2+b1'),
    installed('base-files:i386=12.4+acme1'),
    installed('acme-tool:all=1.0'),
    installed('from-nowhere:i386=1'),
    installed('gone:i386=1', { Status: 'deinstall ok config-files' }),
  ];
  expect(provenanceOf(packages, readOffered(madison), originOf)).toEqual({
    byOrigin: { Debian: ['bash'], Acme: ['acme-tool', 'base-files'] },
    unknown: 1,
  });
});
