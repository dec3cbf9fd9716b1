import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseStanzas } from '../../../src/debian/deb822.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { mergeStatusUpdates, readAvailable, readInstalled, readStatus } from '../../../src/debian/package-stanza.ts';

const e2fsprogs = `Package: e2fsprogs
Status: install ok installed
Priority: required
Section: admin
Installed-Size: 1580
Architecture: i386
Multi-Arch: foreign
Source: e2fsprogs (1.47.0-2)
Version: 1.47.0-2+b2
Depends: logsave
Pre-Depends: libblkid1 (>= 2.36), libc6 (>= 2.34)
Conffiles:
 /etc/cron.d/e2scrub_all 14d1f37fdccc6053725ef0007d8e1f69
 /etc/old name.conf df38534cc670c70a91cf9b035845d244 obsolete
 /etc/going.conf 6a2103e33d9e48b5f6f3190045c37561 remove-on-upgrade
Description: ext2/ext3/ext4 file system utilities
Important: yes
`;

function only(text: string) {
  const [stanza] = parseStanzas(text, 'status');
  if (stanza === undefined) throw new Error('no stanza');
  return stanza;
}

/** A stanza with just what matters to the database's order. */
function stanza(
  name: string,
  architecture: string,
  options: { version?: string; same?: boolean; state?: string } = {},
) {
  const lines = [
    `Package: ${name}`,
    `Status: install ok ${options.state ?? 'installed'}`,
    `Architecture: ${architecture}`,
    ...(options.same ? ['Multi-Arch: same'] : []),
    ...(options.state === 'not-installed' ? [] : [`Version: ${options.version ?? '1'}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function merged(status: readonly string[], ...updates: readonly string[]) {
  const files = updates.map((text, index) => ({ name: String(index).padStart(4, '0'), text }));
  return mergeStatusUpdates(status.join('\n'), 'status', files).map((one) => `${instanceKey(one)} ${one.version}`);
}

describe('an installed package', () => {
  test('has all that a stanza says', () => {
    expect(readInstalled(only(e2fsprogs))).toEqual({
      name: 'e2fsprogs',
      architecture: 'i386',
      version: '1.47.0-2+b2',
      source: 'e2fsprogs',
      multiArch: 'foreign',
      essential: false,
      protected: true,
      preDepends: [
        [{ name: 'libblkid1', operator: '>=', version: '2.36' }],
        [{ name: 'libc6', operator: '>=', version: '2.34' }],
      ],
      depends: [[{ name: 'logsave' }]],
      conflicts: [],
      breaks: [],
      replaces: [],
      provides: [],
      installedBytes: 1580 * 1024,
      want: 'install',
      reinstallRequired: false,
      state: 'installed',
      configVersion: '',
      conffiles: [
        { path: '/etc/cron.d/e2scrub_all', md5: '14d1f37fdccc6053725ef0007d8e1f69', obsolete: false },
        { path: '/etc/old name.conf', md5: 'df38534cc670c70a91cf9b035845d244', obsolete: true },
        { path: '/etc/going.conf', md5: '6a2103e33d9e48b5f6f3190045c37561', obsolete: false },
      ],
    });
  });

  test('may be half installed, without a version', () => {
    const text = 'Package: x\nStatus: install reinstreq half-installed\nArchitecture: i386\n';
    expect(readInstalled(only(text))).toMatchObject({ version: '', state: 'half-installed', reinstallRequired: true });
  });

  test('that was removed may lack its architecture, as dpkg once left it out', () => {
    const text = 'Package: x\nStatus: deinstall ok config-files\nConfig-Version: 1\nVersion: 1\n';
    expect(readInstalled(only(text))).toMatchObject({ architecture: '', configVersion: '1', want: 'deinstall' });
  });

  test('names what it waits for, when it does', () => {
    const text =
      'Package: x\nStatus: install ok triggers-awaited\nArchitecture: i386\nVersion: 1\nTriggers-Awaited: man-db libc-bin:i386\n';
    expect(readInstalled(only(text)).triggersAwaited).toEqual(['man-db', 'libc-bin:i386']);
    expect('triggersAwaited' in readInstalled(only(text.replace(/^Triggers.*\n/m, '')))).toBe(false);
  });

  test.each(['Package', 'Status', 'Version', 'Architecture'])('must have a %s', (field) => {
    const text = e2fsprogs.replace(new RegExp(`^${field}: .*\n`, 'm'), '');
    expect(() => readStatus(`Package: a\nStatus: unknown ok not-installed\n\n${text}`, 'status')).toThrow(
      expect.objectContaining({
        code: 'CG0102',
        message: expect.stringMatching(`^status, line 4: .* has no ${field}$`),
      }),
    );
  });

  test.each([
    ['Status', 'install ok lost'],
    ['Status', 'install ok installed twice'],
    ['Multi-Arch', 'sometimes'],
    ['Version', '1 2'],
    ['Version', ':::'],
    ['Installed-Size', 'big'],
  ])('can not have %s "%s"', (field, value) => {
    const text = e2fsprogs.replace(new RegExp(`^${field}: .*$`, 'm'), `${field}: ${value}`);
    const line = text.split('\n').findIndex((one) => one.startsWith(field)) + 1;
    expect(() => readInstalled(only(text))).toThrow(
      expect.objectContaining({ code: 'CG0102', message: expect.stringContaining(`status, line ${line}: ${field}`) }),
    );
  });

  test('tells where a relation is broken', () => {
    const text = e2fsprogs.replace('Depends: logsave', 'Depends: logsave (');
    expect(() => readInstalled(only(text))).toThrow('status, line 10, field Depends: ');
  });
});

describe('an available package', () => {
  const text = `Package: libc6
Source: glibc
Version: 2.36-9+deb12u14
Installed-Size: 12988
Architecture: amd64
Multi-Arch: same
Filename: pool/main/g/glibc/libc6_2.36-9+deb12u14_amd64.deb
Size: 2759264
SHA256: ${'0A7B'.repeat(16)}
`;

  test('has a place, a size and a sum', () => {
    expect(readAvailable(only(text))).toMatchObject({
      name: 'libc6',
      source: 'glibc',
      multiArch: 'same',
      filename: 'pool/main/g/glibc/libc6_2.36-9+deb12u14_amd64.deb',
      archiveBytes: 2_759_264,
      sha256: '0a7b'.repeat(16),
      installedBytes: 12_988 * 1024,
    });
  });

  test('has no sum rather than one that can be none', () => {
    expect(readAvailable(only(text.replace(/^SHA256: .*\n/m, ''))).sha256).toBe('');
    for (const sum of ['xyz', '0A7B'.repeat(15)]) {
      expect(() => readAvailable(only(text.replace(/^SHA256: .*$/m, `SHA256: ${sum}`)))).toThrow(
        /line 9: SHA256 of package libc6 can not be/,
      );
    }
  });

  test.each(['Filename', 'Size', 'Version'])('must have a %s', (field) => {
    expect(() => readAvailable(only(text.replace(new RegExp(`^${field}: .*\n`, 'm'), '')))).toThrow(
      `package libc6 has no ${field}`,
    );
  });
});

describe('the status file', () => {
  const status = readFileSync(new URL('../../../fixtures/hosts/bookworm-minimal/status', import.meta.url), 'utf8');

  test('of a real system is read whole', () => {
    const packages = readStatus(status, 'status');
    expect(packages).toHaveLength(88);
    expect(packages.filter(({ multiArch }) => multiArch === 'same').length).toBeGreaterThan(30);
    expect(packages.filter(({ essential }) => essential).map(({ name }) => name)).toContain('dpkg');
    expect(new Set(packages.map(({ architecture }) => architecture))).toEqual(new Set(['i386', 'all']));
  });

  test('that was cut off is refused', () => {
    expect(() => readStatus(status.slice(0, 40_000), 'status')).toThrow('cut off');
  });

  test('leaves out packages that are not installed', () => {
    expect(merged([stanza('a', 'i386'), stanza('b', 'i386', { state: 'not-installed' })])).toEqual(['a:i386 1']);
  });

  test('has co-installable instances side by side, and no others', () => {
    expect(merged([stanza('l', 'amd64', { same: true }), stanza('l', 'i386', { same: true })])).toHaveLength(2);
    expect(() => merged([stanza('a', 'amd64'), stanza('a', 'i386')])).toThrow('a:i386 can not be there besides');
  });
});

describe('the journal', () => {
  test('overrides the stanza of the same package and architecture, later files last', () => {
    const updates = [stanza('a', 'i386', { version: '2' }), stanza('a', 'i386', { version: '3' })];
    expect(merged([stanza('a', 'i386'), stanza('b', 'i386')], ...updates)).toEqual(['a:i386 3', 'b:i386 1']);
  });

  test('lets the old architecture of a crossgraded package vanish', () => {
    const updates = [stanza('a', 'i386', { state: 'half-installed' }), stanza('a', 'amd64', { state: 'unpacked' })];
    expect(merged([stanza('a', 'i386')], ...updates)).toEqual(['a:amd64 1']);
  });

  test('lets an arch:all package become one of an architecture', () => {
    expect(merged([stanza('a', 'all')], stanza('a', 'amd64'))).toEqual(['a:amd64 1']);
  });

  test('puts a co-installable instance beside the one that is there', () => {
    const status = [stanza('l', 'i386', { same: true })];
    expect(merged(status, stanza('l', 'amd64', { same: true }))).toEqual(['l:i386 1', 'l:amd64 1']);
  });

  test('replaces the only instance when it was not co-installable before', () => {
    expect(merged([stanza('l', 'i386')], stanza('l', 'amd64', { same: true }))).toEqual(['l:amd64 1']);
  });

  test('takes one of two instances away', () => {
    const status = [stanza('l', 'i386', { same: true }), stanza('l', 'amd64', { same: true })];
    const purged = stanza('l', 'i386', { same: true, state: 'not-installed' });
    expect(merged(status, purged)).toEqual(['l:amd64 1']);
  });

  test('can not put another kind of instance beside two', () => {
    const status = [stanza('l', 'i386', { same: true }), stanza('l', 'amd64', { same: true })];
    expect(() => merged(status, stanza('l', 'amd64'))).toThrow('updates/0000, line 1');
  });

  test('adds packages that are new', () => {
    expect(merged([stanza('a', 'i386')], stanza('b', 'amd64'))).toEqual(['a:i386 1', 'b:amd64 1']);
  });

  test('is read in the order of its names, and files of other names are not read', () => {
    const updates = [
      { name: '0010', text: stanza('a', 'i386', { version: '3' }) },
      { name: '0002', text: stanza('a', 'i386', { version: '2' }) },
      { name: 'tmp.i', text: '#padded\n'.repeat(512) },
    ];
    const [a] = mergeStatusUpdates(stanza('a', 'i386'), 'status', updates);
    expect(a?.version).toBe('3');
  });

  test('is refused when its names differ in length, as dpkg refuses it', () => {
    const updates = ['0000', '00001'].map((name) => ({ name, text: stanza('a', 'i386') }));
    expect(() => mergeStatusUpdates('', 'status', updates)).toThrow('differ in length');
  });
});
