import { describe, expect, test } from 'vitest';
import type { DataStore } from '../../../src/data/data-survey.ts';
import {
  type Exports,
  exportsSchema,
  idleHolds,
  openHolds,
  type PostgresqlItem,
  type RrdItem,
  readExports,
} from '../../../src/data/exports.ts';
import { compareData, hasDataLeft, unimported } from '../../../src/data/outcome.ts';
import {
  administratorsEntries,
  type ClusterOverview,
  exportNotes,
  initdbArguments,
  readControlData,
  readOverview,
  refusals,
} from '../../../src/data/postgresql.ts';
import {
  emptiedTables,
  readFingerprintDiff,
  readRestoreErrors,
  tableNamesQuery,
} from '../../../src/data/postgresql-comparison.ts';
import { linesOfSuperuser, serverOptions, serverSettings } from '../../../src/data/postgresql-server-options.ts';
import { readRrdRemarks } from '../../../src/data/rrd.ts';
import { dataNeeds, estimate } from '../../../src/data/space.ts';
import { leftByRrdWriters, readJobs, readUnit, unitsOf } from '../../../src/data/units.ts';
import type { StepContext } from '../../../src/run/step.ts';
import { importData } from '../../../steps/switch/import-data.ts';

const mebibyte = 1024 * 1024;

const control = `pg_control version number:            1300
Catalog version number:               202209061
Database cluster state:               shut down
Bytes per WAL segment:                33554432
Data page checksum version:           1
`;

const database = {
  name: 'template0',
  connectable: false,
  limit: -1,
  encoding: 'UTF8',
  collate: 'de_DE.UTF-8',
  ctype: 'C',
  provider: 'c' as const,
  locale: null,
};
const overview: ClusterOverview = {
  superuser: 'postgres',
  strange: [],
  prepared: 0,
  slots: [],
  subscriptions: [],
  archives: false,
  preload: [],
  databases: [database, { ...database, name: 'app', connectable: true }],
};

describe('a cluster', () => {
  test('is known by what pg_controldata says', () => {
    expect(readControlData(control, '')).toEqual({
      catalogVersion: '202209061',
      state: 'shut down',
      checksums: true,
      walSegmentMebibytes: 32,
    });
  });

  test('whose control file is damaged is told in words', () => {
    const warning = 'WARNING: Calculated CRC checksum does not match value stored in file.\n';
    expect(readControlData(`${warning}${control}`, '')).toBe('its file global/pg_control is damaged');
    expect(readControlData(control.replace('Catalog version', 'Something'), '')).toMatch(/cannot be read$/);
  });

  test('is made anew with the same properties', () => {
    const properties = { catalogVersion: '1', state: '', checksums: true, walSegmentMebibytes: 32 };
    expect(initdbArguments('15', overview, properties, 0o750)).toEqual([
      '--username=postgres',
      '--auth=trust',
      '--encoding=UTF8',
      '--lc-collate=de_DE.UTF-8',
      '--lc-ctype=C',
      '--locale-provider=libc',
      '--data-checksums',
      '--wal-segsize=32',
      '--allow-group-access',
      '--no-sync',
    ]);
    expect(initdbArguments('13', overview, { ...properties, checksums: false }, 0o700)).not.toContain(
      '--data-checksums',
    );
    const icu = { ...overview, databases: [{ ...database, provider: 'i' as const, locale: 'de' }] };
    expect(initdbArguments('15', icu, properties, 0o700)).toContain('--icu-locale=de');
  });

  test('that no dump can hold in full is refused', () => {
    expect(refusals(overview)).toEqual([]);
    expect(refusals({ ...overview, strange: ['a\n\\! id'] })[0]).toMatch(
      /has a line break: "a\\n\\\\! id": rename it$/,
    );
    expect(refusals({ ...overview, prepared: 2 })[0]).toMatch(/^it has 2 prepared transactions/);
    const closed = { ...database, name: 'closed' };
    expect(refusals({ ...overview, databases: [closed] })[0]).toMatch(/^its database closed allows no connections/);
    const torn = { ...database, name: 'torn', connectable: true, limit: -2 };
    expect(refusals({ ...overview, databases: [torn] })[0]).toMatch(/^the removal of its database torn/);
  });

  test('names what somebody has to make again', () => {
    expect(exportNotes(overview)).toEqual([]);
    expect(exportNotes({ ...overview, slots: ['a'], subscriptions: ['b'], archives: true })).toHaveLength(3);
  });

  test('is described by one line of JSON, and by nothing else', () => {
    expect(readOverview(JSON.stringify(overview))).toEqual(overview);
    expect(() => readOverview('{"superuser": "x"}')).toThrow();
  });

  test('gets its configuration, certificates and logs, and nothing of the old server', () => {
    const names = ['base', 'global', 'PG_VERSION', 'server.crt', 'postgresql.auto.conf', 'log', 'pg_wal', 'core.17'];
    expect(administratorsEntries(names)).toEqual(['server.crt', 'postgresql.auto.conf', 'log']);
  });
});

