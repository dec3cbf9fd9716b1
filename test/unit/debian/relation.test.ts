import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseStanzas } from '../../../src/debian/deb822.ts';
import {
  formatDependency,
  formatRelation,
  parseDependencies,
  parseProvides,
  parseRelations,
} from '../../../src/debian/relation.ts';

const where = () => 'Packages, line 7, field Depends';

describe('reading relations', () => {
  test('alternatives, versions and qualifiers', () => {
    expect(parseDependencies('debconf (>= 0.5) | debconf-2.0, perl:any, libc6:i386(=2.36-9)')).toEqual([
      [{ name: 'debconf', operator: '>=', version: '0.5' }, { name: 'debconf-2.0' }],
      [{ name: 'perl', qualifier: 'any' }],
      [{ name: 'libc6', qualifier: 'i386', operator: '=', version: '2.36-9' }],
    ]);
  });

  test('the obsolete single signs include equality, and a version alone is exact', () => {
    expect(parseRelations('a (< 1), b (> 1), c (1), d (<<1)').map(formatRelation)).toEqual([
      'a (<= 1)',
      'b (>= 1)',
      'c (= 1)',
      'd (<< 1)',
    ]);
  });

  test('folded text, stray commas and blanks do no harm', () => {
    expect(parseDependencies('\n a,\n  b\t( >= 1:2 )\n |c ,\n ,').map(formatDependency)).toEqual([
      'a',
      'b (>= 1:2) | c',
    ]);
    expect(parseDependencies('')).toEqual([]);
  });

  test('architecture and restriction lists are passed over', () => {
    expect(
      parseDependencies('a [i386 !arm64], b (>= 1) [linux-any] <!nocheck> <cross>, c:native <stage1> | d'),
    ).toEqual([
      [{ name: 'a' }],
      [{ name: 'b', operator: '>=', version: '1' }],
      [{ name: 'c', qualifier: 'native' }, { name: 'd' }],
    ]);
  });

  test('names are lower case, as in dpkg', () => {
    expect(parseRelations('LibFoo_2')).toEqual([{ name: 'libfoo_2' }]);
  });

  test('only an exact version counts in Provides', () => {
    expect(parseProvides('libc6-i686, httpd (= 2.4), perlapi:any (= 5), odd (>= 1)')).toEqual([
      { name: 'libc6-i686' },
      { name: 'httpd', version: '2.4' },
      { name: 'perlapi', version: '5', qualifier: 'any' },
      { name: 'odd' },
    ]);
  });
});

describe('what can not be read', () => {
  test.each([
    ['a (>= 1', 'no closing bracket'],
    ['a (>< 1)', 'no version relation'],
    ['a (>=)', 'no version relation'],
    ['a (>= 1 2)', 'no version relation'],
    ['a b', 'a comma was expected'],
    ['a | , b', 'a package name is missing'],
    ['a:, b', 'an architecture is missing'],
    ['/etc/passwd', 'no package name'],
    ['a [i386', 'not closed'],
  ])('%s: %s', (text, reason) => {
    expect(() => parseDependencies(text, where)).toThrow(
      expect.objectContaining({
        code: 'CG0103',
        message: expect.stringMatching(new RegExp(`^Packages, line 7, field Depends: .*${reason}`)),
      }),
    );
  });

  test('alternatives where there can be none', () => {
    expect(() => parseRelations('a | b', where)).toThrow('alternatives are not allowed here');
  });
});

describe('real relations', () => {
  const status = readFileSync(new URL('../../../fixtures/hosts/bookworm-minimal/status', import.meta.url), 'utf8');
  const fields = parseStanzas(status, 'status').flatMap((stanza) =>
    ['Depends', 'Pre-Depends', 'Recommends', 'Breaks', 'Replaces'].flatMap((field) => stanza.get(field) ?? []),
  );

  test('come out as they went in', () => {
    expect(fields.length).toBeGreaterThan(150);
    expect(fields.map((text) => parseDependencies(text).map(formatDependency).join(', '))).toEqual(fields);
  });

  test('20,000 relations are read in a fraction of a second', () => {
    const text = Array.from({ length: 10 }, (_, index) => `libexample${index} (>= 2.36-9+deb12u${index})`).join(', ');
    const start = performance.now();
    for (let index = 0; index < 2000; index += 1) parseDependencies(text);
    expect(performance.now() - start).toBeLessThan(400);
  });
});
