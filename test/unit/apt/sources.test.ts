import { describe, expect, test } from 'vitest';
import { dropArchitecture, offerArchitecture, readSources } from '../../../src/apt/sources.ts';

const architectures = { source: 'i386', target: 'amd64' };

const oneLine = `# deb [arch=i386] http://mirror.example/old buster main
deb cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_ - Official i386 NETINST #1 with firmware 20230610-10:21]/ bookworm main non-free-firmware

deb http://mirror.example/debian bookworm main contrib # a comment
 deb-src\thttp://mirror.example/debian bookworm main
deb [ arch=i386,armhf signed-by="/etc/apt/keyrings/a b.gpg" ] http://mirror.example/third stable main
deb [signed-by=/etc/apt/keyrings/c.gpg arch=i386] http://mirror.example/flat ./
`;

const deb822 = `# Written by the installer
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm
# not yet: bookworm-backports
 bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://mirror.example/off
Suites: stable
Components: main

Types: deb
URIs: http://mirror.example/third
Suites: /
Architectures:
 i386
# i386 again, in a comment
 armhf
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEYCQ
 -----END PGP PUBLIC KEY BLOCK-----
`;

describe('reading one-line sources', () => {
  test('gives enabled entries with their lines, CDs included', () => {
    expect(readSources(oneLine, 'sources.list')).toEqual([
      {
        file: 'sources.list',
        line: 2,
        types: ['deb'],
        uris: ['cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_ - Official i386 NETINST #1 with firmware 20230610-10:21]/'],
        suites: ['bookworm'],
        components: ['main', 'non-free-firmware'],
      },
      entry(4, 'deb', 'debian', 'bookworm', ['main', 'contrib']),
      entry(5, 'deb-src', 'debian', 'bookworm', ['main']),
      { ...entry(6, 'deb', 'third', 'stable', ['main']), architectures: ['i386', 'armhf'] },
      { ...entry(7, 'deb', 'flat', './', []), architectures: ['i386'] },
    ]);
  });

  test('does not take additions and removals for a restriction', () => {
    const [source] = readSources('deb [arch+=i386 arch-=armhf] http://mirror.example/debian sid main\n', 'x.list');
    expect(source).not.toHaveProperty('architectures');
  });

  test.each([
    ['rpm http://mirror.example/debian bookworm main', 'no type "rpm"'],
    ['deb http://mirror.example/debian', 'a URI and a suite'],
    ['deb http://mirror.example/debian bookworm', 'no component'],
    ['deb [arch=i386 http://mirror.example/debian bookworm main', 'no closing bracket'],
    ['deb /srv/mirror bookworm main', 'no URI'],
  ])('refuses %s', (line, reason) => {
    expect(() => readSources(`\n${line}\n`, 'x.list')).toThrow(
      expect.objectContaining({ code: 'CG0101', message: expect.stringMatching(`x.list, line 2, .*${reason}`) }),
    );
  });
});

describe('reading deb822 sources', () => {
  test('gives enabled stanzas, without comments', () => {
    expect(readSources(deb822, 'debian.sources')).toEqual([
      {
        ...entry(2, 'deb', 'debian', 'bookworm', ['main'], 'debian.sources'),
        types: ['deb', 'deb-src'],
        suites: ['bookworm', 'bookworm-updates'],
      },
      { ...entry(16, 'deb', 'third', '/', [], 'debian.sources'), architectures: ['i386', 'armhf'] },
    ]);
  });

  test('refuses a stanza that lacks a field or has an unknown type', () => {
    expect(() => readSources('Types: deb\nSuites: sid\n', 'x.sources')).toThrow(
      'x.sources, line 1, is broken: this source has no URIs',
    );
    expect(() => readSources('Suites: sid\nTypes: rpm\n', 'x.sources')).toThrow('line 2');
  });
});

