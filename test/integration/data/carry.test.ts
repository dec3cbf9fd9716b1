import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dropExports, exportData, importData, retryImports } from '../../../src/data/system/carry.ts';
import {
  dataPackages,
  dataState,
  exportsFolder,
  fillData,
  manifestIn,
  shell,
  statesIn,
} from '../../support/roots/data-root.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../../support/roots/roots.ts';
import { type Deed, performOn } from '../../support/runs/perform-on.ts';

/**
 * Export, import and the way back alone, without a crossgrade between them: the programs that import are the ones that
 * exported, which is as good for what is tested here, and takes seconds.
 */
let filled: FrozenRoot;
let before: string;

beforeAll(async () => {
  const root = await freshRoot({ suite: 'bookworm', packages: dataPackages });
  await fillData(root.directory, { rows: 200, entries: 50, rrdFiles: 5 });
  before = await dataState(root.directory);
  filled = await snapshot(root);
});

afterAll(async () => filled?.dispose());

const asOpenldap = 'setpriv --reuid=openldap --regid=openldap --init-groups';

const perform = (directory: string, deed: Deed) =>
  performOn(directory, deed, { step: 'switch/data', plan: { endState: { 'postgresql-15:amd64': '1' } } });

const retry: Deed = async (performance) => {
  await retryImports(performance.machine);
  await importData(performance);
};

async function on(work: (directory: string) => Promise<void>): Promise<void> {
  const root = await freshRoot(filled);
  try {
    await work(root.directory);
  } finally {
    await root.dispose();
  }
}

/** A program that has a file open, to write to it or to read it. */
async function withUser<Value>(file: string, flags: 'r' | 'r+', work: (pid: number) => Promise<Value>): Promise<Value> {
  const input = openSync(file, flags);
  const user = spawn('sleep', ['3600'], { stdio: [input, 'ignore', 'ignore'] });
  closeSync(input);
  try {
    return await work(user.pid ?? 0);
  } finally {
    user.kill('SIGKILL');
  }
}

test('a directory that somebody has loaded by hand after its import failed is not touched', () =>
  on(async (directory) => {
    expect(await perform(directory, exportData)).not.toHaveProperty('failure');
    const folder = join(directory, exportsFolder, 'slapd-1');
    const good = ['database.ldif', 'SHA256SUMS'].map((name) => [name, readFileSync(join(folder, name))] as const);
    await shell(
      directory,
      `cd /${exportsFolder}/slapd-1; sed -i 's/^uid: user40$/no such attribute: x/' database.ldif; sha256sum ./database.ldif > SHA256SUMS`,
    );
    expect((await perform(directory, importData)).said).toContain('slapadd does not take the entries');
    expect(statesIn(directory)).toMatchObject({ 'slapd-1': 'failed', 'slapd-2': 'imported', rrd: 'imported' });
    // What slapadd had written until then.
    expect(readdirSync(join(directory, 'var/lib/ldap')).filter((name) => name.endsWith('mdb'))).toEqual([]);

    for (const [name, bytes] of good) writeFileSync(join(folder, name), bytes);
    const users = `cd /; ${asOpenldap} slapcat -n 1 | grep -a ^cn:`;
    await shell(
      directory,
      `sed 's/^cn: User 7$/cn: By hand/' /${exportsFolder}/slapd-1/database.ldif | ${asOpenldap} slapadd -q -n 1`,
    );
    const byHand = await shell(directory, users);
    expect(byHand).toContain('cn: By hand\n');
    expect((await perform(directory, retry)).said).toContain('somebody has made a database in /var/lib/ldap meanwhile');
    expect(statesIn(directory)).toMatchObject({ 'slapd-1': 'failed' });
    expect(await shell(directory, users)).toBe(byHand);

    await shell(directory, 'mkdir /root/ours; mv /var/lib/ldap/*.mdb /root/ours');
    await perform(directory, retry);
    expect(new Set(Object.values(statesIn(directory)))).toEqual(new Set(['imported']));
    expect(await dataState(directory)).toBe(before);
  }));

test('what a killed import has left of a directory is no reason not to import it', () =>
  on(async (directory) => {
    await perform(directory, exportData);
    await shell(
      directory,
      `cd /; : > /${exportsFolder}/slapd-1/importing; head -n 40 /${exportsFolder}/slapd-1/database.ldif | ${asOpenldap} slapadd -q -n 1 || true`,
    );
    expect(existsSync(join(directory, 'var/lib/ldap/data.mdb'))).toBe(true);
    await perform(directory, importData);
    expect(await dataState(directory)).toBe(before);
  }));

