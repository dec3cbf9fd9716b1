import { describe, expect, test } from 'vitest';
import { readElfHead } from '../../../src/base/elf.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { condense } from '../../../src/base/system/careful.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { parseArguments } from '../../../src/cli/arguments/arguments.ts';
import { readDataDirectory, readSlapdConf, readSlapdLdif, recogniseFormat } from '../../../src/data/data-survey.ts';
import { neededPrograms } from '../../../src/data/postgresql.ts';
import { readCapabilities } from '../../../src/files/capabilities.ts';
import { readFailedPreloads, readPreload } from '../../../src/files/preload.ts';
import { folderToName, groupPrograms, type LocalProgram } from '../../../src/software/group-programs.ts';
import { pathsIn, pathsWithTriplet, referenceKind, searchedIn, targetOf } from '../../../src/software/named-paths.ts';
import { recogniseFile } from '../../../src/software/recognise-file.ts';
import { ownedPaths } from '../../../src/software/software-survey.ts';
import { preload } from '../../../steps/check/software/preload.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';
import { World } from '../../support/recorded/world.ts';
import { elfHead } from '../../support/troubles/elf-head.ts';
import { soundInput } from '../../support/troubles/package-troubles.ts';
import { noSoftware } from '../../support/troubles/software-troubles.ts';

const bytes = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'));

describe('the head of an ELF file', () => {
  test('tells class, machine and role', () => {
    expect(readElfHead(bytes(elfHead({ interpreter: true })))).toEqual({ bits: 32, machine: 3, role: 'program' });
    expect(readElfHead(bytes(elfHead({ type: 2 })))).toEqual({ bits: 32, machine: 3, role: 'static' });
    expect(readElfHead(bytes(elfHead({ type: 3 })))).toEqual({ bits: 32, machine: 3, role: 'library' });
    expect(readElfHead(bytes(elfHead({ type: 1 })))?.role).toBe('object');
    expect(readElfHead(bytes(elfHead({ type: 4 })))?.role).toBe('other');
  });

  test('is no head when it is cut off, or a script', () => {
    expect(readElfHead(bytes('\x7fELF\x01'))).toBeUndefined();
    expect(readElfHead(bytes('#!/bin/sh\nexec /usr/bin/true "$@"\n'))).toBeUndefined();
  });

  test('with headers beyond the part that was read is still told by its class', () => {
    expect(readElfHead(bytes(elfHead({ interpreter: true }).slice(0, 52)))).toMatchObject({ bits: 32, machine: 3 });
  });
});

describe('a file outside packages', () => {
  const kind = (head: string, path = '/opt/x') => recogniseFile(bytes(head), path, pair);

  test('is of interest as a program of the source architecture alone', () => {
    expect(kind(elfHead({ interpreter: true }))).toEqual({ what: 'program', role: 'program' });
    expect(kind(elfHead({ machine: 40 }))).toBeUndefined();
    // x32: a 32-bit class, but made for the other processor mode.
    expect(kind(elfHead({ machine: 62 }))).toBeUndefined();
    expect(kind(elfHead({ type: 4 }))).toBeUndefined();
  });

  test('says by its name what is around it', () => {
    expect(kind('home = /usr/bin\n', '/srv/app/venv/pyvenv.cfg')).toMatchObject({ folder: '/srv/app/venv' });
    expect(kind('ID=debian\n', '/srv/chroot/usr/lib/os-release')).toMatchObject({ folder: '/srv/chroot' });
    expect(kind('ID=debian\n', '/etc/os-release')).toBeUndefined();
    expect(kind('\x01', '/srv/pg/global/pg_control')).toMatchObject({ marker: 'postgresql', folder: '/srv/pg' });
  });

  test('tells a 32-bit Wine folder from another', () => {
    const registry = (word: string) =>
      `WINE REGISTRY Version 2\n;; All keys relative to \\\\Machine\n\n#arch=${word}\n`;
    expect(kind(registry('win32'), '/home/ann/.wine/system.reg')).toMatchObject({ folder: '/home/ann/.wine' });
    expect(kind(registry('win64'), '/home/ann/.wine/system.reg')).toBeUndefined();
  });
});

