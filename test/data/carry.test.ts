import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  dataPackages,
  dataState,
  exportsFolder,
  fillData,
  manifestIn,
  shell,
  statesIn,
} from '../support/roots/data-root.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { comparisonIn, instancesIn } from '../support/runs/conversion.ts';
import { crossgrade, kill, prepare, startCrossgrade, tail, type Victim, withRoot } from '../support/runs/faults.ts';

/** Two clusters, a directory and RRD files, with everything prepared; and what an administrator sees of them. */
let filled: FrozenRoot;
let origin: FrozenRoot;
let before: string;

beforeAll(async () => {
  const root = await freshRoot({ suite: 'bookworm', packages: dataPackages });
  await fillData(root.directory, { rows: 20_000, entries: 2_000, rrdFiles: 300 });
  before = await dataState(root.directory);
  filled = await snapshot(root);
  origin = await prepare(filled);
});

afterAll(async () => {
  await origin?.dispose();
  await filled?.dispose();
});

/** Everything is there, in 64 bit, and the originals beside it. */
async function expectCarriedOver(directory: string): Promise<void> {
  expect(await dataState(directory)).toBe(before);
  expect(new Set(Object.values(statesIn(directory)))).toEqual(new Set(['imported']));
  expect(Object.keys(instancesIn(directory))).toContain('postgresql-15:amd64');
  const originals = ['var/lib/postgresql/15/main', 'srv/pg/second', 'var/lib/munin/example/7.rrd'];
  for (const path of originals) expect(existsSync(join(directory, `${path}.crossgrade-i386`)), path).toBe(true);
  expect(existsSync(join(directory, 'var/lib/ldap/crossgrade-i386/data.mdb'))).toBe(true);
  expect(existsSync(join(directory, 'var/lib/postgresql/15/main.crossgrade-new'))).toBe(false);
}

/** A script that has a cluster, which is down, do something. */
function sql(cluster: string, database: string, ...commands: readonly string[]): string {
  const name = cluster.replace('/', ' ');
  const words = commands.map((command) => `-c "${command}"`).join(' ');
  return `cd /; pg_ctlcluster ${name} start -o "-c listen_addresses="
setpriv --reuid=postgres --regid=postgres --init-groups psql --cluster ${cluster} -X -q -A -t -v ON_ERROR_STOP=1 -d ${database} ${words}
pg_ctlcluster ${name} stop`;
}

function computedAnew(directory: string): string[] {
  const { differences } = comparisonIn(directory);
  return differences.filter(({ explanation }) => explanation?.includes('computes')).map(({ what }) => what);
}

/** Whatever the width of the screen. */
const words = (text: string) => text.replace(/\s+/g, ' ');

/** As far as the export, and no further. */
async function exportOnly(directory: string): Promise<void> {
  const working = startCrossgrade(directory, ['resume']);
  await working.until((event) => event.type === 'step-started' && event.step === 'switch/export-data');
  process.kill(working.pid, 'SIGINT');
  await working.ended;
  for (let attempt = 0; attempt < 10 && !manifestIn(directory).complete; attempt++) {
    const again = startCrossgrade(directory, ['resume']);
    await again.until((event) => event.type === 'step-message' && event.text.includes('RRD')).catch(() => undefined);
    process.kill(again.pid, 'SIGINT');
    await again.ended;
  }
  expect(manifestIn(directory).complete).toBe(true);
}

test('data is carried over, and the report says what is left of it', () =>
  withRoot(origin, async ({ directory }) => {
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    await expectCarriedOver(directory);
    const { rows, differences } = comparisonIn(directory);
    expect(rows).toContainEqual({ area: 'data', label: 'PostgreSQL clusters', before: '2', after: '2' });
    expect(rows).toContainEqual({ area: 'data', label: 'slapd databases', before: '2', after: '2' });
    expect(rows).toContainEqual({ area: 'data', label: 'RRD files', before: '301', after: '301' });
    expect(differences.filter(({ explanation }) => explanation === null)).toEqual([]);
    expect(differences.filter(({ what }) => what.includes('torn.rrd'))).toHaveLength(1);
  }));

test('what is written after everything was planned, and before the export, is carried over', () =>
  withRoot(origin, async ({ directory }) => {
    await shell(
      directory,
      `${sql('15/main', 'app', "INSERT INTO shop.orders (price, body) VALUES (4.5, 'late')")}
printf 'dn: cn=late,ou=people,dc=nodomain\nobjectClass: person\ncn: late\nsn: late\n' | setpriv --reuid=openldap --regid=openldap --init-groups slapadd -n 1
rrdtool update /var/lib/munin/example/5.rrd 1700000000:7:7`,
    );
    const written = await dataState(directory);
    expect(written).not.toBe(before);
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    expect(await dataState(directory)).toBe(written);
    // Nobody has refreshed it since the row was written.
    expect(computedAnew(directory)).toEqual([expect.stringMatching(/^PostgreSQL cluster 15\/main: .*: shop\.sums$/)]);
  }));

