import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inRoot } from '../runs/conversion.ts';

/** What a root for tests of data consists of, on top of the minimal system. */
export const dataPackages = ['postgresql', 'slapd', 'ldap-utils', 'rrdtool', 'rrdcached', 'locales'];

export interface DataSize {
  /** Rows of the large table. */
  readonly rows: number;
  /** Entries in the directory. */
  readonly entries: number;
  readonly rrdFiles: number;
}

/** Runs a shell script inside a root. */
export async function shell(directory: string, script: string): Promise<string> {
  const [result] = await inRoot(directory, ['bash', '-euo', 'pipefail', '-c', script]);
  if (result?.exitCode !== 0) throw new Error(`exit code ${result?.exitCode}:\n${result?.stdout}\n${result?.stderr}`);
  return result.stdout;
}

const asPostgres = 'setpriv --reuid=postgres --regid=postgres --init-groups';

/**
 * Two clusters of PostgreSQL, made by Debian's tools: `main`, and `second`, with another locale, checksums, larger WAL
 * segments and a data directory of its own. In `main` everything that a dump has to carry: two databases, an extension,
 * large objects, a tablespace, sequences, partitions, roles, settings, privileges.
 */
export async function fillPostgresql(directory: string, { rows }: Pick<DataSize, 'rows'>): Promise<void> {
  await shell(
    directory,
    `cd /
localedef -i de_DE -f UTF-8 de_DE.UTF-8
install -d -o postgres -g postgres -m 700 /srv/fast /srv/pg
pg_createcluster --locale de_DE.UTF-8 --datadir /srv/pg/second -p 5499 15 second -- --data-checksums --wal-segsize=32
echo "work_mem = 5MB" > /etc/postgresql/15/main/conf.d/local.conf
echo "# mine" >> /etc/postgresql/15/main/pg_hba.conf
echo certificate > /var/lib/postgresql/15/main/server.crt
chown postgres:postgres /var/lib/postgresql/15/main/server.crt
chmod 640 /var/lib/postgresql/15/main/server.crt
for cluster in main second; do pg_ctlcluster 15 $cluster start; done
psql="${asPostgres} psql -X -q -v ON_ERROR_STOP=1 --cluster"
$psql 15/main -d postgres -f - <<'SQL'
CREATE ROLE "Web User" LOGIN PASSWORD 'secret' CONNECTION LIMIT 7;
CREATE ROLE readers; GRANT readers TO "Web User" WITH ADMIN OPTION;
ALTER ROLE "Web User" SET work_mem = '8MB'; ALTER ROLE ALL SET lock_timeout = '9s'; ALTER ROLE ALL SET search_path = "$user", public;
ALTER SYSTEM SET maintenance_work_mem = '77MB';
CREATE TABLESPACE fast OWNER "Web User" LOCATION '/srv/fast';
CREATE DATABASE app OWNER "Web User"; CREATE DATABASE "Odd 'name""" TABLESPACE fast ENCODING LATIN1 LOCALE 'C' TEMPLATE template0;
ALTER DATABASE app SET timezone = 'Asia/Tokyo'; REVOKE CONNECT ON DATABASE app FROM PUBLIC; GRANT CONNECT ON DATABASE app TO readers;
COMMENT ON DATABASE app IS 'the application';
CREATE TABLE in_postgres (x int); INSERT INTO in_postgres VALUES (1);
SQL
$psql 15/main -d template1 -c 'CREATE TABLE in_template (x int)'
$psql 15/main -d app -f - <<'SQL'
CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm;
CREATE SCHEMA shop AUTHORIZATION "Web User"; GRANT USAGE ON SCHEMA shop TO readers;
CREATE TYPE shop.state AS ENUM ('new', 'paid', 'sent');
CREATE TABLE shop.orders (id bigserial PRIMARY KEY, state shop.state DEFAULT 'new', kind varchar(10) CHECK (kind IN ('a', 'b', 'c')),
  price numeric(12,3), weight double precision, at timestamptz DEFAULT now(), tags hstore, raw bytea, body text, t int,
  twice numeric GENERATED ALWAYS AS (price * 2) STORED) TABLESPACE fast;
INSERT INTO shop.orders (state, kind, price, weight, at, tags, raw, body, t)
  SELECT (ARRAY['new','paid','sent'])[1 + i % 3]::shop.state, chr(97 + i % 3), i / 7.0, sqrt(i) / 3, timestamptz '2020-01-01' + i * interval '1 min',
    hstore('k' || i % 10, 'v' || i), decode(md5(i::text), 'hex'), repeat(md5((i * 7)::text), 4), i FROM generate_series(1, ${rows}) i;
INSERT INTO shop.orders (weight, price) VALUES ('NaN', 'NaN'), ('-Infinity', NULL), (1e-308, 0.001);
DELETE FROM shop.orders WHERE id % 17 = 0;
CREATE INDEX ON shop.orders USING gin (body gin_trgm_ops) WHERE id < 500;
CREATE INDEX ON shop.orders (at DESC, state);
CREATE TABLE shop.logs (at date NOT NULL, line text) PARTITION BY RANGE (at);
CREATE TABLE shop.logs_2024 PARTITION OF shop.logs FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE shop.logs_rest PARTITION OF shop.logs DEFAULT;
INSERT INTO shop.logs SELECT date '2023-12-01' + i, 'line ' || i FROM generate_series(1, 600) i;
CREATE VIEW shop.dear AS SELECT id, price FROM shop.orders WHERE price > 10 AND kind IN ('a', 'b');
CREATE MATERIALIZED VIEW shop.sums AS SELECT state, sum(price) FROM shop.orders WHERE price <> 'NaN' GROUP BY 1;
CREATE MATERIALIZED VIEW shop.never AS SELECT 1 AS one WITH NO DATA;
CREATE TABLE shop."Weird ""table""" ("select" int GENERATED ALWAYS AS IDENTITY (START 100), "crossgrade_row" text COLLATE "C");
INSERT INTO shop."Weird ""table""" (crossgrade_row) VALUES ('x'), ('ÿ'), (E'tab\\tand\\nline');
CREATE UNLOGGED TABLE shop.unlogged AS SELECT g FROM generate_series(1, 50) g;
CREATE TABLE shop.without_columns (); INSERT INTO shop.without_columns DEFAULT VALUES;
CREATE TABLE shop.dropped (a int, b text, c date); ALTER TABLE shop.dropped DROP COLUMN b; INSERT INTO shop.dropped VALUES (1, '2020-02-02');
CREATE SEQUENCE shop.counter START 5 INCREMENT 3; SELECT nextval('shop.counter'), nextval('shop.counter');
CREATE SEQUENCE shop.untouched;
CREATE FUNCTION shop.noted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = shop AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER noted BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.noted(); ALTER TABLE shop.orders DISABLE TRIGGER noted;
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON shop.orders FOR SELECT TO readers USING (price < 5);
GRANT SELECT ON shop.orders TO readers; GRANT SELECT (line) ON shop.logs TO readers; REVOKE ALL ON FUNCTION shop.noted() FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO readers;
CREATE PUBLICATION everything FOR ALL TABLES;
SELECT lo_from_bytea(4711, decode(repeat('00ff', 5000), 'hex')), lo_from_bytea(0, 'short'), lo_from_bytea(815, '');
SELECT lo_put(4711, 100000, 'beyond a hole'); ALTER LARGE OBJECT 4711 OWNER TO "Web User"; GRANT SELECT ON LARGE OBJECT 4711 TO readers;
COMMENT ON TABLE shop.orders IS 'What was ordered';
SQL
$psql 15/main -d "Odd 'name\\"" -c "CREATE TABLE t (x text); INSERT INTO t VALUES ('äöü')"
$psql 15/main -d postgres -f - <<'SQL'
ALTER DATABASE "Odd 'name""" SET default_transaction_read_only = on;
SQL
$psql 15/second -d postgres -c "CREATE DATABASE zweite" -c "CREATE ROLE otto LOGIN"
$psql 15/second -d zweite -c "CREATE TABLE sorted AS SELECT md5(i::text) AS word, i * 1.5 AS number FROM generate_series(1, ${Math.ceil(rows / 10)}) i" -c "CREATE INDEX ON sorted (word)" -c "ALTER TABLE sorted OWNER TO otto"
for cluster in main second; do pg_ctlcluster 15 $cluster stop; done`,
  );
}