describe('a data format', () => {
  test('is known by its first bytes', () => {
    const format = (head: string) => recogniseFormat(bytes(head.padEnd(20, '\0')), pair.source);
    expect(format('RRD\x000003\0')).toBe('rrd');
    expect(format('\xcf\x9a\x57\x13')).toBe('gdbm');
    expect(format('\0\0\0\0\0\0\x08\0\0\0\0\0\xde\xc0\xef\xbe')).toBe('lmdb');
    // As the target writes it: nothing to do.
    expect(format('\0\0\0\0\0\0\0\0\0\0\x08\0\0\0\0\0\xde\xc0\xef\xbe')).toBeUndefined();
    expect(format('SQLite format 3\0')).toBeUndefined();
    expect(format('TDB file\n')).toBeUndefined();
  });
});

test('the folder of a PostgreSQL cluster is what the configuration says last', () => {
  expect(readDataDirectory("#data_directory = 'ConfigDir'\ndata_directory = '/srv/pg/15'\t# moved\n")).toBe(
    '/srv/pg/15',
  );
  expect(readDataDirectory("port = 5432\n#data_directory = '/x'\n")).toBeUndefined();
});

describe('databases of slapd', () => {
  test('are read from LDIF, folded or not', () => {
    const text = 'dn: olcDatabase={1}mdb\nobjectClass: olcMdbConfig\nolcDbDirectory: /var/lib/\n ldap\n';
    expect(readSlapdLdif('olcDatabase={1}mdb.ldif', text)).toEqual({ number: '1', directory: '/var/lib/ldap' });
    expect(readSlapdLdif('olcDatabase={0}config.ldif', 'dn: olcDatabase={0}config\n')).toBeUndefined();
    expect(readSlapdLdif('olcDatabase={2}ldif.ldif', text)).toBeUndefined();
  });

  test('are read from slapd.conf', () => {
    const text =
      'database config\ndatabase mdb\nsuffix "dc=a"\ndirectory "/var/lib/ldap"\ndatabase ldif\ndirectory /srv/text\n' +
      'database mdb\ndirectory /srv/b\n';
    expect(readSlapdConf(text)).toEqual([
      { number: '1', directory: '/var/lib/ldap' },
      { number: '3', directory: '/srv/b' },
    ]);
  });
});

describe('programs', () => {
  const program = (path: string, owner = 'root'): LocalProgram => ({ path, role: 'program', owner });
  const groups = (paths: readonly string[], virtualenvs: string[] = [], systems: string[] = []) =>
    groupPrograms(
      paths.map((path) => program(path)),
      { virtualenvs: new Set(virtualenvs), systems: new Set(systems) },
    ).map(({ group: { kind, path, files } }) => `${kind} ${path} ${files}`);

  test('are told by what a person knows them as', () => {
    expect(groups(['/srv/app/venv/lib/a.so', '/srv/app/venv/lib/b.so'], ['/srv/app/venv'])).toEqual([
      'virtualenv /srv/app/venv 2',
    ]);
    expect(groups(['/srv/c/usr/bin/a', '/srv/c/srv/venv/b'], ['/srv/c/srv/venv'], ['/srv/c'])).toEqual([
      'system /srv/c 2',
    ]);
    expect(groups(['/srv/a/node_modules/x/y.node', '/srv/a/node_modules/x/node_modules/z.node'])).toEqual([
      'node /srv/a/node_modules 2',
    ]);
    expect(groups(['/usr/lib/php/20220829/x.so'])).toEqual(['php /usr/lib/php/20220829 1']);
    expect(groups(['/usr/lib/apache2/modules/mod_x.so'])).toEqual(['apache /usr/lib/apache2/modules 1']);
    expect(groups(['/home/ann/.rvm/rubies/ruby-3/bin/ruby'])).toEqual(['rvm /home/ann/.rvm 1']);
    expect(groups(['/usr/local/lib/python3.11/dist-packages/x/y.so'])).toEqual([
      'pip /usr/local/lib/python3.11/dist-packages 1',
    ]);
    expect(groups(['/usr/lib/i386-linux-gnu/security/pam_x.so'])).toEqual(['pam /usr/lib/i386-linux-gnu/security 1']);
    expect(groups(['/usr/lib/i386-linux-gnu/sane/libsane-x.so.1', '/usr/lib/i386-linux-gnu/libx.so.1'])).toEqual([
      'other /usr/lib/i386-linux-gnu/libx.so.1 1',
      'plug-ins /usr/lib/i386-linux-gnu/sane 1',
    ]);
    expect(groups(['/usr/local/bin/x', '/usr/local/lib/i386-linux-gnu/x/part.so'])).toEqual(['other /usr/local 2']);
    expect(groups(['/opt/tool/bin/x'])).toEqual(['other /opt/tool/bin/x 1']);
    expect(groups(['/opt/tool/bin/x', '/opt/tool/lib/y.so'])).toEqual(['other /opt/tool 2']);
  });

  test('lie in a folder that a person would name', () => {
    expect(folderToName('/usr/local/bin/x')).toBe('/usr/local');
    expect(folderToName('/usr/local/tool/bin/x')).toBe('/usr/local/tool');
    expect(folderToName('/home/ann/src/x/y')).toBe('/home/ann/src');
    expect(folderToName('/home/ann/x')).toBe('/home/ann');
    expect(folderToName('/var/lib/munin/a/b.rrd')).toBe('/var/lib/munin');
  });
});

