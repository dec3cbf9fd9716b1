import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDiversions } from '../../../src/dpkg/diversions.ts';

test('real diversions are read', () => {
  const text = readFileSync(new URL('../../../fixtures/hosts/bookworm-minimal/diversions', import.meta.url), 'utf8');
  expect(parseDiversions(text, 'diversions')).toEqual([
    { path: '/usr/share/man/man1/sh.1.gz', divertedTo: '/usr/share/man/man1/sh.distrib.1.gz', package: 'dash' },
    { path: '/bin/sh', divertedTo: '/bin/sh.distrib', package: 'dash' },
  ]);
});

test('a local diversion has a colon for its package, and paths may have spaces', () => {
  expect(parseDiversions('/usr/bin/a b\n/usr/bin/a b.real\n:\n', 'diversions')).toEqual([
    { path: '/usr/bin/a b', divertedTo: '/usr/bin/a b.real', package: ':' },
  ]);
});

test('an empty file has none', () => {
  expect(parseDiversions('', 'diversions')).toEqual([]);
});

test.each([
  ['an entry of two lines', '/a\n/b\n', 1],
  ['a second entry that is not complete', '/a\n/b\n:\n/c\n', 4],
  ['a path that is not absolute', 'a\n/b\n:\n', 1],
  ['a file that was cut off', '/a\n/b\ndas', 3],
])('%s is told with its line', (_, text, line) => {
  expect(() => parseDiversions(text, 'diversions')).toThrow(
    expect.objectContaining({ code: 'CG0101', message: expect.stringContaining(`diversions, line ${line}, `) }),
  );
});
