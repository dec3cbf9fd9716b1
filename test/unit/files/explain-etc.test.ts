import { describe, expect, test } from 'vitest';
import { arrivalsOf } from '../../../src/files/arrivals.ts';
import { type EtcChange, type EtcEntry, explainEtcChanges } from '../../../src/files/explain-etc.ts';
import { compareTrees } from '../../../src/files/system/etc-changes.ts';
import type { BeforeRecord } from '../../../src/state/before-record.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { emptyRecord } from '../../support/recorded/run-files.ts';
import { installed } from '../../support/roots/packages.ts';

const before: BeforeRecord = {
  ...emptyRecord,
  conffiles: {
    '/etc/tool.conf': { package: 'tool', md5: sum('old') },
    '/etc/gone.conf': { package: 'gone', md5: sum('x') },
    '/etc/ld-tool-i386.d/path': { package: 'tool', md5: sum('x') },
  },
  sourceFiles: { '/etc/apt/sources.list': '', '/etc/apt/sources.list.d/shop.sources': '' },
};
const conffiles = `\n /etc/tool.conf ${sum('new')}\n /etc/ld-tool-x86_64.d/path ${sum('x')}`;
const packages = [installed('tool:amd64', { Conffiles: conffiles })];

/** Stands for the MD5 sum of a content. */
function sum(content: string): string {
  return Buffer.from(content.padEnd(16, '.')).toString('hex').slice(0, 32);
}

function file(content: string, changes: Partial<EtcEntry> = {}): EtcEntry {
  return { type: 'file', mode: 0o644, uid: 0, gid: 0, content, md5: sum(content), ...changes };
}

function explainOne(change: EtcChange) {
  const [one] = explainEtcChanges([change], i386ToAmd64, before, packages);
  return one ?? { what: '', explanation: '' };
}

function explain(path: string, old?: EtcEntry, now?: EtcEntry): string | null {
  const change = { path, ...(old && { before: old }), ...(now && { after: now }) };
  return explainOne(change).explanation;
}

test('says what happened to a path', () => {
  const what = (old?: EtcEntry, now?: EtcEntry): string =>
    explainOne({ path: '/etc/a', ...(old && { before: old }), ...(now && { after: now }) }).what;
  expect([what(file('a'), file('b')), what(file('a')), what(undefined, file('a'))]).toEqual([
    '/etc/a changed',
    '/etc/a is gone',
    '/etc/a is new',
  ]);
});

