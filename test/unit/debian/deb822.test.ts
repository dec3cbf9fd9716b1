import { describe, expect, test } from 'vitest';
import { CrossgradeError } from '../../../src/base/error.ts';
import { eachStanza, formatStanza, parseStanzas } from '../../../src/debian/deb822.ts';

const twoPackages = `Package: adduser
Status: install ok installed
Multi-Arch: foreign
Conffiles:
 /etc/adduser.conf cc3493ecd2d09837ffdcc3e25fdfff18
 /etc/deluser.conf 11a06baf8245fd8d690b99024d228c1f
Description: add and remove users and groups
 This package includes the 'adduser' and 'deluser' commands.
 .
  - 'adduser' creates new users

Package:  apt
Depends: adduser,
  libc6 (>= 2.34)
Tag:
`;

function errorOf(action: () => unknown): CrossgradeError {
  try {
    action();
  } catch (error) {
    if (error instanceof CrossgradeError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function readStrictly(text: string) {
  return parseStanzas(text, 'status', { mayBeDamaged: true });
}

describe('reading stanzas', () => {
  test('field names are found in any case', () => {
    const [adduser] = parseStanzas(twoPackages, 'status');
    expect(adduser?.get('multi-ARCH')).toBe('foreign');
    expect(adduser?.has('package')).toBe(true);
    expect(adduser?.get('Version')).toBeUndefined();
  });

  test('further lines keep their newline and blank, and a value may begin with them', () => {
    const [adduser, apt] = parseStanzas(twoPackages, 'status');
    expect(adduser?.get('Conffiles')).toBe(
      '\n /etc/adduser.conf cc3493ecd2d09837ffdcc3e25fdfff18\n /etc/deluser.conf 11a06baf8245fd8d690b99024d228c1f',
    );
    expect(apt?.get('Depends')).toBe('adduser,\n  libc6 (>= 2.34)');
  });

  test('an empty field has an empty value', () => {
    expect(parseStanzas(twoPackages, 'status')[1]?.get('Tag')).toBe('');
  });

  test('lines are counted from 1, for stanzas and for fields', () => {
    const [adduser, apt] = parseStanzas(twoPackages, 'status');
    expect([adduser?.line, adduser?.lineOf('Description')]).toEqual([1, 7]);
    expect([apt?.line, apt?.lineOf('tag')]).toEqual([12, 15]);
  });

  test('any number of empty lines separates, also at both ends and with carriage returns', () => {
    const text = '\n\nPackage: a\r\nVersion: 1\r\n\r\n\n\nPackage: b\n\n\n';
    const stanzas = parseStanzas(text, 'index');
    expect(stanzas.map((one) => one.get('Package'))).toEqual(['a', 'b']);
    expect(stanzas[0]?.get('Version')).toBe('1');
  });

  test('a line of blanks belongs to the field, as for dpkg', () => {
    expect(parseStanzas('A: 1\n  \nB: 2\n', 'index')).toHaveLength(1);
  });

  test('a file without a last newline is read, unless the file may be damaged', () => {
    expect(parseStanzas('A: 1', 'x.sources')[0]?.get('A')).toBe('1');
    expect(errorOf(() => readStrictly('A: 1\nB: 2')).message).toContain('status, line 2');
  });

  test('an empty text has no stanzas', () => {
    expect(readStrictly('')).toEqual([]);
  });

  test('stanzas can be had one by one, and later damage does not matter to earlier ones', () => {
    const { value } = eachStanza('A: 1\n\njunk\n', 'index').next();
    expect(value.get('A')).toBe('1');
  });
});

describe('comments', () => {
  const text =
    '# above\nTypes: deb\n# between\nURIs: http://mirror.example/debian\n# in a field\n more\n#\n\nTypes: deb-src\n';

  test('are passed over where deb822 allows them, even within a field', () => {
    const stanzas = parseStanzas(text, 'debian.sources', { comments: true });
    expect(stanzas).toHaveLength(2);
    expect(stanzas[0]?.line).toBe(2);
    expect(stanzas[0]?.get('URIs')).toBe('http://mirror.example/debian\n more');
  });

  test('are an error elsewhere', () => {
    expect(errorOf(() => parseStanzas(text, 'Packages')).message).toContain('Packages, line 1,');
  });
});

describe('what can not be read', () => {
  test.each([
    ['a line without a colon', 'Package: a\nVersion\n', 2],
    ['a line that begins with a colon', ': a\n', 1],
    ['a field name with a hyphen in front', '-----BEGIN PGP SIGNED MESSAGE-----\n', 1],
    ['a continuation without a field', 'A: 1\n\n continued\n', 3],
    ['a field that is there twice', 'Package: a\nDepends: b\nVERSION: 1\nVersion: 2\n', 4],
    ['a carriage return where a line should be empty', 'Package: a\r\n\r\nPackage: b\r\n', 2],
    ['NUL bytes after a power cut', 'Package: a\n\0\0\0\0', 2],
    ['a name with letters beyond ASCII', 'Paquet: a\nDépend: b\n', 2],
  ])('%s is told with its file and line', (_, text, line) => {
    const error = errorOf(() => readStrictly(text));
    expect(error.code).toBe('CG0101');
    expect(error.message).toContain(`status, line ${line}, is broken: `);
    expect(error.hint).toContain('status');
  });

  test.each([
    ['random bytes', () => binaryJunk(10_000_000)],
    ['one endless line', () => 'a'.repeat(10_000_000)],
    ['one endless stanza', () => Array.from({ length: 700_000 }, (_, index) => `F${index}: b\n`).join('')],
  ])('10 MB of %s give a short, printable message at once', (_, make) => {
    const text = make();
    const start = performance.now();
    const error = errorOf(() => parseStanzas(text, 'Packages'));
    expect(performance.now() - start).toBeLessThan(1000);
    expect(error.message).toMatch(/^[\x20-\x7e…]{1,160}$/);
  });
});

test('30 MB of packages are walked through in seconds', () => {
  const text = twoPackages.replace(/Tag:\n/, `Tag: ${'x'.repeat(900)}\n\n`).repeat(22_000);
  const start = performance.now();
  let count = 0;
  for (const stanza of eachStanza(text, 'Packages')) if (stanza.get('Package') === 'apt') count += 1;
  expect(count).toBe(22_000);
  expect(performance.now() - start).toBeLessThan(4000);
});

describe('writing a stanza', () => {
  test('what was read comes out again', () => {
    const written = parseStanzas(twoPackages, 'status').map((one) => formatStanza(one.entries()));
    expect(written.join('\n')).toBe(twoPackages.replace('Package:  apt', 'Package: apt'));
  });

  test('further lines get their blank, empty ones a dot', () => {
    expect(formatStanza([['Description', 'one\ntwo\n\n three']])).toBe('Description: one\n two\n .\n three\n');
  });
});

/** The same bytes each time. */
function binaryJunk(length: number): string {
  let state = 1;
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    bytes[index] = state >> 16;
  }
  return new TextDecoder().decode(bytes);
}