describe('files of packages', () => {
  const aliases = [['/lib', '/usr/lib']] as const;

  test('are where they really lie', () => {
    const owned = ownedPaths(['/.\n/lib/x.so\n/library/y\n'], [], aliases);
    expect([...owned]).toEqual(expect.arrayContaining(['/usr/lib/x.so', '/library/y']));
    expect(owned.has('/lib/x.so')).toBe(false);
  });

  test('are where they were diverted to; what takes their place by hand is nobody’s', () => {
    const local = { path: '/bin/a', divertedTo: '/bin/a.real', package: ':' };
    const ofPackage = { path: '/bin/b', divertedTo: '/bin/b.real', package: 'better-b' };
    const owned = ownedPaths(['/bin/a\n/bin/b\n'], [local, ofPackage], []);
    expect([...owned].sort()).toEqual(['', '/bin/a.real', '/bin/b', '/bin/b.real']);
  });
});

describe('configuration', () => {
  test('names paths with the old triplet, comments aside', () => {
    const text =
      '# /usr/lib/i386-linux-gnu/a\n\tauth required /lib/i386-linux-gnu/security/pam_x.so # x\nA=/usr/lib/i386-linux-gnu\n';
    expect(pathsWithTriplet(text, 'i386-linux-gnu')).toEqual([
      { line: 2, path: '/lib/i386-linux-gnu/security/pam_x.so' },
      { line: 3, path: '/usr/lib/i386-linux-gnu' },
    ]);
    expect(pathsWithTriplet('/usr/lib/i386-linux-gnux32/x and i386-linux-gnu\n', 'i386-linux-gnu')).toEqual([]);
  });

  test('names programs', () => {
    expect(pathsIn('#!/bin/sh\n17 * * * * ann /opt/x/bin/y --to=/srv/z >/dev/null\n').map(({ path }) => path)).toEqual([
      '/bin/sh',
      '/opt/x/bin/y',
      '/srv/z',
      '/dev/null',
    ]);
    const odd = '* * * * * cd /srv/app/ && ./bin/run "/srv/my app/x"\nExecStart=/srv/my\\x20app/z -v\n# /srv/none\n';
    expect(pathsIn(odd)).toEqual(
      expect.arrayContaining([
        { line: 1, path: '/srv/app/bin/run' },
        { line: 1, path: '/srv/my app/x' },
        { line: 2, path: '/srv/my app/z' },
      ]),
    );
    const targets = { files: new Set(['/opt/x/bin/y']), folders: new Set(['/srv/app/venv']) };
    expect(targetOf('/opt/x/bin/y', targets)).toBe('/opt/x/bin/y');
    expect(targetOf('/srv/app/venv/bin/gunicorn', targets)).toBe('/srv/app/venv');
    expect(targetOf('/srv/app/venv', targets)).toBe('/srv/app/venv');
    expect(targetOf('/srv/app/venv2/bin/x', targets)).toBeUndefined();
  });

  test('names programs without their folder, where a search path has it', () => {
    const targets = { files: new Set(['/usr/local/bin/nightly', '/opt/x/bin/y']), folders: new Set<string>() };
    expect(searchedIn('17 3 * * * root nightly --now; y\n', targets)).toEqual([
      { line: 1, path: '/usr/local/bin/nightly' },
    ]);
    expect(searchedIn('PATH=/opt/x/bin:/bin\n@daily y >/dev/null\n# nightly\n', targets)).toEqual([
      { line: 2, path: '/opt/x/bin/y' },
    ]);
    expect(searchedIn('ExecStart=-nightly -v\n', targets)).toEqual([{ line: 1, path: '/usr/local/bin/nightly' }]);
  });

  test('is told by what reads it', () => {
    expect(referenceKind('/etc/cron.daily/x')).toBe('cron');
    expect(referenceKind('/var/spool/cron/crontabs/ann')).toBe('cron');
    expect(referenceKind('/etc/systemd/system/x.service.d/a.conf')).toBe('unit');
    expect(referenceKind('/etc/init.d/x')).toBe('init');
    expect(referenceKind('/etc/pam.d/x')).toBe('configuration');
  });
});