describe('explains', () => {
  const old = file('run /usr/lib/i386-linux-gnu/e2fsprogs/e2scrub_all_cron');
  const now = file('run /usr/lib/x86_64-linux-gnu/e2fsprogs/e2scrub_all_cron');

  // As musl's loader does.
  test('a link, when what it led to is gone', () => {
    const link: EtcEntry = { ...file(''), type: 'symlink', content: '../init.d/gone' };
    const change = { path: '/etc/rc0.d/K01gone', before: link };
    const reason = (more: { ledNowhere?: true }) => explainOne({ ...change, ...more }).explanation;
    expect([reason({ ledNowhere: true }), reason({})]).toEqual(['a link to ../init.d/gone, which is gone', null]);
  });

  test('a conffile whose name tells the architecture, and the folder that it is in', () => {
    const folder: EtcEntry = { ...file(''), type: 'directory', md5: '' };
    expect(explain('/etc/ld-tool-i386.d/path', file('x'))).toBe(
      'conffile of tool: its amd64 build has none of this name',
    );
    expect(explain('/etc/ld-tool-i386.d', folder)).toBe('held conffiles that are gone');
    expect(explain('/etc/ld-tool-x86_64.d', undefined, folder)).toBe('holds conffiles that are new');
    expect(explain('/etc/other.d', folder)).toBeNull();
    expect(explain('/etc/other.d', undefined, folder)).toBeNull();
    expect(explain('/etc/tool.conf', file('old'))).toBeNull();
  });

  test('what dpkg had laid down of a package that is configured now', () => {
    expect(explain('/etc/tool.conf.dpkg-new', file('new'))).toBe(
      'laid down by dpkg when it unpacked tool, which is configured now',
    );
    expect(explain('/etc/other.conf.dpkg-new', file('new'))).toBeNull();
    expect(explain('/etc/tool.conf.bak', file('new'))).toBeNull();
  });

  test('a triplet in a file, in a link’s target, in a path', () => {
    const link = (content: string): EtcEntry => file(content, { type: 'symlink', md5: '' });
    const jar = (name: string): EtcEntry => link(`/usr/lib/jvm/java-17-openjdk-${name}/bin/jar`);
    expect(explain('/etc/alternatives/jar', jar('i386'), jar('amd64'))).toBe('names amd64 instead of i386');
    expect(explain('/etc/alternatives/jar', jar('i386'), link('/usr/bin/fastjar'))).toBeNull();
    expect(explain('/etc/a', file('xi386'), file('xamd64'))).toBeNull();
    expect(explain('/etc/cron.d/e2scrub_all', old, now)).toBe('names x86_64-linux-gnu instead of i386-linux-gnu');
    expect(explain('/etc/alternatives/x', link('/usr/lib/i386-linux-gnu/x'), link('/usr/lib/x86_64-linux-gnu/x'))).toBe(
      'names x86_64-linux-gnu instead of i386-linux-gnu',
    );
    expect(explain('/etc/ld.so.conf.d/i386-linux-gnu.conf', file('a'))).toBe('belongs to i386');
    expect(explain('/etc/ld.so.conf.d/x86_64-linux-gnu.conf', undefined, file('a'))).toBe('belongs to amd64');
  });

  test('a conffile that nobody had changed, and one whose package is gone', () => {
    expect(explain('/etc/tool.conf', file('old'), file('new'))).toMatch(/^conffile of tool:/);
    expect(explain('/etc/gone.conf', file('x'))).toBe('conffile of gone, which is gone');
  });

  test('what is generated, a list without repetitions, and a repository’s restriction', () => {
    expect(explain('/etc/ld.so.cache', file('a'), file('b'))).toBe('generated');
    expect(explain('/etc/xml/catalog.old', file('a'), file('b'))).toBe('generated');
    expect(explain('/etc/xml/mine.xml', file('a'), file('b'))).toBeNull();
    expect(explain('/etc/shells', file('/bin/sh\n/bin/sh\n/bin/bash\n'), file('/bin/sh\n/bin/bash\n'))).not.toBeNull();
    const list = (architectures: string) => file(`deb [arch=${architectures}] http://mirror.example/debian x main\n`);
    expect(explain('/etc/apt/sources.list', list('i386'), list('amd64'))).toMatch(/apt/);
    expect(explain('/etc/apt/sources.list', list('i386'), list('i386,amd64'))).toMatch(/apt/);
    const stanza = (architectures: string) =>
      file(`Types: deb\nURIs: http://shop.example\nSuites: x\nComponents: main\nArchitectures: ${architectures}\n`);
    expect(explain('/etc/apt/sources.list.d/shop.sources', stanza('i386'), stanza('amd64'))).toMatch(/apt/);
  });
});