test('a directory that somebody writes to is not exported, taken away or imported; a backup only reads it', () =>
  on(async (directory) => {
    await withUser(join(directory, 'var/lib/ldap/data.mdb'), 'r+', async (pid) => {
      const what = `slapd’s database 1 in /var/lib/ldap is in use by sleep (process ${pid}): stop it`;
      expect(await perform(directory, exportData)).toMatchObject({
        failure: {
          code: 'CG0281',
          message: expect.stringContaining(what),
          hint: expect.stringContaining('The data is as it was, and what uses it runs again'),
        },
      });
      expect(existsSync(join(directory, exportsFolder))).toBe(false);
    });
    expect(await perform(directory, exportData)).not.toHaveProperty('failure');
    const aside = join(directory, 'var/lib/ldap/crossgrade-i386/data.mdb');
    await withUser(aside, 'r+', async (pid) => {
      const { said } = await perform(directory, importData);
      expect(said).toContain(`is in use by sleep (process ${pid})`);
      expect(statesIn(directory)).toMatchObject({ 'slapd-1': 'failed', 'slapd-2': 'imported', rrd: 'imported' });
    });
    await withUser(aside, 'r', () => perform(directory, retry));
    expect(await dataState(directory)).toBe(before);
  }));

test('one thing that cannot be put back keeps nothing else from it, on the way back and after a failed export', () =>
  on(async (directory) => {
    await perform(directory, exportData);
    const inTheWay = join(directory, 'var/lib/postgresql/15/main');
    mkdirSync(inTheWay);
    const stuck = 'PostgreSQL cluster 15/main could not be put back: /var/lib/postgresql/15/main is there already';
    expect(await perform(directory, dropExports)).toMatchObject({
      failure: {
        code: 'CG0283',
        details: [expect.stringContaining(stuck), expect.stringMatching(/^kept from running/)],
      },
    });
    expect(existsSync(join(directory, 'srv/pg/second/PG_VERSION'))).toBe(true);
    expect(existsSync(join(directory, 'var/lib/ldap/data.mdb'))).toBe(true);
    expect(existsSync(join(directory, exportsFolder, 'postgresql-15-main/globals.sql'))).toBe(true);
    expect(await perform(directory, exportData)).toMatchObject({
      failure: {
        code: 'CG0281',
        details: expect.arrayContaining([expect.stringContaining(stuck)]),
        hint: expect.stringContaining('Not everything is as it was'),
      },
    });
    rmSync(inTheWay, { recursive: true });
    expect(await perform(directory, dropExports)).not.toHaveProperty('failure');
    expect(existsSync(join(directory, exportsFolder))).toBe(false);
    expect(await dataState(directory)).toBe(before);
  }));

test('what somebody has made while the export was interrupted is carried over as well', () =>
  on(async (directory) => {
    await perform(directory, exportData);
    // As a power cut leaves it that comes while the originals are taken away.
    const manifest = { ...manifestIn(directory), complete: false };
    writeFileSync(join(directory, exportsFolder, 'manifest.json'), JSON.stringify(manifest));
    const third = 'setpriv --reuid=postgres --regid=postgres --init-groups psql --cluster 15/third -X -A -t -q';
    await shell(
      directory,
      `cd /; pg_createcluster -p 5501 15 third >&2; pg_ctlcluster 15 third start
${third} -c 'CREATE TABLE late AS SELECT generate_series(1, 1000) AS n'
pg_ctlcluster 15 third stop
cp -a /var/lib/munin/example/3.rrd /var/lib/munin/example/0-late.rrd`,
    );
    expect(await perform(directory, exportData)).not.toHaveProperty('failure');
    expect(manifestIn(directory).holds).toContainEqual({
      unit: 'postgresql@15-third.service',
      wasActive: false,
      items: ['postgresql-15-third'],
    });
    await perform(directory, importData);
    expect(statesIn(directory)).toMatchObject({ 'postgresql-15-third': 'imported', rrd: 'imported' });
    expect(manifestIn(directory).holds).toEqual([]);
    expect(existsSync(join(directory, 'var/lib/munin/example/0-late.rrd.crossgrade-i386'))).toBe(true);
    const sum = await shell(
      directory,
      `cd /; pg_ctlcluster 15 third start; ${third} -c 'SELECT sum(n) FROM late'; pg_ctlcluster 15 third stop
pg_dropcluster 15 third; rm /var/lib/munin/example/0-late.rrd*`,
    );
    expect(sum.trim()).toBe('500500');
    expect(await dataState(directory)).toBe(before);
  }));

test('PostgreSQL’s programs are never root: what a dump has them do, they do as the owner of the cluster', () =>
  on(async (directory) => {
    await shell(
      directory,
      `cd /usr/lib/postgresql/15/bin; install -m 666 /dev/null /tmp/ids
for name in psql pg_dump pg_dumpall pg_restore vacuumdb initdb; do
  mv $name $name.real
  printf '#!/bin/sh\necho "%s $(id -un)" >>/tmp/ids\nexec /usr/lib/postgresql/15/bin/%s.real "$@"\n' $name $name >$name; chmod 755 $name
done`,
    );
    expect(await perform(directory, exportData)).not.toHaveProperty('failure');
    await perform(directory, importData);
    expect(statesIn(directory)).toMatchObject({ 'postgresql-15-main': 'imported' });
    const ids = (await shell(directory, 'sort -u /tmp/ids')).trim().split('\n');
    expect(ids).toEqual(
      ['initdb', 'pg_dump', 'pg_dumpall', 'pg_restore', 'psql', 'vacuumdb'].map((one) => `${one} postgres`),
    );
  }));
