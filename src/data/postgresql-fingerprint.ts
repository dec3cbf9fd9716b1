/**
 * SQL that says, line by line, what is in a database and in a cluster. Both servers, the old and the new one, answer it;
 * equal answers mean equal content, whatever the order of rows on disk.
 *
 * Texts of expressions (views, defaults, checks) are left out: a server prints many of them in other words after they
 * were read back (`IN ('a', 'b')` on a varchar).
 */

const settings = `
SET statement_timeout = 0;
SET lock_timeout = 0;
SET search_path = '';
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET intervalstyle = 'postgres';
SET extra_float_digits = 3;
SET bytea_output = 'hex';
SET xmloption = 'content';
SET lc_monetary = 'C';
`;

const ownSchema = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'`;

/** Sorted, and with what is the same as none written out. */
function acl(column: string, kind: string, owner: string): string {
  return (
    `(SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C") ` +
    `FROM unnest(coalesce(${column}, acldefault('${kind}', ${owner}))) AS a)`
  );
}

function sorted(array: string): string {
  return `(SELECT string_agg(a::text, ' ' ORDER BY a::text COLLATE "C") FROM unnest(${array}) AS a)`;
}

/** One row a thing: what it is, its name, its properties. */
function lines(what: string, columns: readonly string[], from: string): string {
  const row = columns.map((column) => `coalesce((${column})::text, '-')`).join(` || '|' || `);
  return `SELECT line FROM (SELECT '${what}|' || ${row} AS line FROM ${from}) AS every ORDER BY line COLLATE "C";\n`;
}

/**
 * Rows of tables; apart from them what a restore computes anew, materialized views and generated columns, which may have
 * been stale before; and what is in tables of extensions, which the extension itself brings. Columns by name: a restore gives tables that inherit them another order.
 */
const rowSums = `
WITH tables AS (
  SELECT (c.oid::regclass)::text AS name, c.relkind = 'm' AS is_computed,
    EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
    (SELECT string_agg('crossgrade_row.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS given,
    (SELECT string_agg('crossgrade_row.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attgenerated <> '') AS generated
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${ownSchema} AND c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relispopulated),
sums AS (
  SELECT CASE WHEN of_extension THEN 'extension rows|' WHEN is_computed THEN 'computed|' ELSE 'rows|' END || name AS label,
    name, given AS columns FROM tables
  UNION ALL
  SELECT 'computed|' || name, name, generated FROM tables WHERE generated IS NOT NULL AND NOT of_extension)
SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended(ROW(%s)::text COLLATE "C", 0)), 0) FROM ONLY %s AS crossgrade_row',
    label, columns, name)
  FROM sums ORDER BY label COLLATE "C"
\\gexec`;

/** Objects of which the number must be the same. */
const counted = [
  'pg_aggregate',
  'pg_amop',
  'pg_amproc',
  'pg_attrdef',
  'pg_cast',
  'pg_conversion',
  'pg_default_acl',
  'pg_enum',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_foreign_table',
  'pg_inherits',
  'pg_language',
  'pg_largeobject_metadata',
  'pg_opclass',
  'pg_operator',
  'pg_opfamily',
  'pg_publication_rel',
  'pg_range',
  'pg_rewrite',
  'pg_seclabel',
  'pg_statistic_ext',
  'pg_transform',
  'pg_ts_config',
  'pg_ts_config_map',
  'pg_ts_dict',
  'pg_ts_parser',
  'pg_ts_template',
  'pg_user_mappings',
];

/**
 * For one database. psql runs it: rows are summed up by statements that the first one makes, hence its `\\gexec`.
 *
 * @param version the major version
 */