test('what a restore does otherwise keeps no data from being carried over, and what it cannot do is told', () =>
  withRoot(origin, async ({ directory }) => {
    const made = [
      // pg_restore works without a search path.
      "CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM sorted'",
      'CREATE MATERIALIZED VIEW unreachable AS SELECT counted()',
      // Its last column was its second one.
      'CREATE TABLE parent (a int)',
      'CREATE TABLE child (b int) INHERITS (parent)',
      'ALTER TABLE parent ADD COLUMN c int',
      'INSERT INTO child (a, b, c) VALUES (1, 2, 3), (4, NULL, 6)',
    ];
    await shell(
      directory,
      `${sql('15/second', 'zweite', ...made)}
echo 'idle_session_timeout = 1s' > /etc/postgresql/15/second/conf.d/impatient.conf`,
    );
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    const open = comparisonIn(directory).differences.filter(
      ({ area, explanation }) => area === 'data' && explanation === null,
    );
    expect(open.map(({ what }) => what)).toEqual([
      'PostgreSQL cluster 15/second: database zweite: relation "sorted" does not exist (REFRESH MATERIALIZED VIEW public.unreachable;)',
    ]);
    expect(computedAnew(directory)).toEqual([expect.stringMatching(/: public\.unreachable$/)]);
    const questions = [
      'ALTER FUNCTION counted() SET search_path = public',
      'REFRESH MATERIALIZED VIEW unreachable',
      'SELECT * FROM unreachable',
      'SELECT a, b, c FROM child ORDER BY a',
    ];
    expect(await shell(directory, sql('15/second', 'zweite', ...questions))).toBe('2000\n1|2|3\n4||6\n');
  }));

describe('a run that is killed', () => {
  const moments: [Victim, string, number][] = [
    ['process', 'switch/export-data', 800],
    ['everything', 'switch/export-data', 2000],
    ['process', 'switch/import-data', 800],
    ['everything', 'switch/import-data', 2000],
  ];

  test('in the middle of export and import, again and again, ends as an undisturbed one', () =>
    withRoot(origin, async ({ directory }) => {
      for (const [victim, step, laterMs] of moments) {
        const working = startCrossgrade(directory, ['resume']);
        await working.until((event) => event.type === 'step-started' && event.step === step);
        await sleep(laterMs);
        expect(await kill(working, directory, victim), `${victim} in ${step}`).toBe(true);
      }
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      await expectCarriedOver(directory);
    }));
});

test('a crossgrade that is taken back after the export has changed no data', () =>
  withRoot(origin, async ({ directory }) => {
    await exportOnly(directory);
    expect(existsSync(join(directory, 'var/lib/postgresql/15/main'))).toBe(false);
    const back = await crossgrade(directory, 'rollback', '--yes');
    expect(back, tail(back)).toMatchObject({ code: 0 });
    expect(await dataState(directory)).toBe(before);
    expect(existsSync(join(directory, exportsFolder))).toBe(false);
    expect(readdirSync(join(directory, 'var/lib/ldap'))).not.toContain('crossgrade-i386');
  }));

/** Of each kind a file of its export. */
const damaged: readonly (readonly [item: string, folder: string, file: RegExp, original: string, what: RegExp])[] = [
  [
    'postgresql-15-main',
    'database-2',
    /\.dat(\.gz)?$/,
    'var/lib/postgresql/15/main.crossgrade-i386/PG_VERSION',
    /^PostgreSQL cluster 15\/main was NOT imported/,
  ],
  [
    'slapd-1',
    '',
    /^database\.ldif$/,
    'var/lib/ldap/crossgrade-i386/data.mdb',
    /^slapd’s database 1 in .* was NOT imported/,
  ],
  ['rrd', '0', /^7\.xml\.gz$/, 'var/lib/munin/example/7.rrd', /RRD files were NOT imported/],
];