/** A directory with the memberof overlay, and a second database with its own folder below the first one's. */
export async function fillSlapd(directory: string, { entries }: Pick<DataSize, 'entries'>): Promise<void> {
  const people = Array.from(
    { length: entries },
    (_, index) => `dn: uid=user${index},ou=people,dc=nodomain
objectClass: inetOrgPerson
uid: user${index}
cn: User ${index}
sn: Müller ${index}
description: ${'long enough to be wrapped '.repeat(6)}${index}
`,
  );
  writeFileSync(
    join(directory, 'tmp/tree.ldif'),
    `dn: dc=nodomain
objectClass: top
objectClass: dcObject
objectClass: organization
o: nodomain
dc: nodomain

dn: ou=people,dc=nodomain
objectClass: organizationalUnit
ou: people

${people.join('\n')}
dn: cn=all,dc=nodomain
objectClass: groupOfNames
cn: all
${people.map((_, index) => `member: uid=user${index},ou=people,dc=nodomain\n`).join('')}`,
  );
  writeFileSync(
    join(directory, 'tmp/config.ldif'),
    `dn: cn=module{0},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: memberof

dn: olcOverlay=memberof,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcMemberOf
olcOverlay: memberof

dn: olcDatabase={2}mdb,cn=config
changetype: add
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {2}mdb
olcDbDirectory: /var/lib/ldap/second
olcSuffix: dc=second
olcRootDN: cn=admin,dc=second
olcRootPW: secret
olcDbIndex: objectClass eq
`,
  );
  await shell(
    directory,
    `cd /
install -d -o openldap -g openldap -m 750 /var/lib/ldap/second
install -d -o openldap -g openldap /run/slapd
slapd -h ldapi:/// -u openldap -g openldap -F /etc/ldap/slapd.d
for try in $(seq 50); do ldapwhoami -Q -Y EXTERNAL -H ldapi:/// >/dev/null 2>&1 && break; sleep 0.1; done
ldapmodify -Q -Y EXTERNAL -H ldapi:/// -f /tmp/config.ldif >/dev/null
ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<'LDIF'
dn: olcDatabase={1}mdb,cn=config
changetype: modify
replace: olcRootPW
olcRootPW: secret
LDIF
ldapdelete -x -H ldapi:/// -D cn=admin,dc=nodomain -w secret -r dc=nodomain >/dev/null 2>&1 || true
ldapadd -x -H ldapi:/// -D cn=admin,dc=nodomain -w secret -f /tmp/tree.ldif >/dev/null
printf 'dn: dc=second\\nobjectClass: dcObject\\nobjectClass: organization\\no: two\\ndc: second\\n' | ldapadd -x -H ldapi:/// -D cn=admin,dc=second -w secret >/dev/null
kill $(cat /run/slapd/slapd.pid)
while [ -e /run/slapd/slapd.pid ]; do sleep 0.1; done
rm /tmp/tree.ldif /tmp/config.ldif`,
  );
}