export function databaseFingerprint(version: string): string {
  const major = Number.parseInt(version, 10);
  // A large object with a hole gets zeros for it when it is restored. bytea has no rtrim before 14.
  const page = `${major >= 14 ? 'rtrim' : 'btrim'}(data, '\\x00'::bytea)`;
  return `${settings}
${rowSums}
SELECT format('SELECT %L, last_value, is_called FROM %s', 'sequence|' || c.oid::regclass, c.oid::regclass)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE ${ownSchema} AND c.relkind = 'S' AND c.relpersistence <> 't'
  ORDER BY (c.oid::regclass)::text COLLATE "C"
\\gexec
SELECT 'large object content|' || loid, count(*), sum(hashtextextended(pageno || ' ' || encode(${page}, 'hex'), 0))
  FROM pg_catalog.pg_largeobject WHERE length(${page}) > 0 GROUP BY loid ORDER BY loid;
${lines('large object', ['oid', 'lomowner::regrole', acl('lomacl', 'L', 'lomowner')], 'pg_catalog.pg_largeobject_metadata')}
${lines('schema', ['n.nspname', 'n.nspowner::regrole', acl('n.nspacl', 'n', 'n.nspowner')], `pg_catalog.pg_namespace n WHERE ${ownSchema}`)}
${lines(
  'relation',
  [
    'c.oid::regclass',
    'c.relkind',
    'c.relowner::regrole',
    'c.relpersistence',
    'm.amname',
    't.spcname',
    'c.relrowsecurity',
    'c.relforcerowsecurity',
    'c.relreplident',
    'c.relispartition',
    sorted('c.reloptions'),
    `CASE WHEN c.relkind = 'S' THEN ${acl('c.relacl', 's', 'c.relowner')} ELSE ${acl('c.relacl', 'r', 'c.relowner')} END`,
    'i.indisunique',
    'i.indisvalid',
    'i.indisclustered',
  ],
  `pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid WHERE ${ownSchema} AND c.relpersistence <> 't'`,
)}
${lines(
  'column',
  [
    'c.oid::regclass',
    // A child of another table gets its own columns last.
    `CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = a.attrelid) THEN 0
      ELSE rank() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) END`,
    'a.attname',
    'format_type(a.atttypid, a.atttypmod)',
    'a.attnotnull',
    'a.atthasdef',
    'a.attidentity',
    'a.attgenerated',
    'a.attcollation::regcollation',
    'a.attstorage',
    'a.attstattarget',
    sorted('a.attacl'),
    sorted('a.attoptions'),
  ],
  `pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE ${ownSchema} AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'c')`,
)}
${lines(
  'constraint',
  [
    'n.nspname',
    'k.conname',
    'k.contype',
    'k.conrelid::regclass',
    'k.confrelid::regclass',
    'k.convalidated',
    'k.condeferrable',
    'k.condeferred',
  ],
  `pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE ${ownSchema}`,
)}
${lines(
  'trigger',
  ['t.tgrelid::regclass', 't.tgname', 't.tgenabled', 't.tgfoid::regprocedure'],
  'pg_catalog.pg_trigger t WHERE NOT t.tgisinternal',
)}
${lines(
  'function',
  [
    'p.oid::regprocedure',
    'p.prokind',
    'p.proowner::regrole',
    'l.lanname',
    'p.provolatile',
    'p.prosecdef',
    'p.proleakproof',
    'p.proisstrict',
    'p.proparallel',
    'md5(p.prosrc)',
    'p.probin',
    sorted('p.proconfig'),
    acl('p.proacl', 'f', 'p.proowner'),
  ],
  `pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE ${ownSchema}`,
)}
${lines(
  'type',
  [
    't.oid::regtype',
    't.typtype',
    't.typowner::regrole',
    acl('t.typacl', 'T', 't.typowner'),
    `(SELECT string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)`,
  ],
  `pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE ${ownSchema} AND t.typcategory <> 'A'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relpersistence = 't')`,
)}
${lines('policy', ['polrelid::regclass', 'polname', 'polcmd', 'polpermissive', 'array_length(polroles, 1)'], 'pg_catalog.pg_policy')}
${lines('publication', ['pubname', 'pubowner::regrole', 'puballtables', 'pubinsert', 'pubupdate', 'pubdelete'], 'pg_catalog.pg_publication')}
${lines('event trigger', ['evtname', 'evtevent', 'evtowner::regrole', 'evtfoid::regproc', 'evtenabled'], 'pg_catalog.pg_event_trigger')}
${lines('server', ['s.srvname', 's.srvowner::regrole', sorted('s.srvoptions'), acl('s.srvacl', 'S', 's.srvowner')], 'pg_catalog.pg_foreign_server s')}
${lines('collation', ['n.nspname', 'c.collname', 'c.collprovider', 'c.collisdeterministic'], `pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace WHERE ${ownSchema}`)}
${lines('extension', ['e.extname', 'n.nspname'], 'pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace')}
${lines('extension version', ['extname', 'extversion'], 'pg_catalog.pg_extension')}
${lines('comments', ['classoid::regclass', 'count(*)'], `pg_catalog.pg_description WHERE classoid <> 'pg_catalog.pg_collation'::regclass GROUP BY classoid`)}
${counted.map((table) => lines('number', [`'${table}'`, 'count(*)'], `pg_catalog.${table}`)).join('')}`;
}