test.each(damaged)(
  'a damaged export of %s keeps nothing else from being imported, and is imported when it is mended',
  (item, folder, name, original, what) =>
    withRoot(origin, async ({ directory }) => {
      await exportOnly(directory);
      const place = join(directory, exportsFolder, item, folder);
      const file = join(place, readdirSync(place).find((one) => name.test(one)) ?? 'none');
      const good = readFileSync(file);
      writeFileSync(file, good.subarray(0, good.length >> 1));

      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 1 });
      expect(end.events.some((event) => event.type === 'run-finished')).toBe(true);
      const all = ['postgresql-15-second', 'postgresql-15-main', 'slapd-1', 'slapd-2', 'rrd'];
      expect(statesIn(directory)).toEqual(
        Object.fromEntries(all.map((id) => [id, id === item ? 'failed' : 'imported'])),
      );
      expect(existsSync(join(directory, original))).toBe(true);
      const open = comparisonIn(directory).differences.filter(({ explanation }) => explanation === null);
      expect(open.map((one) => one.what)).toEqual([expect.stringMatching(what)]);

      writeFileSync(file, good);
      const again = await crossgrade(directory, 'resume');
      expect(again, tail(again)).toMatchObject({ code: 0 });
      await expectCarriedOver(directory);
    }),
);

test('units that were not let go, because the run was killed then, are let go by a resume', () =>
  withRoot(origin, async ({ directory }) => {
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    const manifest = manifestIn(directory);
    expect(manifest.holds).toEqual([]);
    const holds = [{ unit: 'slapd.service', wasActive: false, items: ['slapd-1', 'slapd-2'] }];
    writeFileSync(join(directory, exportsFolder, 'manifest.json'), JSON.stringify({ ...manifest, holds }));
    const dropIn = join(directory, 'etc/systemd/system/slapd.service.d/crossgrade.conf');
    mkdirSync(dirname(dropIn), { recursive: true });
    writeFileSync(dropIn, '[Unit]\nConditionPathExists=/nowhere\n');
    const again = await crossgrade(directory, 'resume');
    expect(again, tail(again)).toMatchObject({ code: 0 });
    expect(manifestIn(directory).holds).toEqual([]);
    expect(existsSync(dirname(dropIn))).toBe(false);
  }));

test('a disk that gets full during the import leaves exports and originals, and the import is done when there is room', () =>
  withRoot(origin, async ({ directory }) => {
    const working = startCrossgrade(directory, ['resume']);
    await working.until((event) => event.type === 'step-started' && event.step === 'switch/import-data');
    process.kill(working.pid, 'SIGKILL');
    await working.ended;
    await shell(
      directory,
      `free=$(df --output=avail -B1 /var | tail -1); fallocate -l $((free - 3 * 1024 * 1024)) /var/ballast`,
    );
    const end = await crossgrade(directory, 'resume');
    expect(end.code, tail(end)).toBe(1);
    // What is small may fit.
    const large = { 'postgresql-15-main': 'failed', 'postgresql-15-second': 'failed', 'slapd-1': 'failed' };
    expect(statesIn(directory)).toMatchObject(large);
    rmSync(join(directory, 'var/ballast'));
    const again = await crossgrade(directory, 'resume');
    expect(again, tail(again)).toMatchObject({ code: 0 });
    await expectCarriedOver(directory);
  }));

test('whom a cluster lets in is not asked, and stays as it is', () =>
  withRoot(origin, async ({ directory }) => {
    const file = join(directory, 'etc/postgresql/15/main/pg_hba.conf');
    const rules = readFileSync(file);
    writeFileSync(file, 'local all all reject\nhost all all all reject\n');
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    expect(readFileSync(file, 'utf8')).toBe('local all all reject\nhost all all all reject\n');
    writeFileSync(file, rules);
    await expectCarriedOver(directory);
  }));