/** As munin and collectd have them: other owners, other modes, old times, and a name that needs care. */
export async function fillRrd(directory: string, { rrdFiles }: Pick<DataSize, 'rrdFiles'>): Promise<void> {
  await shell(
    directory,
    `cd /
mkdir -p /var/lib/munin/example "/srv/graphs/it's a \\"name\\""
for i in $(seq 0 9); do
  echo "create /tmp/$i.rrd --start 1600000000 --step 300 DS:a:GAUGE:600:U:U DS:b:COUNTER:600:0:U RRA:AVERAGE:0.5:1:576 RRA:MIN:0.5:6:432 RRA:MAX:0.5:24:540 RRA:HWPREDICT:288:0.1:0.0035:288"
  for t in $(seq 1 200); do echo "update /tmp/$i.rrd $((1600000000 + t * 300)):$((t * i % 97)).$i:$((t * 1000 + i))"; done
done | rrdtool - | (! grep ERROR)
for i in $(seq 0 ${rrdFiles - 1}); do cp /tmp/$((i % 10)).rrd /var/lib/munin/example/$i.rrd; done
rm /tmp/?.rrd
cp /var/lib/munin/example/1.rrd "/srv/graphs/it's a \\"name\\"/\\$(x) y.rrd"
chown -R www-data:adm /var/lib/munin
chmod 640 /var/lib/munin/example/*
head -c 3000 /var/lib/munin/example/2.rrd > /srv/graphs/torn.rrd
touch -d '2021-05-05 05:05:05' /var/lib/munin/example/*`,
  );
}