test('what is preloaded is read as the loader reads it', () => {
  expect(readPreload('/a.so:/b.so # /c.so\n\n/d.so\t$LIB/e.so\n')).toEqual(['/a.so', '/b.so', '/d.so', '$LIB/e.so']);
});

test('the loader says what it could not load, of which file, and why', () => {
  const line = (from: string) =>
    `ERROR: ld.so: object '/usr/local/lib/libhook.so' from ${from} cannot be preloaded (wrong ELF class: ELFCLASS32): ignored.`;
  expect(readFailedPreloads(`${line('/etc/ld.so.preload')}\n${line('LD_PRELOAD')}\nanother line\n`)).toEqual([
    { entry: '/usr/local/lib/libhook.so', said: line('/etc/ld.so.preload') },
  ]);
});

const withPreloads = (...preloads: string[]) => ({
  ...soundInput,
  survey: { notLookedAt: [], software: { ...noSoftware, preloads } },
});

test('what helps against a library that is preloaded depends on where it is', () => {
  const remediesFor = (...preloads: string[]) => preload.findings(withPreloads(...preloads))[0]?.remedies ?? [];
  const [off, ...triplet] = remediesFor('/usr/lib/i386-linux-gnu/libjemalloc.so.2');
  expect(off).toEqual({ command: 'mv --backup=numbered /etc/ld.so.preload /etc/ld.so.preload.off' });
  expect(triplet).toEqual([{ hint: expect.stringContaining('/usr/$LIB/libjemalloc.so.2 instead of /usr/lib/i386-') }]);
  const [, ...own] = remediesFor('/usr/local/lib/libhook.so');
  expect(own).toEqual([{ hint: expect.stringMatching(/^\/usr\/local\/lib\/libhook\.so .* build it for amd64/) }]);
});

test('capabilities are read as old and new getcap print them', () => {
  expect(readCapabilities('/usr/bin/ping cap_net_raw=ep\n/usr/bin/old = cap_net_raw+ep\n')).toEqual([
    { path: '/usr/bin/old', capability: 'cap_net_raw+ep' },
    { path: '/usr/bin/ping', capability: 'cap_net_raw=ep' },
  ]);
});