describe('does not explain', () => {
  test('a text that nobody has looked into, or that is none', () => {
    const large = (sum: string) => file('', { content: null, md5: sum });
    expect(explain('/etc/bind/db.block', large('a'), large('b'))).toBeNull();
    expect(explain('/etc/shells', large('a'), large('b'))).toBeNull();
    expect(explain('/etc/latin.conf', file('\ufffd', { md5: 'a' }), file('\ufffd', { md5: 'b' }))).toBeNull();
    const what = (old: EtcEntry, now: EtcEntry) => explainOne({ path: '/etc/a', before: old, after: now }).what;
    expect(what(large('a'), file('b'))).toBe('/etc/a changed (not looked into: larger than 1 MiB, or no text)');
    expect(what(large('a'), { ...large('a'), mode: 0o600 })).toBe('/etc/a changed');
  });

  test('lines that are lost because they stand there once more', () => {
    const old = file('subnet a {\n}\nsubnet b {\n}\n');
    expect(explain('/etc/dhcp/dhcpd.conf', old, file('subnet a {\n}\nsubnet b {\n'))).toBeNull();
  });

  test('generated files that are gone, or open to others', () => {
    expect(explain('/etc/postfix/virtual.db', file('a'))).toBeNull();
    expect(explain('/etc/aliases.db', file('a'))).toBeNull();
    expect(explain('/etc/ssl/certs/ca-certificates.crt', file('a'))).toBeNull();
    expect(explain('/etc/postfix/sasl_passwd.db', file('a', { mode: 0o600 }), file('b'))).toBeNull();
    // What else a program keeps beside its files may go.
    expect(explain('/etc/xml/catalog.old', file('a'))).toBe('generated');
  });

  test('a list of sources that is gone, or has other sources', () => {
    const list = (host: string) => file(`deb [arch=amd64] http://${host}/debian x main\n`);
    expect(explain('/etc/apt/sources.list', list('mirror.example'))).toBeNull();
    expect(explain('/etc/apt/sources.list', list('mirror.example'), list('other.example'))).toBeNull();
    expect(explain('/etc/apt/sources.list', list('mirror.example'), file(''))).toBeNull();
  });

  test('the package’s own version, put beside a file that somebody had changed', () => {
    for (const name of ['tool.conf.dpkg-dist', 'default/grub.ucf-dist'])
      expect(explain(`/etc/${name}`, undefined, file('theirs'))).toContain('which was changed here and is kept');
  });

  test('a conffile that somebody had changed', () => {
    expect(explain('/etc/tool.conf', file('mine'), file('new'))).toBeNull();
  });

  test('a conffile with another mode', () => {
    expect(explain('/etc/tool.conf', file('old', { mode: 0o640 }), file('new'))).toBeNull();
  });

  test('a conffile that is gone although its package is there', () => {
    expect(explain('/etc/tool.conf', file('old'))).toBeNull();
  });

  test('a triplet that comes with another mode, owner or content', () => {
    const path = '/etc/cron.d/x';
    expect(explain(path, file('i386-linux-gnu'), file('x86_64-linux-gnu', { mode: 0o600 }))).toBeNull();
    expect(explain(path, file('i386-linux-gnu'), file('x86_64-linux-gnu', { uid: 1 }))).toBeNull();
    expect(explain(path, file('i386-linux-gnu'), file('x86_64-linux-gnu more'))).toBeNull();
  });

  test('what changes without a reason', () => {
    expect(explain('/etc/hosts', file('a'), file('b'))).toBeNull();
    expect(explain('/etc/hosts', file('a'))).toBeNull();
    expect(explain('/etc/new', undefined, file('a'))).toBeNull();
  });
});

test('a large file is compared by its sum, and its text is not read', async () => {
  const machine = new MemoryMachine();
  const zone = 'x'.repeat(1024 * 1024);
  for (const [path, text] of [
    ['/copy/zone', `${zone}ab`],
    ['/etc/zone', `${zone}cde`],
    ['/copy/small', 'ab'],
    ['/etc/small', 'cde'],
  ] as const) {
    await machine.write(path, text);
  }
  const changes = await compareTrees(machine, '/copy', '/etc');
  expect(changes.map(({ path, before, after }) => [path, before?.content, after?.content])).toEqual([
    ['/etc/small', 'ab', 'cde'],
    ['/etc/zone', null, null],
  ]);
});

