import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/base/machine.ts';
import { archiveFolder, waitingFile } from '../../../src/base/own-paths.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { asUser, othersFolder, rootsOwnFolder } from '../../../src/base/system/others-folder.ts';
import type { PostgresqlItem, SlapdItem } from '../../../src/data/exports.ts';
import { postgresqlAdapter } from '../../../src/data/system/carry-postgresql.ts';
import { slapdAdapter } from '../../../src/data/system/carry-slapd.ts';
import { findPair } from '../../../src/debian/architecture.ts';
import { takeArchives } from '../../../src/dpkg/system/archives.ts';
import { lostCapabilities } from '../../../src/files/capabilities.ts';
import { readCapabilitiesOfBefore } from '../../../src/files/system/file-check.ts';
import { type OpenedRoot, openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';

/** Somebody who owns a folder in which root has to change something, and would lead root elsewhere. */
const mallory = { uid: 4711, gid: 4711 };
const pair = findPair('i386', 'amd64');
if (!pair) throw new Error('There is no such pair');

let root: FreshRoot;
let opened: OpenedRoot;
let machine: Machine;

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
  opened = await openRoot(root.directory, { access: 'write' });
  machine = realMachine(opened);
  await sh('mkdir -m 755 /etc/theirs; echo secret > /etc/theirs/secret; install -d -o 4711 -g 4711 -m 755 /srv/app');
});

afterEach(async () => {
  await opened.close();
  await root.dispose();
});

async function sh(script: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.run(['bash', '-euo', 'pipefail', '-c', script]);
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}:\n${stdout}\n${stderr}`);
  return stdout;
}

async function asMallory(script: string): Promise<void> {
  const { exitCode, stderr } = await machine.run(asUser(mallory, ['sh', '-ec', script]));
  if (exitCode !== 0) throw new Error(stderr);
}

/** What is root's, and must stay as it is. */
const theirs = () => sh('cd /etc; find theirs* -printf "%p %U %m %l\\n" | sort');
const untouched = 'theirs 0 755 \ntheirs/secret 0 644 \n';

const common = { name: '1', bytes: 0, files: 1, state: 'exported' as const, stamp: '', differences: [], notes: [] };
const slapd = (path: RootPath): SlapdItem => ({
  ...common,
  ...mallory,
  kind: 'slapd',
  id: 'slapd-1',
  path,
  configuration: [],
  entries: 1,
});
const postgresql = (path: RootPath, ...elsewhere: RootPath[]): PostgresqlItem => ({
  ...common,
  ...mallory,
  kind: 'postgresql',
  id: 'postgresql-1',
  path,
  elsewhere,
  version: '15',
  mode: 0o700,
  configuration: path,
  superuser: 'postgres',
  databases: [],
  initdb: [],
});

describe('who owns a folder with data leads root to no other one', () => {
  test('by a symlink in the place of what is made', async () => {
    await asMallory('cd /srv/app; echo mine > data.mdb; ln -s /etc/theirs crossgrade-i386');
    await expect(slapdAdapter.setAside(machine, slapd('/srv/app'), pair)).rejects.toThrow();
    expect(await theirs()).toBe(untouched);
    await slapdAdapter.putBack(machine, slapd('/srv/app'), pair).catch(() => undefined);
    expect(await theirs()).toBe(untouched);
    expect(await sh('cat /srv/app/data.mdb')).toBe('mine\n');
  });

  test('by a symlink on the way', async () => {
    await sh('mkdir /etc/theirs/main /etc/theirs/main.crossgrade-new');
    const before = await theirs();
    await asMallory('cd /srv/app; mkdir 15; mv 15 old; ln -s /etc/theirs 15');
    const item = postgresql('/srv/app/15/main');
    await expect(postgresqlAdapter.setAside(machine, item, pair)).rejects.toThrow(/cannot be renamed/);
    const hands = othersFolder(machine, mallory);
    await expect(hands.remove('/srv/app/15/main.crossgrade-new')).rejects.toThrow(/cannot be removed/);
    await expect(hands.makeFolder('/srv/app/15/new', 0o700)).rejects.toThrow(/cannot be made/);
    expect(await theirs()).toBe(before);
  });

  test('by naming a folder of root’s for one of his', async () => {
    await asMallory('mkdir /srv/app/main; ln -s /etc/theirs /srv/app/main/pg_wal');
    const item = postgresql('/srv/app/main', '/etc/theirs');
    await expect(postgresqlAdapter.setAside(machine, item, pair)).rejects.toThrow(/somebody else than before/);
    await expect(othersFolder(machine, mallory).remove('/etc/theirs')).rejects.toThrow(/somebody else/);
    expect(await theirs()).toBe(untouched);
  });
});

test('what is an owner’s own is renamed, made, moved and removed, also in a folder that is root’s alone', async () => {
  const hands = othersFolder(machine, mallory);
  await asMallory('cd /srv/app; mkdir -p data/inner; echo mine > data/file');
  await hands.rename('/srv/app/data', '/srv/app/data.crossgrade-i386');
  await hands.makeFolder('/srv/app/data', 0o750);
  await hands.moveInto('/srv/app/data', '/srv/app/data.crossgrade-i386/file');
  await hands.rename('/srv/app', '/srv/app.crossgrade-i386');
  await hands.makeFolder('/srv/app', 0o700);
  await hands.makeFolder('/srv/app', 0o700);
  expect(await sh('cd /srv; find . -printf "%p %U:%G %m\\n" | sort')).toBe(
    `. 0:0 755