describe('a look around', () => {
  const { context } = new World('bookworm-minimal');
  const rrd = 'RRD\x000003\0'.padEnd(600, '\0');
  const program = elfHead({ interpreter: true });

  async function look(files: Readonly<Record<RootPath, string>>, folders?: readonly RootPath[]) {
    const machine = new MemoryMachine();
    for (const [path, text] of Object.entries(files)) await machine.write(path as RootPath, text);
    return surveyRoot(machine, context.facts, pair, folders);
  }

  test('finds programs and what starts them, but no files of packages', async () => {
    const { software } = await look({
      '/var/lib/dpkg/info/tool.list': '/.\n/opt/packaged/x\n',
      '/opt/packaged/x': program,
      '/opt/tool/x': program,
      '/srv/app/venv/pyvenv.cfg': 'home = /usr/bin\n',
      '/srv/app/venv/lib/x.so': elfHead({ type: 3 }),
      '/etc/cron.d/job': '1 1 * * * root /opt/tool/x\n',
      '/etc/systemd/system/app.service': '[Service]\nExecStart=/srv/app/venv/bin/gunicorn\n',
      '/etc/pam.d/sshd': 'auth required /lib/i386-linux-gnu/security/pam_unix.so\n',
      '/etc/ld.so.conf.d/own.conf': '/usr/lib/i386-linux-gnu/own\n',
      '/etc/ld.so.preload': '/opt/tool/x /usr/lib/i386-linux-gnu/gone.so libfree.so\n',
    });
    expect(software?.groups.map(({ path }) => path)).toEqual(['/opt/tool/x', '/srv/app/venv']);
    expect(software?.references).toEqual([
      { file: '/etc/cron.d/job', line: 1, from: 'cron', target: '/opt/tool/x' },
      { file: '/etc/systemd/system/app.service', line: 2, from: 'unit', target: '/srv/app/venv' },
    ]);
    expect(software?.architecturePaths).toHaveLength(1);
    expect(software?.libraryPaths).toHaveLength(1);
    expect(software?.preloads).toEqual(['/opt/tool/x', '/usr/lib/i386-linux-gnu/gone.so']);
  });

  test('finds data by its content, and tells the files of one program together', async () => {
    const { data } = await look({
      '/usr/bin/rrdtool': '',
      '/var/lib/munin/a/one.rrd': rrd,
      '/var/lib/munin/b/two.rrd': rrd,
      '/srv/named.rrd': 'not one',
      '/srv/chroot/etc/os-release': 'ID=debian\n',
      '/srv/chroot/var/lib/munin/c.rrd': rrd,
    });
    expect(data).toEqual([{ kind: 'rrd', name: '', path: '/var/lib/munin', files: 2, bytes: 1200 }]);
  });

  test('looks into all of /var but for what is made again or passes through', async () => {
    const names = ['lib', 'graphs', 'www', 'opt', 'cache', 'log', 'tmp', 'run', 'lock', 'mail', 'spool', 'backups'];
    const { data } = await look({
      '/usr/bin/rrdtool': '',
      '/mnt/disk/one.rrd': rrd,
      ...Object.fromEntries(names.map((name) => [`/var/${name}/own/one.rrd`, rrd])),
    });
    expect(data?.map(({ path }) => path).sort()).toEqual(
      ['graphs', 'lib', 'opt', 'www'].map((name) => expect.stringContaining(`/var/${name}`)),
    );
  });

  test('knows clusters by their configuration, and those that were made by hand', async () => {
    const { data } = await look({
      '/etc/postgresql/15/main/postgresql.conf': "data_directory = '/srv/pg/15'\n",
      '/srv/pg/15/PG_VERSION': '15\n',
      '/etc/postgresql/13/gone/postgresql.conf': '',
      '/opt/own/PG_VERSION': '14\n',
      '/opt/own/global/pg_control': '\x01',
    });
    expect(data?.map(({ name, path }) => `${name} ${path}`)).toEqual([' /opt/own', '15/main /srv/pg/15']);
    expect(data?.map(({ trouble }) => trouble?.what)).toEqual(['idle', 'idle']);
  });

  test('knows why data cannot be carried over', async () => {
    const programs = Object.fromEntries(
      neededPrograms.map((name) => [`/usr/lib/postgresql/15/bin/${name}` as RootPath, '']),
    );
    const { data } = await look({
      ...programs,
      '/var/lib/munin/a/one.rrd': rrd,
      '/var/lib/postgresql/15/replica/PG_VERSION': '15\n',
      '/var/lib/postgresql/15/replica/standby.signal': '',
      '/var/lib/postgresql/15/torn/PG_VERSION': '15\n',
      '/var/lib/postgresql/15/broken/PG_VERSION': '',
      '/var/lib/postgresql/15/main.crossgrade-i386/PG_VERSION': '15\n',
      '/var/lib/ldap/data.mdb': '',
    });
    expect(Object.fromEntries(data?.map(({ path, trouble }) => [path, trouble?.what]) ?? [])).toEqual({
      '/var/lib/postgresql/15/replica': 'rebuild',
      '/var/lib/postgresql/15/torn': 'mend',
      '/var/lib/postgresql/15/broken': 'mend',
      '/var/lib/ldap': 'idle',
      '/var/lib/munin': 'mend',
    });
    expect(data?.find(({ path }) => path.endsWith('torn'))?.trouble?.text).toMatch(/global\/pg_control.* is missing$/);
  });

  test('misses data that is configured and not there, as where its filesystem is not mounted', async () => {
    const ldif = (directory: string) => `dn: olcDatabase={1}mdb\nolcDbDirectory: ${directory}\n`;
    const { data } = await look({
      '/usr/lib/postgresql/15/bin/postgres': '',
      '/etc/postgresql/15/main/postgresql.conf': "data_directory = '/srv/pg/main'\n",
      '/etc/postgresql/15/renamed/postgresql.conf': "data_directory = '/srv/pg/renamed'\n",
      '/srv/pg/renamed.crossgrade-i386/PG_VERSION': '15\n',
      // Neither a cluster nor a server.
      '/etc/postgresql/15/empty/pg_hba.conf': '',
      '/etc/postgresql/11/old/postgresql.conf': '',
      '/usr/sbin/slapcat': '',
      '/etc/ldap/slapd.d/cn=config/olcDatabase={1}mdb.ldif': ldif('/srv/ldap'),
      '/etc/ldap/slapd.d/cn=config/olcDatabase={2}mdb.ldif': ldif('/srv/renamed'),
      '/srv/renamed/crossgrade-i386/data.mdb': '',
    });
    expect(data?.map(({ path, trouble }) => `${path} ${trouble?.what} ${trouble?.text}`)).toEqual([
      '/srv/pg/main mend its data directory is not there: mount it, or, if it is gone for good, move /etc/postgresql/15/main elsewhere',
      '/srv/ldap mend there is no database in its directory: mount it, or take it out of the configuration of slapd',
    ]);
  });

  test('misses no database where slapd is not installed or not configured', async () => {
    const database = 'dn: olcDatabase={1}mdb\nolcDbDirectory: /srv/ldap\n';
    expect((await look({ '/usr/sbin/slapcat': '' })).data).toEqual([]);
    expect((await look({ '/etc/ldap/slapd.d/cn=config/olcDatabase={1}mdb.ldif': database })).data).toEqual([]);
  });

  test('tells a base backup from a cluster', async () => {
    const programs = neededPrograms.map((name): [RootPath, string] => [`/usr/lib/postgresql/15/bin/${name}`, '']);
    const cluster = (path: string) => ({ [`${path}/PG_VERSION`]: '15\n', [`${path}/backup_label`]: '' });
    const { data } = await look({
      ...Object.fromEntries(programs),
      ...cluster('/srv/backup'),
      '/srv/backup/postgresql.conf': '',
      '/srv/backup/global/pg_control': '\x01',
      ...cluster('/var/lib/postgresql/15/backup'),
      ...cluster('/var/lib/postgresql/15/restored'),
      '/etc/postgresql/15/restored/postgresql.conf': '',
      // Where a backup is made just now, by a server that runs.
      ...cluster('/var/lib/postgresql/15/main'),
      '/var/lib/postgresql/15/main/postmaster.pid': '4711\n',
      '/etc/postgresql/15/main/postgresql.conf': '',
    });
    const troubles = Object.fromEntries(data?.map(({ path, trouble }) => [path, trouble]) ?? []);
    expect(troubles).toMatchObject({
      '/srv/backup': { what: 'idle', text: expect.stringMatching(/^it is a base backup/) },
      '/var/lib/postgresql/15/backup': { what: 'idle' },
      '/var/lib/postgresql/15/restored': {
        what: 'mend',
        text: expect.stringMatching(/^it is a base backup that no server/),
      },
      '/var/lib/postgresql/15/main': { what: 'mend', text: expect.stringMatching(/^its files are not complete/) },
    });
  });

  test('says so when it was told to look nowhere', async () => {
    const { data, notLookedAt } = await look({ '/var/lib/munin/one.rrd': rrd }, []);
    expect(data).toEqual([]);
    expect(notLookedAt).toContainEqual({ what: 'programs and data outside packages', why: 'it was not asked for' });
  });
});