describe('a private server', () => {
  const server = {
    version: '15',
    dataDirectory: '/srv/x y',
    configuration: '/etc/postgresql/15/main',
    folder: '/f',
  } as const;

  test('listens nowhere, and loads without care for power cuts', () => {
    expect(serverSettings(server, false)).toMatchObject({
      listen_addresses: '',
      hba_file: '/f/pg_hba.conf',
      ssl: 'off',
    });
    expect(serverSettings(server, false)).not.toHaveProperty('fsync');
    expect(serverSettings(server, true)).toMatchObject({ fsync: 'off', wal_level: 'minimal' });
  });

  test('has settings that its version knows', () => {
    expect(serverSettings({ ...server, version: '13' }, false)).toHaveProperty('stats_temp_directory');
    expect(serverSettings(server, false)).not.toHaveProperty('stats_temp_directory');
    expect(serverSettings(server, true)).not.toHaveProperty('summarize_wal');
    expect(serverSettings({ ...server, version: '17' }, true)).toHaveProperty('summarize_wal', 'off');
  });

  test('gets them through a shell', () => {
    expect(serverOptions({ port: '5432', a: "it's", b: '' })).toBe(`-c port=5432 -c 'a=it'\\''s' -c b=`);
  });
});

test('the superuser that initdb makes is not made again, whatever its name', () => {
  expect(linesOfSuperuser('Big Boss', '"Big Boss"')).toEqual(['CREATE ROLE Big Boss;', 'CREATE ROLE "Big Boss";']);
  expect(linesOfSuperuser('postgres', 'postgres')).toEqual(['CREATE ROLE postgres;']);
});

test('tables that lost all rows are known by the sums', () => {
  expect(emptiedTables(['before: rows|shop."a|b"|3|7', 'after: rows|shop."a|b"|0|0', 'after: rows|x|1|0'])).toEqual([
    'shop."a|b"',
  ]);
  expect(tableNamesQuery([`shop."it's"`])).toContain(`(VALUES ('shop."it''s"'))`);
});

test('what pg_restore could not do is told with its reason', () => {
  const text = `pg_restore: while PROCESSING TOC:
pg_restore: error: could not execute query: ERROR:  relation "sorted" does not exist
LINE 1: SELECT count(*) FROM sorted;
Command was: REFRESH MATERIALIZED VIEW public.unreachable;

pg_restore: warning: errors ignored on restore: 1
`;
  expect(readRestoreErrors(text)).toEqual([
    'relation "sorted" does not exist (REFRESH MATERIALIZED VIEW public.unreachable;)',
  ]);
  expect(readRestoreErrors('Killed\n')).toEqual(['Killed']);
  expect(readRestoreErrors('')).toEqual(['pg_restore failed, and said nothing']);
});

test('a difference in content is told from one in the catalogue', () => {
  const text = `diff -r before/1 after/1
3c3
< rows|shop.orders|10|99
---
> rows|shop.orders|9|98
7d6
< number|pg_cast|3
9c9
< extension version|hstore|1.7
---
> extension version|hstore|1.8
11c11
< computed|shop."a|b"|3|-7
---
> computed|shop."a|b"|4|12
`;
  expect(readFingerprintDiff(text)).toEqual({
    content: ['before: rows|shop.orders|10|99', 'after: rows|shop.orders|9|98'],
    catalogue: ['before: number|pg_cast|3'],
    versions: ['before: extension version|hstore|1.7', 'after: extension version|hstore|1.8'],
    computed: ['shop."a|b"'],
  });
});

