import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shell } from '../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn } from '../support/runs/conversion.ts';
import { crossgrade, tail } from '../support/runs/faults.ts';

/** What only Debian 11 has: PostgreSQL 13, and slapd with Berkeley DB. */
let root: FreshRoot;

const asPostgres = 'setpriv --reuid=postgres --regid=postgres --init-groups';
const asOpenldap = 'setpriv --reuid=openldap --regid=openldap --init-groups';

const fill = `cd /
pg_ctlcluster 13 main start
${asPostgres} psql -X -q -d postgres -v ON_ERROR_STOP=1 <<'SQL'
CREATE DATABASE app; \\c app
CREATE EXTENSION hstore; CREATE TABLE t (id serial PRIMARY KEY, tags hstore, at timestamptz, price numeric);
INSERT INTO t (tags, at, price) SELECT hstore('k', i::text), '2020-01-01'::timestamptz + i * interval '1 h', i / 3.0 FROM generate_series(1, 5000) i;
SELECT lo_from_bytea(4711, decode(repeat('00ff', 5000), 'hex'));
SQL
pg_ctlcluster 13 main stop
install -d -o openldap -g openldap -m 750 /var/lib/ldap/old /run/slapd
slapd -h ldapi:/// -u openldap -g openldap -F /etc/ldap/slapd.d
for try in $(seq 50); do ldapwhoami -Q -Y EXTERNAL -H ldapi:/// >/dev/null 2>&1 && break; sleep 0.1; done
ldapmodify -Q -Y EXTERNAL -H ldapi:/// >/dev/null <<'LDIF'
dn: cn=module{0},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: back_hdb

dn: olcDatabase={2}hdb,cn=config
changetype: add
objectClass: olcDatabaseConfig
objectClass: olcHdbConfig
olcDatabase: {2}hdb
olcDbDirectory: /var/lib/ldap/old
olcSuffix: dc=old
olcRootDN: cn=admin,dc=old
olcRootPW: secret
olcDbIndex: objectClass,cn eq
LDIF
{ printf 'dn: dc=old\\nobjectClass: dcObject\\nobjectClass: organization\\no: old\\ndc: old\\n\\n'
  for n in $(seq 300); do printf 'dn: cn=p%s,dc=old\\nobjectClass: person\\ncn: p%s\\nsn: M\\303\\274ller %s\\n\\n' $n $n $n; done
} | ldapadd -x -H ldapi:/// -D cn=admin,dc=old -w secret >/dev/null
kill $(cat /run/slapd/slapd.pid)
while [ -e /run/slapd/slapd.pid ]; do sleep 0.1; done`;

const state = `cd /
pg_ctlcluster 13 main start
${asPostgres} psql -X -At -d app -c "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM t" -c "SELECT md5(lo_get(4711))" -c "SHOW server_version"
pg_ctlcluster 13 main stop
for n in 1 2; do ${asOpenldap} slapcat -n $n | sha256sum; done
${asOpenldap} slapcat -n 2 | grep -c ^dn:
stat -c '%U %G %a' /var/lib/ldap/old`;

beforeAll(async () => {
  root = await freshRoot({ suite: 'bullseye', packages: ['postgresql', 'slapd', 'ldap-utils', 'rrdtool'] });
  await shell(root.directory, fill);
});

afterAll(() => root?.dispose());

test('clusters of PostgreSQL 13 and hdb databases are carried over', async () => {
  const { directory } = root;
  const before = await shell(directory, state);
  expect(before).toMatch(/\n301\n/);
  expect(existsSync(join(directory, 'var/lib/ldap/old/id2entry.bdb'))).toBe(true);
  const end = await crossgrade(directory, 'run', '--yes');
  expect(end, tail(end)).toMatchObject({ code: 0 });
  expect(await shell(directory, state)).toBe(before);
  expect(existsSync(join(directory, 'var/lib/ldap/old/crossgrade-i386/id2entry.bdb'))).toBe(true);
  expect(comparisonIn(directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
});
