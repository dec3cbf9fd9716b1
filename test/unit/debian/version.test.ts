import { describe, expect, test } from 'vitest';
import { compareVersions, isReadableVersion, isValidVersion, satisfies } from '../../../src/debian/version.ts';

describe('comparing versions', () => {
  test.each([
    ['1.0', '1.1'],
    ['1.9', '1.10'],
    ['1.0~rc1', '1.0'],
    ['1.0~~', '1.0~'],
    ['1.0~', '1.0~a'],
    ['1.0', '1.0+b1'],
    ['1.0-1', '1.0-1+deb12u1'],
    ['2.36-9+deb12u9', '2.36-9+deb12u14'],
    ['9:9', '10:1'],
    ['99999', '1:0'],
    ['1.0a', '1.0+'],
    ['1.0Z', '1.0a'],
    ['1.0-9', '1.0.1-1'],
    ['1.0-1', '1.0-1-1'],
    ['20240101000000000000001', '20240101000000000000002'],
    ['', '0'],
  ])('%s is earlier than %s', (earlier, later) => {
    expect(Math.sign(compareVersions(earlier, later))).toBe(-1);
    expect(Math.sign(compareVersions(later, earlier))).toBe(1);
  });

  test.each([
    ['1.0', '0:1.0'],
    ['1.0', '1.0-0'],
    ['1.01', '1.1'],
    ['1.0', '1.000'],
    ['1a', '1a0'],
    [' 1.0 ', '1.0'],
    ['', ''],
  ])('"%s" equals "%s"', (one, other) => {
    expect(compareVersions(one, other)).toBe(0);
    expect(compareVersions(other, one)).toBe(0);
  });
});

test('operators mean what dpkg means by them', () => {
  const held = (version: string, wanted: string) =>
    (['<<', '<=', '=', '>=', '>>'] as const).filter((operator) => satisfies(version, operator, wanted));
  expect(held('1.0', '1.1')).toEqual(['<<', '<=']);
  expect(held('1.0', '1.00')).toEqual(['<=', '=', '>=']);
  expect(held('1.1', '1.0~')).toEqual(['>=', '>>']);
});

test('versions that dpkg accepts are valid, others are not', () => {
  const valid = ['0', '1:2.36-9+deb12u14', '1.0~rc1-1~bpo12+1', '1:2:3-4', '1-2-3', '2147483647:1'];
  const invalid = ['', 'a1', '1.0-', '1 0', ':1', 'x:1', '1:', '2147483648:1', '1.0_1', '1.0-1:2', '-1:1', '1.0é'];
  expect(valid.filter((version) => !isValidVersion(version))).toEqual([]);
  expect(invalid.filter(isValidVersion)).toEqual([]);
});

test('versions of which dpkg only warns can be read, those that stop it cannot', () => {
  const readable = ['0', '1:2.36-9+deb12u14', '1:2:3-4', '1-2-3', 'a1', '1.0_1', '1.0é', '2024a'];
  const unreadable = ['', '1.0-', '1 0', ':1', 'x:1', '1:', ':::', '-1:1', '-1', '1:-1'];
  expect(readable.filter((version) => !isReadableVersion(version))).toEqual([]);
  expect(unreadable.filter(isReadableVersion)).toEqual([]);
});