describe('what comes with packages that are new', () => {
  const folder: EtcEntry = { ...file(''), type: 'directory', md5: '' };
  const link = (content: string): EtcEntry => ({ ...file(content), type: 'symlink', md5: '' });
  const arrivals = arrivalsOf([
    {
      name: 'kmod',
      paths: [
        '/etc',
        '/etc/init.d',
        '/etc/init.d/kmod',
        '/etc/modprobe.d',
        '/bin/kmod',
        '/lib/systemd/system/kmod.service',
      ],
      scripts: 'if [ ! -e /etc/modules ]; then make_file; fi\n# /etc/hosts.allow.d is no file of ours',
    },
    { name: 'cups', paths: ['/etc/cups', '/etc/cups/ssl'], scripts: '' },
  ]);
  const explained = (...changes: EtcChange[]) =>
    Object.fromEntries(
      explainEtcChanges(changes, i386ToAmd64, before, packages, arrivals).map(({ what, explanation }) => [
        what,
        explanation,
      ]),
    );

  test('is explained: what they ship, lead to, or make, and the folders that hold it', () => {
    expect(
      explained(
        { path: '/etc/modprobe.d', after: folder },
        { path: '/etc/rcS.d/S01kmod', after: link('../init.d/kmod') },
        { path: '/etc/alternatives/mod', after: link('/usr/bin/kmod') },
        { path: '/etc/systemd/system/new.target.wants', after: folder },
        { path: '/etc/systemd/system/new.target.wants/kmod.service', after: link('/lib/systemd/system/kmod.service') },
        { path: '/etc/modules', after: file('') },
        { path: '/etc/cups', after: folder },
        { path: '/etc/cups/printers.conf', after: file('') },
      ),
    ).toEqual({
      '/etc/modprobe.d is new': 'comes with kmod, which is new',
      '/etc/rcS.d/S01kmod is new': 'leads to a file of kmod, which is new',
      '/etc/alternatives/mod is new': 'leads to a file of kmod, which is new',
      '/etc/systemd/system/new.target.wants is new': 'holds what came, see there',
      '/etc/systemd/system/new.target.wants/kmod.service is new': 'leads to a file of kmod, which is new',
      '/etc/modules is new': 'made by a script of kmod, which is new',
      '/etc/cups is new': 'comes with cups, which is new',
      '/etc/cups/printers.conf is new': 'in /etc/cups, which came with cups',
    });
  });

  test('is no reason for what was there, leads elsewhere, or stands in a folder with others', () => {
    const found = explained(
      { path: '/etc/modules', before: file('a'), after: file('b') },
      { path: '/etc/modprobe.d', before: folder },
      { path: '/etc/rc2.d/S01own', after: link('../init.d/own') },
      { path: '/etc/hosts.allow', after: file('') },
      { path: '/etc/init.d/own', after: file('') },
      { path: '/etc/own.d', after: folder },
      { path: '/etc/own.d/kmod', after: link('/bin/kmod') },
      { path: '/etc/own.d/other', after: file('') },
    );
    expect(Object.entries(found).filter(([, reason]) => reason !== null)).toEqual([
      ['/etc/own.d/kmod is new', 'leads to a file of kmod, which is new'],
    ]);
  });

  test('moves the links of other init scripts to other numbers, and does not switch them', () => {
    const [was, is] = ['/etc/rc2.d/S01cron', '/etc/rc2.d/S02cron'];
    expect(
      explained({ path: was, before: link('../init.d/cron') }, { path: is, after: link('../init.d/cron') }),
    ).toEqual({
      '/etc/rc2.d/S01cron is gone': 'the same link is /etc/rc2.d/S02cron: init scripts were numbered anew',
      '/etc/rc2.d/S02cron is new': 'the same link was /etc/rc2.d/S01cron: init scripts were numbered anew',
    });
    const off = explained(
      { path: '/etc/rc2.d/K01cron', before: link('../init.d/cron') },
      { path: is, after: link('../init.d/cron') },
    );
    expect(Object.values(off)).toEqual([null, null]);
  });
});

test('other blanks between the same words are no change, but for what begins a line and what somebody wrote by hand', () => {
  const [was, is] = ['# type\tname (path)\t\tmap \nsqlite\tdict.so\n', '# type  name (path) map\nsqlite dict.so\n\n'];
  expect(explain('/etc/postfix/dynamicmaps.cf', file(was), file(is))).toBe(
    'written anew: the same words, with other blanks between them',
  );
  expect(explain('/etc/rules.yaml', file('a:\n  b: 1\n'), file('a:\nb: 1\n'))).toBeNull();
  expect(explain('/etc/tool.conf', file('a  b'), file('a b'))).toBeNull();
  expect(explain('/etc/motd', file('a b'), file('ab'))).toBeNull();
});

test('what version control keeps for itself is no configuration', async () => {
  const machine = new MemoryMachine();
  await machine.write('/copy/hostname', 'old');
  await machine.write('/etc/hostname', 'old');
  for (const path of ['.git/index', '.etckeeper', '.hg/dirstate', 'apache2/.svn/entries'] as const) {
    await machine.write(`/etc/${path}`, 'new');
  }
  await machine.write('/etc/.gitignore', 'new');
  const changes = await compareTrees(machine, '/copy', '/etc');
  expect(changes.map(({ path }) => path)).toEqual(['/etc/.gitignore']);
});
