import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readElfHead } from '../../../src/base/elf.ts';
import type { Finding } from '../../../src/base/finding.ts';
import type { RootInfo, RootPath } from '../../../src/base/root.ts';
import type { Survey } from '../../../src/check/survey.ts';
import { findingsOf } from '../../../src/check/system/assess.ts';
import { surveyRoot } from '../../../src/check/system/survey-root.ts';
import { neededPrograms } from '../../../src/data/postgresql.ts';
import { resolveInRoot } from '../../../src/machine/files/resolve-in-root.ts';
import { type Place, scanFolders } from '../../../src/machine/files/scan.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { readFacts } from '../../../src/run/system/read-facts.ts';
import { checks } from '../../../steps/check/index.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';

let root: FreshRoot;

beforeAll(async () => {
  root = await freshRoot('bookworm-minimal');
});

afterAll(() => root.dispose());

const at = (path: RootPath) => join(root.directory, path);

function put(path: RootPath, content: string, mode = 0o644): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content, { mode });
}

function copy(from: RootPath, to: RootPath): void {
  mkdirSync(dirname(at(to)), { recursive: true });
  copyFileSync(at(from), at(to));
}

async function asUser<Value>(uid: number, work: () => Promise<Value>): Promise<Value> {
  process.seteuid?.(uid);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** What the checks of this piece say of the root. */
async function look(
  folders?: readonly RootPath[],
  uid = 0,
): Promise<{ survey: Survey; findings: Map<string, Finding>; unreadable: readonly RootPath[] }> {
  const opened = await openRoot(root.directory, { access: 'read' });
  try {
    const machine = realMachine(opened);
    const facts = await readFacts(machine);
    const survey = await asUser(uid, () => surveyRoot(machine, facts, pair, folders));
    const info: RootInfo = opened.info;
    const input = { pair, root: info, facts, answers: {}, aptComplaints: [], survey };
    const all = checks.filter(({ id }) => /^(data|software)\//.test(id)).flatMap((check) => findingsOf(check, input));
    return { survey, findings: new Map(all.map((one) => [one.id, one])), unreadable: machine.unreadable() };
  } finally {
    await opened.close();
  }
}

describe('what a package manager cannot see', () => {
  test('is nothing on a root as it was installed', async () => {
    const { survey, findings } = await look();
    expect([...findings.values()].map(({ id, affected }) => [id, affected])).toEqual([]);
    expect(survey.notLookedAt.filter(({ what }) => what !== 'file capabilities')).toEqual([]);
  });

  describe('on a root with everything', () => {
    let findings: Map<string, Finding>;
    let survey: Survey;

    beforeAll(async () => {
      copy('/bin/true', '/opt/tool/bin/x');
      mkdirSync(at('/usr/local/bin'), { recursive: true });
      symlinkSync('/opt/tool/bin/x', at('/usr/local/bin/tool'));
      put('/srv/app/venv/pyvenv.cfg', 'home = /usr/bin\nversion = 3.11.2\n');
      put('/srv/app/venv/bin/gunicorn', '#!/srv/app/venv/bin/python\n', 0o755);
      for (const name of ['a', 'b']) {
        copy('/lib/i386-linux-gnu/libz.so.1', `/srv/app/venv/lib/python3.11/site-packages/${name}.so`);
      }
      execFileSync('chown', ['-R', '33:33', at('/srv/app')]);
      copy('/lib/i386-linux-gnu/libz.so.1', '/srv/web/node_modules/addon/build/addon.node');
      copy('/bin/true', '/srv/chroot/bin/true');
      put('/srv/chroot/etc/os-release', 'ID=debian\n');
      copy('/lib/i386-linux-gnu/libz.so.1', '/usr/lib/apache2/modules/mod_own.so');
      put('/etc/apache2/mods-available/own.load', 'LoadModule own /usr/lib/apache2/modules/mod_own.so\n');
      put('/etc/cron.d/tool', 'PATH=/usr/bin\n# runs at night\n5 3 * * * root /usr/local/bin/tool --all\n');
      put('/var/spool/cron/crontabs/www-data', '@daily /srv/app/venv/bin/python /srv/app/clean.py\n', 0o600);
      put('/etc/systemd/system/app.service', '[Service]\nExecStart=/srv/app/venv/bin/gunicorn app:main\n');
      put('/etc/ld.so.preload', '/opt/tool/bin/x\n');
      put('/etc/ld.so.conf.d/own.conf', '/usr/lib/i386-linux-gnu/own\n');
      put('/etc/pam.d/own', 'auth required /lib/i386-linux-gnu/security/pam_unix.so\n');
      copy('/lib/i386-linux-gnu/security/pam_permit.so', '/lib/i386-linux-gnu/security/pam_ours.so');
      put(
        '/etc/cron.d/nightly',
        'PATH=/opt/tool/bin:/bin\n1 1 * * * root x --now\n2 2 * * * root cd /opt/tool; ./bin/x\n',
      );
      put('/etc/pam.d/ours', 'auth required pam_ours.so\n-auth optional pam_absent.so\n');
      put('/var/lib/munin/host/load.rrd', 'RRD\x000003\0'.padEnd(1000, '\0'));
      put('/etc/postgresql/15/main/postgresql.conf', "data_directory = '/var/lib/postgresql/15/main'\n");
      put('/var/lib/postgresql/15/main/PG_VERSION', '15\n');
      put('/var/lib/postgresql/15/main/global/pg_control', '\x01\x02');
      put('/home/ann/.wine/system.reg', 'WINE REGISTRY Version 2\n;; All keys\n\n#arch=win32\n');
      // A package's own files, and what a symlink leads to, are no local software.
      symlinkSync('/usr/lib/i386-linux-gnu', at('/opt/libraries'));
      chmodSync(at('/var/spool/cron/crontabs'), 0o700);
      ({ findings, survey } = await look());
    });

    test('is all found, and nothing else', () => {
      expect([...findings.keys()].sort()).toEqual([
        'data/damaged',
        'data/without-program',
        'software/architecture-paths',
        'software/configured',
        'software/library-path',
        'software/local-libraries',
        'software/local-programs',
        'software/other-systems',
        'software/pam-module',
        'software/preload',
        'software/source-only',
        'software/started',
        'software/virtualenvs',
      ]);
    });

    test('is told by name, kind and owner', () => {
      expect(findings.get('software/local-programs')?.affected).toEqual([
        '/opt/tool/bin/x: a 32-bit file (root)',
        'Apache modules in /usr/lib/apache2/modules: a 32-bit file (root)',
        'Node.js modules in /srv/web/node_modules: a 32-bit file (root)',
        'PAM modules in /usr/lib/i386-linux-gnu/security: a 32-bit file (root)',
        'virtualenv /srv/app/venv: 2 32-bit files (www-data)',
      ]);
      expect(findings.get('software/pam-module')?.affected).toEqual([
        '/lib/i386-linux-gnu/security/pam_unix.so (libpam-modules), named in /etc/pam.d/own',
        '/usr/lib/i386-linux-gnu/security/pam_ours.so (in no package), named in /etc/pam.d/ours',
      ]);
      // What they need is asked of the loader.
      expect(findings.get('software/local-libraries')?.affected).toEqual(['/opt/tool/bin/x: libc6']);
      expect(findings.get('software/virtualenvs')?.affected).toEqual(['/srv/app/venv: 2 compiled files (www-data)']);
      expect(findings.get('software/other-systems')?.affected).toEqual(['/srv/chroot']);
      expect(findings.get('data/without-program')?.affected).toEqual([
        expect.stringMatching(/^cluster 15\/main: \/var\/lib\/postgresql\/15\/main \(\d+ KiB\): the programs of /),
      ]);
      expect(findings.get('data/damaged')?.affected).toEqual([
        '/var/lib/munin (1 KiB): the program rrdtool, which exports them, is not installed',
      ]);
    });

    test('is told with the lines that name it, through symlinks as well', () => {
      expect(findings.get('software/started')?.affected).toEqual([
        'cron job /etc/cron.d/nightly, line 2: /opt/tool/bin/x',
        'cron job /etc/cron.d/nightly, line 3: /opt/tool/bin/x',
        'cron job /etc/cron.d/tool, line 3: /opt/tool/bin/x',
        'systemd unit /etc/systemd/system/app.service, line 2: /srv/app/venv',
        'cron job /var/spool/cron/crontabs/www-data, line 1: /srv/app/venv',
      ]);
      expect(findings.get('software/configured')?.affected).toEqual([
        'configuration /etc/apache2/mods-available/own.load, line 1: /usr/lib/apache2/modules/mod_own.so',
      ]);
      expect(findings.get('software/architecture-paths')?.affected).toEqual([
        '/etc/pam.d/own, line 1: /lib/i386-linux-gnu/security/pam_unix.so',
      ]);
      expect(findings.get('software/preload')?.affected).toEqual(['/opt/tool/bin/x']);
    });

    test('and looking leaves access times alone', () => {
      expect(survey.software?.groups.map(({ path }) => path)).toContain('/opt/tool/bin/x');
      const file = at('/opt/tool/bin/x');
      execFileSync('touch', ['-a', '-d', '2001-01-01', file]);
      return look(['/opt']).then(() => expect(statSync(file).atime.getUTCFullYear()).toBe(2001));
    });

    test('is found by an ordinary user as well, and what he may not see is listed', async () => {
      const { findings: some, survey: seen, unreadable } = await look(undefined, 65534);
      expect(some.get('software/local-programs')).toEqual(findings.get('software/local-programs'));
      expect(seen.notLookedAt.map(({ what }) => what)).toEqual(['/root', 'file capabilities']);
      expect(unreadable).toContain('/var/spool/cron/crontabs');
    });

    test('is said not to be looked at where it is only for root, and neither missing nor damaged', async () => {
      for (const program of neededPrograms) {
        put(`/usr/lib/postgresql/15/bin/${program}`, '#!/bin/sh\nexit 1\n', 0o755);
      }
      put('/usr/sbin/slapcat', '', 0o755);
      put('/etc/ldap/slapd.conf', 'database mdb\ndirectory /var/lib/ldap\n');
      put('/var/lib/ldap/data.mdb', '');
      put('/etc/postgresql/15/other/postgresql.conf', "data_directory = '/srv/pg/other'\n");
      put('/srv/pg/other/PG_VERSION', '15\n');
      put('/srv/pg/other/global/pg_control', '\x01\x02', 0o600);
      const folders: RootPath[] = ['/var/lib/postgresql/15/main', '/var/lib/ldap'];
      for (const folder of folders) chmodSync(at(folder), 0o700);
      const { findings: some, survey: seen } = await look(undefined, 65534);
      expect(some.get('data/damaged')?.affected).toEqual(findings.get('data/damaged')?.affected);
      expect(JSON.stringify([...some.values()])).not.toMatch(/not there|pg_dropcluster/);
      expect(seen.notLookedAt.map(({ what }) => what)).toEqual(expect.arrayContaining([...folders, '/srv/pg/other']));
      // To root they are what they are.
      const { findings: all } = await look();
      expect(all.get('data/damaged')?.affected).toHaveLength(3);
      for (const folder of [
        '/usr/lib/postgresql',
        '/srv/pg',
        '/var/lib/ldap',
        '/etc/ldap',
        '/etc/postgresql/15/other',
      ]) {
        rmSync(at(folder as RootPath), { recursive: true });
      }
      rmSync(at('/usr/sbin/slapcat'));
    });

    test('is looked for where it was asked for alone', async () => {
      const { findings: some } = await look(['/srv/web']);
      expect(some.get('software/local-programs')?.affected).toEqual([
        'Node.js modules in /srv/web/node_modules: a 32-bit file (root)',
      ]);
      expect(some.get('data/damaged')).toBeUndefined();
      // Clusters are known by their configuration.
      expect(some.get('data/without-program')).toBeDefined();
    });
  });
});

describe('a scan', () => {
  const place = (path: RootPath): Place => ({ path, host: resolveInRoot(root.directory, path, { followLast: true }) });
  const options = { skip: new Set<string>(), prune: new Set<string>(), otherFilesystems: true };
  const scan = (paths: readonly RootPath[]) =>
    scanFolders(paths.map(place), { ...options, recognise: (head) => readElfHead(head)?.bits }, '/');

  test('enters local filesystems, each once, and no virtual ones', async () => {
    const mounted: RootPath[] = [];
    const mount = (path: RootPath, ...words: string[]) => {
      mkdirSync(at(path), { recursive: true });
      execFileSync('mount', [...words, at(path)]);
      mounted.unshift(path);
    };
    try {
      mount('/mounts/disk', '-t', 'tmpfs', 'tmpfs');
      mount('/mounts/again', '--bind', at('/mounts/disk'));
      mount('/mounts/virtual', '-t', 'proc', 'proc');
      copy('/bin/true', '/mounts/disk/program');
      const { found, unseen } = await scan(['/mounts']);
      expect(found.map(({ path }) => path)).toEqual([expect.stringMatching(/^\/mounts\/(disk|again)\/program$/)]);
      expect(unseen).toEqual([]);
    } finally {
      for (const path of mounted) execFileSync('umount', [at(path)]);
    }
  });

  test('names what an ordinary user may not see', async () => {
    put('/home/secret/x', '');
    put('/home/hidden', '', 0o600);
    chmodSync(at('/home/secret'), 0o700);
    const { unseen } = await asUser(65534, () => scan(['/home']));
    expect(unseen).toEqual([
      { path: '/home/hidden', why: 'forbidden' },
      { path: '/home/secret', why: 'forbidden' },
    ]);
  });

  test('names what cannot be named', async () => {
    mkdirSync(at('/names'));
    copy('/bin/true', '/names/plain');
    execFileSync('sh', ['-c', 'cp plain "$(printf "b\\344h")"'], { cwd: at('/names') });
    const { found, unseen } = await scan(['/names']);
    expect(found.map(({ path }) => path)).toEqual(['/names/plain']);
    expect(unseen).toEqual([{ path: '/names/b\ufffdh', why: 'name' }]);
  });
});