describe('a cluster that cannot be exported', () => {
  test('because its server does not start is refused before anything is replaced, and carried over when it is mended', () =>
    withRoot(origin, async ({ directory }) => {
      const settings = join(directory, 'etc/postgresql/15/main/conf.d/bad.conf');
      writeFileSync(settings, "shared_preload_libraries = 'there_is_no_such'\n");
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 1 });
      expect(words(end.text)).toMatch(
        /CG0281 .*PostgreSQL cluster 15\/main: the server of PostgreSQL 15 does not start/,
      );
      expect(Object.keys(instancesIn(directory))).toContain('dpkg:i386');
      expect(existsSync(join(directory, exportsFolder))).toBe(false);
      rmSync(settings);
      expect(await dataState(directory)).toBe(before);
    }));

  test('because it has prepared transactions is refused', () =>
    withRoot(origin, async ({ directory }) => {
      await shell(
        directory,
        `cd /; echo "max_prepared_transactions = 5" > /etc/postgresql/15/second/conf.d/two.conf
pg_ctlcluster 15 second start
setpriv --reuid=postgres --regid=postgres --init-groups psql --cluster 15/second -X -q -d zweite -c "BEGIN; CREATE TABLE pending (x int); PREPARE TRANSACTION 'half'"
pg_ctlcluster 15 second stop`,
      );
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 1 });
      expect(words(end.text)).toMatch(/CG0281 .*it has a prepared transaction, which no dump contains/);
    }));

  test('because no restore could load its rows is refused, until it is mended', () =>
    withRoot(origin, async ({ directory }) => {
      const made = [
        "CREATE FUNCTION known(text) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM sorted WHERE word = \\$1)'",
        'CREATE TABLE checked (word text CHECK (known(word)))',
        "CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT \\$1 * 2'",
        "CREATE FUNCTION fourfold(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT twice(twice(\\$1))'",
        'CREATE TABLE computing (x int, many int GENERATED ALWAYS AS (fourfold(x)) STORED)',
        'INSERT INTO checked SELECT word FROM sorted LIMIT 3',
        'INSERT INTO computing VALUES (5)',
      ];
      await shell(directory, sql('15/second', 'zweite', ...made));
      for (const [name, mended] of [
        ['known', 'ALTER FUNCTION known SET search_path = public'],
        ['fourfold', 'ALTER FUNCTION fourfold SET search_path = public'],
      ] as const) {
        const end = await crossgrade(directory, 'resume');
        expect(end, tail(end)).toMatchObject({ code: 1 });
        expect(words(end.text)).toMatch(/CG0281 .*no restore could load the rows of the database zweite/);
        expect(words(end.text)).toContain(`SQL function "${name}"`);
        await shell(directory, sql('15/second', 'zweite', mended));
      }
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      // Its check asks another table, which is not loaded first.
      const counts = ['SELECT count(*) FROM checked', 'SELECT many FROM computing'];
      expect(await shell(directory, sql('15/second', 'zweite', ...counts))).toBe('3\n20\n');
    }));

  test('because it is damaged is a blocker before the first change', () =>
    withRoot(filled, async ({ directory }) => {
      const file = join(directory, 'srv/pg/second/global/pg_control');
      const bytes = readFileSync(file);
      bytes.writeUInt8(bytes.readUInt8(40) ^ 1, 40);
      writeFileSync(file, bytes);
      const end = await crossgrade(directory, 'run', '--yes');
      expect(end, tail(end)).toMatchObject({ code: 3 });
      expect(end.events).toContainEqual(
        expect.objectContaining({ finding: expect.objectContaining({ id: 'data/damaged', severity: 'blocker' }) }),
      );
      expect(existsSync(join(directory, 'var/lib/crossgrade'))).toBe(false);
    }));

  test('because its filesystem is not mounted is a blocker, and a base backup is none', () =>
    withRoot(filled, async ({ directory }) => {
      await shell(
        directory,
        `cd /; pg_ctlcluster 15 main start
install -d -o postgres -g postgres -m 700 /srv/backup
setpriv --reuid=postgres --regid=postgres --init-groups pg_basebackup --cluster 15/main -D /srv/backup -c fast --tablespace-mapping=/srv/fast=/srv/backup/fast
pg_ctlcluster 15 main stop
cp /etc/postgresql/15/main/postgresql.conf /srv/backup
rm -r /srv/pg/second/* /var/lib/ldap/second/*`,
      );
      const end = await crossgrade(directory, 'run', '--yes');
      expect(end, tail(end)).toMatchObject({ code: 3 });
      const affected = (id: string) =>
        end.events.flatMap((event) => ('finding' in event && event.finding.id === id ? event.finding.affected : []));
      expect(affected('data/damaged')).toEqual([
        expect.stringMatching(/^cluster 15\/second: \/srv\/pg\/second .*: its data directory is not there/),
        expect.stringMatching(/^database 2: \/var\/lib\/ldap\/second .*: there is no database in its directory/),
      ]);
      expect(affected('data/without-program')).toEqual([
        expect.stringMatching(/^\/srv\/backup .*: it is a base backup/),
      ]);
    }));
});

test('a disk that gets full during the export stops the run, and nothing is lost', () =>
  withRoot(origin, async ({ directory }) => {
    const until = await crossgrade(directory, 'resume', '--until', 'libraries');
    expect(until, tail(until)).toMatchObject({ code: 0 });
    await shell(
      directory,
      `free=$(df --output=avail -B1 /var | tail -1); fallocate -l $((free - 6 * 1024 * 1024)) /var/ballast`,
    );
    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 1 });
    expect(end.text).toMatch(/CG0282/);
    rmSync(join(directory, 'var/ballast'));
    expect(await dataState(directory)).toBe(before);
    const again = await crossgrade(directory, 'resume');
    expect(again, tail(again)).toMatchObject({ code: 0 });
    await expectCarriedOver(directory);
  }));
