import { expect, test } from 'vitest';
import { readRelease } from '../../../src/debian/release.ts';
import { readHost } from '../../support/recorded/hosts.ts';

test.each([
  ['bullseye-minimal', '11', 'bullseye'],
  ['bookworm-minimal', '12', 'bookworm'],
  ['trixie-minimal', '13', 'trixie'],
] as const)('%s is Debian %s', (host, version, codename) => {
  expect(readRelease(readHost(host).texts['os-release'] ?? '')).toEqual({ id: 'debian', version, codename });
});

test('a release without a version is read, too, however its values are quoted', () => {
  expect(readRelease("ID='debian'\n# a comment\nVERSION_CODENAME=forky\n")).toEqual({
    id: 'debian',
    version: '',
    codename: 'forky',
  });
});

test('a file that names no distribution is an error', () => {
  expect(() => readRelease('NAME=x\n')).toThrow(expect.objectContaining({ code: 'CG0130' }));
  expect(() => readRelease('')).toThrow(expect.objectContaining({ code: 'CG0130' }));
});