/** For what all databases of a cluster share. */
export function clusterFingerprint(version: string): string {
  const major = Number.parseInt(version, 10);
  const locale = major < 15 ? [] : [major < 17 ? 'd.daticulocale' : 'd.datlocale', 'd.datlocprovider'];
  return `${settings}
${lines(
  'role',
  [
    'rolname',
    'rolsuper',
    'rolinherit',
    'rolcreaterole',
    'rolcreatedb',
    'rolcanlogin',
    'rolreplication',
    'rolbypassrls',
    'rolconnlimit',
    'md5(rolpassword)',
    'rolvaliduntil',
  ],
  'pg_catalog.pg_authid',
)}
${lines('member', ['m.roleid::regrole', 'm.member::regrole', 'm.admin_option'], 'pg_catalog.pg_auth_members m')}
${lines(
  'database',
  [
    'd.datname',
    'd.datdba::regrole',
    'pg_encoding_to_char(d.encoding)',
    'd.datcollate',
    'd.datctype',
    ...locale,
    'd.datistemplate',
    'd.datallowconn',
    'd.datconnlimit',
    't.spcname',
    acl('d.datacl', 'd', 'd.datdba'),
  ],
  'pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace',
)}
${lines(
  'tablespace',
  [
    't.spcname',
    't.spcowner::regrole',
    'pg_tablespace_location(t.oid)',
    sorted('t.spcoptions'),
    acl('t.spcacl', 't', 't.spcowner'),
  ],
  'pg_catalog.pg_tablespace t',
)}
${lines(
  'setting',
  ['d.datname', 'r.rolname', sorted('s.setconfig')],
  `pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole`,
)}
${lines('shared comments', ['classoid::regclass', 'count(*)'], 'pg_catalog.pg_shdescription GROUP BY classoid')}`;
}

/**
 * Evaluates what a restore evaluates while it loads rows, and where an error would keep them out: checks and generated
 * columns that call functions of the database. As in a restore, there is no search path, which is what such functions
 * miss. It prints nothing that matters, and fails where the restore would.
 */
export const trialQuery = `${settings}
SELECT format('SELECT %L, count(*) FROM ONLY %s WHERE NOT (%s)', k.conname, k.conrelid::regclass,
    pg_get_expr(k.conbin, k.conrelid))
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  WHERE k.contype = 'c' AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::regclass)
\\gexec
SELECT format('SELECT %L, count(%s) FROM ONLY %s', a.attname, pg_get_expr(f.adbin, f.adrelid), f.adrelid::regclass)
  FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_class c ON c.oid = f.adrelid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  WHERE a.attgenerated <> '' AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass AND (
      d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid OR
      d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = f.adrelid AND d.objsubid = f.adnum))
\\gexec
`;

/** Shared libraries that functions of a database come from, one a line. */
export const libraryQuery = `
SELECT DISTINCT p.probin FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE l.lanname = 'c' AND p.probin IS NOT NULL ORDER BY 1;
`;
