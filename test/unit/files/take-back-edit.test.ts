import { expect, test } from 'vitest';
import { offerArchitecture } from '../../../src/apt/sources.ts';
import { takeBackEdit } from '../../../src/base/take-back-edit.ts';

const architectures = { source: 'i386', target: 'amd64' };

function takenBack(before: string, change: (offered: string) => string, fileName = 'sources.list'): string {
  const offered = offerArchitecture(before, fileName, architectures);
  return takeBackEdit(before, offered, change(offered));
}

const lines = `deb [arch=i386] http://mirror.example/debian bookworm main
deb [arch=i386] http://mirror.example/shop stable main
deb [arch-=amd64] http://mirror.example/tools stable main
`;

const stanzas = `Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
Architectures: i386

Types: deb
URIs: http://mirror.example/shop
Suites: stable
Components: main
Architectures: i386 amd64

Types: deb
URIs: http://mirror.example/tools
Suites: stable
Components: main
Architectures-Remove: amd64
Trusted: no
`;

test('a text that nobody else has changed is as before', () => {
  expect(takenBack(lines, (text) => text)).toBe(lines);
  expect(takenBack(stanzas, (text) => text, 'a.sources')).toBe(stanzas);
});

test('a text that is as before stays, whatever the edit was', () => {
  expect(takenBack(lines, () => lines)).toBe(lines);
  expect(takenBack(stanzas, () => stanzas, 'a.sources')).toBe(stanzas);
});

test('a line that was added or removed since stays so, and our words go from the others', () => {
  const more = 'deb http://mirror.example/own stable main\n';
  const changed = (text: string) => more + text.replace(/^.*\/shop .*\n/m, '');
  expect(takenBack(lines, changed)).toBe(more + lines.replace(/^.*\/shop .*\n/m, ''));
});

test('a source that was switched off since stays off, without our words', () => {
  const off = (text: string) => text.replace(/^(?=.*\/shop )/m, '# ');
  expect(takenBack(lines, off)).toBe(off(lines));
});

test('a line that was itself rewritten since is left alone', () => {
  const moved = (text: string) => text.replace('/shop stable', '/shop oldstable');
  expect(takenBack(lines, moved)).toBe(
    lines.replace(
      '[arch=i386] http://mirror.example/shop stable',
      '[arch=i386,amd64] http://mirror.example/shop oldstable',
    ),
  );
});

test('in stanzas, too, what was not ours stays, also where it looks the same', () => {
  const off = (text: string) => text.replace('Suites: stable', 'Enabled: no\nSuites: stable');
  expect(takenBack(stanzas, off, 'a.sources')).toBe(off(stanzas));
  const gone = (text: string) => text.replace(/^.*?\n\n/s, '');
  expect(takenBack(stanzas, gone, 'a.sources')).toBe(gone(stanzas));
});

test('what we took out comes back only between the lines where it was', () => {
  const apart = (text: string) => text.replace('Trusted: no', 'Signed-By: /etc/apt/a.gpg\nTrusted: no');
  const [first = '', second = '', third = ''] = stanzas.split('\n\n');
  expect(takenBack(stanzas, apart, 'a.sources')).toBe(
    [first, second, apart(third).replace('Architectures-Remove: amd64\n', '')].join('\n\n'),
  );
});