/**
 * The same text before and after, when nothing is lost: as an administrator would ask, with the programs that are there.
 * Without unlogged tables, which a killed server empties, as PostgreSQL says of them.
 */
export async function dataState(directory: string): Promise<string> {
  const clusters = ['main', 'second'];
  const dumps = clusters.map(
    (cluster) => `echo "== ${cluster}"
pg_ctlcluster 15 ${cluster} start -o "-c listen_addresses=" >&2
${asPostgres} pg_dumpall --cluster 15/${cluster} --data-only --no-unlogged-table-data | grep -v -e '^--' -e '^.\\(un\\)*restrict ' | LC_ALL=C sort | sha256sum
${asPostgres} pg_dumpall --cluster 15/${cluster} --globals-only | grep -v -e '^--' -e '^.\\(un\\)*restrict ' | sha256sum
${asPostgres} psql --cluster 15/${cluster} -X -A -t -c "SELECT name, setting FROM pg_settings WHERE name IN ('data_checksums','wal_segment_size','server_encoding','data_directory','hba_file','maintenance_work_mem','work_mem','port','lc_collate')" -d postgres
${asPostgres} psql --cluster 15/${cluster} -X -A -t -c "SELECT datname, datcollate FROM pg_database ORDER BY 1" -d postgres
pg_ctlcluster 15 ${cluster} stop >&2`,
  );
  return shell(
    directory,
    `cd /
${dumps.join('\n')}
stat -c '%n %U %G %a' /var/lib/postgresql/15/main /srv/pg/second /srv/fast /var/lib/postgresql/15/main/server.crt /var/lib/ldap /var/lib/ldap/second /var/lib/ldap/data.mdb
find /etc/postgresql /etc/ldap -type f -print0 | sort -z | xargs -0 sha256sum
for n in 1 2; do setpriv --reuid=openldap --regid=openldap --init-groups slapcat -n $n | sha256sum; done
find /var/lib/munin /srv/graphs -name '*.rrd' ! -name torn.rrd -print0 | sort -z | while IFS= read -r -d '' file; do
  stat -c '%n %U %G %a %Y' "$file"; rrdtool dump "$file" | sed -E 's/([0-9]\\.([0-9]*[1-9])?)0*e/\\1e/g' | sha256sum
done`,
  );
}

/** All of them. */
export async function fillData(directory: string, size: DataSize): Promise<void> {
  await fillPostgresql(directory, size);
  await fillSlapd(directory, size);
  await fillRrd(directory, size);
}

export const exportsFolder = 'var/lib/crossgrade/exports';

/** @returns the manifest of what was exported */
export function manifestIn(directory: string) {
  return JSON.parse(readFileSync(join(directory, exportsFolder, 'manifest.json'), 'utf8'));
}

/** @returns how far each of the exported is, by its id */
export function statesIn(directory: string): Record<string, string> {
  const items = manifestIn(directory).items as { id: string; state: string }[];
  return Object.fromEntries(items.map(({ id, state }) => [id, state]));
}