./app 4711:4711 700
./app.crossgrade-i386 4711:4711 755
./app.crossgrade-i386/data 4711:4711 750
./app.crossgrade-i386/data.crossgrade-i386 4711:4711 755
./app.crossgrade-i386/data.crossgrade-i386/inner 4711:4711 755
./app.crossgrade-i386/data/file 4711:4711 644
`,
  );
  await hands.remove('/srv/app.crossgrade-i386/data.crossgrade-i386');
  await hands.remove('/srv/app.crossgrade-i386');
  expect(await sh('ls /srv')).toBe('app\n');
});

test('a folder is root’s alone where nobody else decides what stands on the way', async () => {
  await sh(`mkdir -p /srv/app/of-root /tmp/of-root /var/lib/shared; chmod 775 /var/lib/shared; chgrp 4711 /var/lib/shared
ln -s /srv /etc/way; ln -s of-root /tmp/way; ln -s /srv/app/of-root /etc/astray`);
  const asked: RootPath[] = ['/etc', '/', '/etc/way', '/etc/way/../var', '/tmp/of-root', '/tmp/way'];
  for (const path of asked) expect(await rootsOwnFolder(machine, path), path).toBeDefined();
  expect(await rootsOwnFolder(machine, '/etc/way')).toBe('/srv');
  const others: RootPath[] = ['/srv/app', '/srv/app/of-root', '/tmp', '/var/lib/shared', '/etc/astray', '/nowhere'];
  for (const path of others) expect(await rootsOwnFolder(machine, path), path).toBeUndefined();
});

test('capabilities are set again on what only root can have put there', async () => {
  const capability = 'cap_net_raw=ep';
  const paths = ['/usr/local/bin/root-tool', '/srv/app/tool', '/usr/local/bin/theirs', '/usr/local/bin/link'];
  const [tool = '', own = '', given = '', link = ''] = paths;
  await sh(
    `for file in ${tool} ${own} ${given}; do cp /bin/true $file; done; ln -s ${own} ${link}; chown 4711 ${own} ${given}`,
  );
  const record = { version: 1, capabilities: paths.map((path) => ({ path, capability })), jobs: {}, queuedMail: 0 };
  await machine.write(waitingFile, JSON.stringify(record));
  // What getcap(8) says is no matter: none has any.
  await sh("printf '#!/bin/sh\\n' > /usr/local/sbin/getcap; chmod 755 /usr/local/sbin/getcap");
  const found = await readCapabilitiesOfBefore(machine);
  expect(lostCapabilities(found?.before ?? [], found?.now ?? [])).toEqual([{ path: tool, capability }]);
});

test('archives are root’s before their sums are looked at, and nobody has one open any more', async () => {
  await sh(`mkdir -p ${archiveFolder}; cd ${archiveFolder}; echo one > one.deb; echo two > two.deb
ln -s /etc/theirs/secret link.deb; ln two.deb /srv/app/two.deb; chown -h -R 4711:4711 ${archiveFolder}`);
  const writing = machine.run(asUser(mallory, ['sh', '-c', `exec 9>> ${archiveFolder}/one.deb; sleep 2`]));
  await sh('sleep 0.5');
  const begun = Date.now();
  await takeArchives(machine);
  expect(Date.now() - begun).toBeGreaterThan(500);
  await writing;
  expect(await sh(`cd ${archiveFolder}; find . -printf "%p %U %m\\n" | sort`)).toBe('. 0 755\n./one.deb 0 644\n');
  expect(await theirs()).toBe(untouched);
});
