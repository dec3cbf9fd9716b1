import { describe, expect, test } from 'vitest';
import { carryMarks, type MarkChange, readMarks, rewriteMarks } from '../../../src/debian/marks.ts';
import type { InstanceKey } from '../../../src/debian/package.ts';

const architectures = { source: 'i386', target: 'amd64' };

/** As apt wrote it on a small bookworm server; apt files arch:all packages (`libjs-sphinxdoc`) under i386. */
const recorded = `Package: libperl5.36
Architecture: i386
Auto-Installed: 1

Package: libjs-sphinxdoc
Architecture: i386
Auto-Installed: 1

Package: linux-image-6.1.0-50-686-pae
Architecture: i386
Auto-Installed: 1

`;

function keys(...names: InstanceKey[]): Set<InstanceKey> {
  return new Set(names);
}

function mark(name: string, architecture: string, value = '1'): string {
  return `Package: ${name}\nArchitecture: ${architecture}\nAuto-Installed: ${value}\n\n`;
}

describe('reading marks', () => {
  test('gives the automatic instances', () => {
    expect(readMarks(recorded + mark('vim', 'i386', '0'), 'extended_states', 'i386')).toEqual(
      keys('libperl5.36:i386', 'libjs-sphinxdoc:i386', 'linux-image-6.1.0-50-686-pae:i386'),
    );
  });

  test('takes a stanza without an architecture as the native one', () => {
    expect(readMarks('Package: a\nAuto-Installed: 1\n', 'extended_states', 'i386')).toEqual(keys('a:i386'));
  });

  test('of an empty file gives none', () => {
    expect(readMarks('', 'extended_states', 'i386').size).toBe(0);
  });
});

describe('carrying marks over', () => {
  test('crossgraded and arch:all packages keep theirs, under the target architecture', () => {
    const marks = carryMarks(keys('lib:i386', 'data:i386'), {
      ...architectures,
      before: ['lib:i386', 'data:all', 'vim:i386'],
      after: ['lib:amd64', 'data:all', 'vim:amd64'],
      added: new Set(),
    });
    expect(marks).toEqual(keys('lib:amd64', 'data:amd64'));
  });

  test('a package that stays in both architectures keeps its mark in both', () => {
    const change: MarkChange = {
      ...architectures,
      before: ['lib:i386'],
      after: ['lib:amd64', 'lib:i386'],
      added: new Set(),
    };
    expect(carryMarks(keys('lib:i386'), change)).toEqual(keys('lib:amd64', 'lib:i386'));
    expect(carryMarks(keys(), change).size).toBe(0);
  });

  test('a package that was wanted in one architecture stays wanted', () => {
    const marks = carryMarks(keys('lib:amd64'), {
      ...architectures,
      before: ['lib:i386', 'lib:amd64'],
      after: ['lib:amd64'],
      added: new Set(),
    });
    expect(marks.size).toBe(0);
  });

  test('packages that came as dependencies are automatic, others that came are not', () => {
    const after: InstanceKey[] = ['libnew:amd64', 'asked-for:amd64'];
    const marks = carryMarks(keys(), { ...architectures, before: [], after, added: new Set(['libnew']) });
    expect(marks).toEqual(keys('libnew:amd64'));
  });

  test('a new name inherits from the old one', () => {
    const marks = carryMarks(keys('binutils-i686-linux-gnu:i386'), {
      ...architectures,
      before: ['binutils-i686-linux-gnu:i386', 'linux-image-686:i386'],
      after: ['binutils-x86-64-linux-gnu:amd64', 'linux-image-amd64:amd64'],
      added: new Set(['linux-image-amd64']),
      renamed: {
        'binutils-i686-linux-gnu': 'binutils-x86-64-linux-gnu',
        'linux-image-686': 'linux-image-amd64',
      },
    });
    expect(marks).toEqual(keys('binutils-x86-64-linux-gnu:amd64'));
  });
});

describe('rewriting marks', () => {
  const after = keys('libperl5.36:amd64', 'libjs-sphinxdoc:all', 'libnew:amd64');
  const automatic = keys('libperl5.36:amd64', 'libjs-sphinxdoc:amd64', 'libnew:amd64');

  test('moves stanzas to the target, drops those of vanished packages and adds new ones', () => {
    expect(rewriteMarks(recorded, 'extended_states', { ...architectures, after, automatic })).toBe(
      mark('libperl5.36', 'amd64') + mark('libjs-sphinxdoc', 'amd64') + mark('libnew', 'amd64'),
    );
  });

  test('changes nothing when it is done twice', () => {
    const once = rewriteMarks(recorded, 'extended_states', { ...architectures, after, automatic });
    expect(rewriteMarks(once, 'extended_states', { ...architectures, after, automatic })).toBe(once);
  });

  test('says what was wanted when it is read again', () => {
    const text = rewriteMarks(recorded, 'extended_states', { ...architectures, after, automatic });
    expect(readMarks(text, 'extended_states', 'amd64')).toEqual(automatic);
  });

  test('keeps fields it does not know, and stanzas that name no package', () => {
    const text = `Package: a\nAuto-Installed: 1\nRemove-Reason: 3\n\nOption: x\n\n`;
    const wanted = { ...architectures, after: keys('a:amd64'), automatic: keys() };
    expect(rewriteMarks(text, 'extended_states', wanted)).toBe(
      'Package: a\nArchitecture: amd64\nAuto-Installed: 0\nRemove-Reason: 3\n\nOption: x\n\n',
    );
  });

  test('writes one stanza for an instance that was there in both architectures', () => {
    const wanted = { ...architectures, after: keys('a:amd64'), automatic: keys('a:amd64') };
    expect(rewriteMarks(mark('a', 'i386') + mark('a', 'amd64'), 'extended_states', wanted)).toBe(mark('a', 'amd64'));
  });

  test('keeps marks of packages that stay foreign', () => {
    const wanted = {
      ...architectures,
      after: keys('wine32:i386', 'wine32:amd64', 'x:armhf'),
      automatic: keys('wine32:i386', 'x:armhf'),
    };
    const text = mark('wine32', 'i386') + mark('x', 'armhf');
    expect(rewriteMarks(text, 'extended_states', wanted)).toBe(text);
  });

  test('makes a file where there was none', () => {
    const wanted = { ...architectures, after: keys('b:amd64', 'a:amd64'), automatic: keys('b:amd64', 'a:amd64') };
    expect(rewriteMarks('', 'extended_states', wanted)).toBe(mark('a', 'amd64') + mark('b', 'amd64'));
  });
});