test('what is said of RRD files is read by their number, whatever their names and reasons are', () => {
  const paths = ['/a b\tc', '/d'];
  expect(readRrdRemarks('bad\t0\twhy\tthat\0changed\t1\t\0', paths)).toEqual([
    { word: 'bad', path: '/a b\tc', why: 'why\tthat' },
    { word: 'changed', path: '/d', why: '' },
  ]);
  expect(readRrdRemarks('', paths)).toEqual([]);
  expect(() => readRrdRemarks('bad\t2\twhy\0', paths)).toThrow(/not understood/);
});

const item: PostgresqlItem = {
  kind: 'postgresql',
  id: 'postgresql-15-main',
  name: '15/main',
  path: '/srv/pg',
  bytes: 1,
  files: 1,
  state: 'imported',
  stamp: '',
  differences: [],
  notes: [],
  uid: 1,
  gid: 1,
  version: '15',
  mode: 0o700,
  configuration: '/etc/postgresql/15/main',
  superuser: 'postgres',
  databases: [],
  initdb: [],
  elsewhere: ['/srv/fast/PG_15_1'],
};
const rrdItem: RrdItem = {
  kind: 'rrd',
  id: 'rrd',
  name: '',
  path: '/',
  bytes: 1,
  files: 1,
  state: 'imported',
  stamp: '',
  differences: [],
  notes: [],
};
const exported = (items: Exports['items']): Exports => ({
  version: 1,
  complete: true,
  changedAt: '',
  holds: [],
  items,
});

describe('the list of exports', () => {
  test('is read back as it was written', () => {
    const exports = exported([item]);
    expect(readExports(JSON.stringify(exports))).toEqual(exports);
  });

  test('that is damaged, or has what we do not know, is refused', () => {
    expect(() => readExports('{')).toThrow(/manifest\.json is damaged/);
    expect(() => readExports(JSON.stringify({ ...exported([]), more: 1 }))).toThrow(/manifest\.json is damaged/);
    expect(exportsSchema.safeParse(exported([{ ...item, id: '../x' }])).success).toBe(false);
  });

  test('has what is still to be imported', () => {
    const failed = { ...item, id: 'b', state: 'failed' as const };
    expect(unimported(undefined)).toEqual([]);
    expect(unimported(exported([item, failed])).map(({ id }) => id)).toEqual(['b']);
    expect(unimported({ ...exported([failed]), complete: false })).toEqual([]);
  });
});

describe('a unit that is held', () => {
  const hold = { unit: 'own.service', wasActive: true, items: ['a', 'b'] };
  const list = (state: 'failed' | 'imported'): Exports => ({
    ...exported([
      { ...item, id: 'a' },
      { ...item, id: 'b', state },
    ]),
    holds: [hold],
  });

  test('waits for all of its data', () => {
    expect(openHolds(list('failed'))).toEqual([hold]);
    expect(idleHolds(list('failed'))).toEqual([]);
  });

  test('is to be let go when it waits for nothing, also after the end of a run', () => {
    expect(openHolds(list('imported'))).toEqual([]);
    expect(idleHolds(list('imported'))).toEqual([hold]);
    expect(hasDataLeft(list('imported'))).toBe(true);
    expect(hasDataLeft(exported([item]))).toBe(false);
    const remaining = importData.remaining({ facts: { exports: list('imported') } } as StepContext);
    expect(remaining).toEqual(['own.service is still kept from running']);
  });
});