describe('check --scan', () => {
  const scan = (...words: string[]) => {
    const command = parseArguments(['check', ...words]);
    return command.name === 'check' ? command.scan : undefined;
  };

  test('names folders, or none', () => {
    expect(scan()).toBeUndefined();
    expect(scan('--scan', 'none')).toEqual([]);
    expect(scan('--scan', '/opt,/srv', '--scan', '/home')).toEqual(['/opt', '/srv', '/home']);
  });

  test('takes no relative path', () => {
    expect(() => scan('--scan', 'opt')).toThrow("--scan needs absolute paths, not 'opt'.");
  });
});

describe('what could not be looked at', () => {
  const why = 'only root may look at it';

  test('is told once, without what lies in it', () => {
    const unseen = ['/root', '/root/x', '/root', '/rooted'].map((what) => ({ what, why }));
    expect(condense([...unseen, { what: '/a', why: 'another reason' }])).toEqual([
      { what: '/root', why },
      { what: '/rooted', why },
      { what: '/a', why: 'another reason' },
    ]);
  });

  test('is counted when it is much', () => {
    const unseen = Array.from({ length: 20 }, (_, index) => ({ what: `/a${10 + index}`, why }));
    expect(condense(unseen)).toEqual([
      { what: '20 files and folders: /a10, /a11, /a12, /a13, /a14, /a15, /a16, /a17 and more', why },
    ]);
  });
});