describe('offering the target architecture', () => {
  test.each([
    ['[arch=i386]', '[arch=i386,amd64]'],
    ['[ arch=i386,armhf  signed-by="/a b.gpg" ]', '[ arch=i386,amd64,armhf  signed-by="/a b.gpg" ]'],
    ['[signed-by=/i386.gpg arch=armhf,i386]', '[signed-by=/i386.gpg arch=armhf,i386,amd64]'],
    ['[arch+=i386]', '[arch+=i386,amd64]'],
    ['[arch=i386,amd64]', '[arch=i386,amd64]'],
    ['[arch=armhf]', '[arch=armhf]'],
    ['[arch-=i386]', '[arch-=i386]'],
    ['[arch-=amd64,armhf]', '[arch-=armhf]'],
    ['[trusted=yes arch-=amd64]', '[trusted=yes]'],
    ['[arch-=amd64 trusted=yes]', '[trusted=yes]'],
    ['[arch-=amd64] ', ''],
    ['[arch-=amd64,i386]', '[arch-=amd64,i386]'],
    ['[lang=i386]', '[lang=i386]'],
  ])('makes %s to %s', (before, after) => {
    const line = (options: string) =>
      `# [arch=i386]\n\ndeb ${options}http://mirror.example/i386 sid main # arch=i386\r\n`;
    expect(offerArchitecture(line(before), 'x.list', architectures)).toBe(line(after));
  });

  test('changes each line that needs it, and no other byte', () => {
    expect(offerArchitecture(oneLine, 'sources.list', architectures)).toBe(
      oneLine.replace('arch=i386,armhf', 'arch=i386,amd64,armhf').replace('c.gpg arch=i386', 'c.gpg arch=i386,amd64'),
    );
  });

  test('changes stanzas, but not their comments', () => {
    expect(offerArchitecture(deb822, 'debian.sources', architectures)).toBe(
      deb822.replace('\n i386\n', '\n i386 amd64\n'),
    );
  });

  test.each([
    ['Architectures: i386\n', 'Architectures: i386 amd64\n'],
    ['architectures: armhf i386', 'architectures: armhf i386 amd64'],
    ['Architectures-Add: i386\n', 'Architectures-Add: i386 amd64\n'],
    ['Architectures-Remove: amd64 armhf\n', 'Architectures-Remove: armhf\n'],
    ['Architectures-Remove: amd64\n', ''],
    ['Architectures-Remove: amd64\nComponents: main\n', 'Components: main\n'],
    ['Architectures: amd64\n', 'Architectures: amd64\n'],
  ])('makes the field %j to %j', (before, after) => {
    const stanza = 'Types: deb\nURIs: http://mirror.example/i386\nSuites: sid/\n';
    expect(offerArchitecture(stanza + before, 'x.sources', architectures)).toBe(stanza + after);
  });
});

describe('dropping the source architecture', () => {
  test.each([
    ['[arch=i386,amd64]', '[arch=amd64]'],
    ['[arch=amd64,i386 signed-by=/a.gpg]', '[arch=amd64 signed-by=/a.gpg]'],
    ['[arch=armhf,i386,amd64]', '[arch=armhf,amd64]'],
    ['[arch+=i386,amd64]', '[arch+=amd64]'],
    ['[arch=i386]', '[arch=i386]'],
    ['[arch-=i386]', '[arch-=i386]'],
  ])('makes %s to %s', (before, after) => {
    const line = (options: string) => `deb ${options} http://mirror.example/i386 sid main\n`;
    expect(dropArchitecture(line(before), 'x.list', architectures)).toBe(line(after));
  });

  test('leaves the target where it was offered before', () => {
    const offered = offerArchitecture(deb822, 'debian.sources', architectures);
    expect(dropArchitecture(offered, 'debian.sources', architectures)).toBe(deb822.replace('\n i386\n', '\n amd64\n'));
  });
});

function entry(line: number, type: string, name: string, suite: string, components: string[], file = 'sources.list') {
  return { file, line, types: [type], uris: [`http://mirror.example/${name}`], suites: [suite], components };
}