describe('the comparison', () => {
  test('says where the original is', () => {
    const { rows, differences } = compareData(exported([item]), 'i386');
    expect(rows).toEqual([{ label: 'PostgreSQL clusters', before: '1', after: '1' }]);
    expect(differences).toHaveLength(1);
    expect(differences[0]?.explanation).toContain('/srv/pg.crossgrade-i386 /srv/fast/PG_15_1.crossgrade-i386');
  });

  test('does not explain away what failed, or is not as it was', () => {
    const failed = compareData(exported([{ ...item, state: 'failed', trouble: 'the disk is full' }]), 'i386');
    expect(failed.rows[0]).toMatchObject({ after: '0' });
    expect(failed.differences).toEqual([
      { what: expect.stringMatching(/NOT imported: the disk is full/), explanation: null },
    ]);
    const other = compareData(exported([{ ...item, differences: ['a role is lost'] }]), 'i386');
    expect(other.differences).toContainEqual({ what: 'PostgreSQL cluster 15/main: a role is lost', explanation: null });
  });

  test('is silent where there is no data', () => {
    expect(compareData(undefined, 'i386')).toEqual({ rows: [], differences: [] });
  });
});

test('units that must not run are those of the data', () => {
  expect(unitsOf(item)).toEqual(['postgresql@15-main.service']);
  expect(unitsOf({ ...item, name: '' })).toEqual([]);
});

test('rrdcached is there before those who write to it, and as long as they are', () => {
  expect(unitsOf(rrdItem)[0]).toBe('rrdcached.service');
});

test('programs that outlive the service they were started by are found', () => {
  const jobs = readJobs(`/proc/1/cgroup:0::/init.scope
/proc/70/cgroup:0::/system.slice/cron.service
/proc/71/cgroup:0::/system.slice/cron.service
/proc/80/cgroup:0::/system.slice/own.service
/proc/1/comm:systemd
/proc/70/comm:munin-update
/proc/71/comm:a b:c
/proc/80/comm:own
/proc/70/maps
/proc/80/maps
`);
  expect(jobs.filter(({ usesRrd }) => usesRrd).map(({ command }) => command)).toEqual(['munin-update', 'own']);
  expect(leftByRrdWriters(jobs)).toEqual([
    { pid: '70', command: 'munin-update', unit: 'cron.service', usesRrd: true },
    { pid: '71', command: 'a b:c', unit: 'cron.service', usesRrd: false },
  ]);
});

test('the unit of a server is one of the system', () => {
  const slice = '0::/system.slice/system-postgresql.slice/postgresql@15-main.service\n';
  expect(readUnit(slice)).toBe('postgresql@15-main.service');
  expect(readUnit('0::/system.slice/own.service\n')).toBe('own.service');
  expect(readUnit('0::/user.slice/user-0.slice/session-3.scope\n')).toBeUndefined();
  expect(readUnit('0::/user.slice/user-1.slice/user@1.service/app.slice/own.service\n')).toBeUndefined();
});

test('room is asked for where it is needed, and not for what stays', () => {
  const store: DataStore = { kind: 'postgresql', name: '', path: '/srv/pg', files: 1, bytes: 100 * mebibyte };
  expect(
    dataNeeds([
      { ...store, trouble: { what: 'idle', text: '' } },
      { ...store, kind: 'lmdb' },
    ]),
  ).toEqual([]);
  const [exports, place] = dataNeeds([store]);
  expect(exports).toEqual({ path: '/var/lib/crossgrade/exports', bytes: estimate([store]).exportBytes });
  expect(place).toEqual({ path: '/srv/pg', bytes: 0, bytesAtImport: 115 * mebibyte });
});

test('what of a cluster is no content is not exported, and its log is made anew', () => {
  const cluster = { databases: 4, logBytes: 32 * mebibyte, logSegmentBytes: 16 * mebibyte };
  const store: DataStore = { kind: 'postgresql', name: '', path: '/srv/pg', files: 1, bytes: 100 * mebibyte, cluster };
  // 40 MiB of content; without the old log, but with two segments and what the loading writes.
  expect(estimate([store])).toEqual({ exportBytes: 37 * mebibyte, newBytes: (68 + 32 + 6) * mebibyte });
});

test('RRD files are worked on by a few at a time, so that more of them need no more room', () => {
  const store: DataStore = { kind: 'rrd', name: '', path: '/srv/rrd', files: 1000, bytes: 100 * mebibyte };
  expect(estimate([store]).exportBytes).toBe((1 + 60 + 20 * 2) * mebibyte);
  expect(estimate([{ ...store, files: 10 }]).exportBytes).toBe((1 + 60 + 20 * 10) * mebibyte);
});
