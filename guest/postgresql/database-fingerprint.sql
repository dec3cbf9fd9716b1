-- Says, line by line, what is in a database. Both servers, the old and the new one, answer it; equal answers mean equal
-- content, whatever the order of rows on disk.
--
-- For psql, after session.sql, on its standard input, in the root, as the owner of the cluster
-- (postgresql-fingerprint.ts, carry-postgresql.ts). Rows are summed up by statements that others
-- make, hence \gexec.
-- Variables: trim, the function that takes zeros from the end of a page: rtrim; of servers before 14, btrim.
-- Prints: one line a thing: what it is, its name, its properties, with | between them and - for what is null. They are
-- kept in exports: an older crossgrade's must be comparable with ours.
--
-- Texts of expressions (views, defaults, checks) are left out: a server prints many of them in other words after they
-- were read back (`IN ('a', 'b')` on a varchar).
-- Of rights, what is the same as none is written out.

-- Rows of tables; apart from them what a restore computes anew, materialized views and generated columns, which may
-- have been stale before; and what is in tables of extensions, which the extension itself brings. Columns by name: a
-- restore gives tables that inherit them another order.
WITH tables AS (
  SELECT c.oid::regclass::text AS name, c.relkind = 'm' AS is_computed,
    EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') AS of_extension,
    (SELECT string_agg('crossgrade_row.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
      FROM pg_catalog.pg_attribute a
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS given,
    (SELECT string_agg('crossgrade_row.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
      FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped AND a.attgenerated <> '') AS generated
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE :own AND c.relkind IN ('r', 'm') AND c.relpersistence <> 't' AND c.relispopulated),
sums AS (
  SELECT CASE WHEN of_extension THEN 'extension rows|' WHEN is_computed THEN 'computed|' ELSE 'rows|' END || name AS label,
    name, given AS columns FROM tables
  UNION ALL
  SELECT 'computed|' || name, name, generated FROM tables WHERE generated IS NOT NULL AND NOT of_extension)
SELECT format('SELECT %L, count(*), coalesce(sum(hashtextextended(ROW(%s)::text COLLATE "C", 0)), 0) FROM ONLY %s AS crossgrade_row',
    label, columns, name)
  FROM sums ORDER BY label COLLATE "C"
\gexec

SELECT format('SELECT %L, last_value, is_called FROM %s', 'sequence|' || c.oid::regclass, c.oid::regclass)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE :own AND c.relkind = 'S' AND c.relpersistence <> 't'
  ORDER BY c.oid::regclass::text COLLATE "C"
\gexec

-- A large object with a hole gets zeros for it when it is restored. bytea has no rtrim before 14.
SELECT 'large object content|' || loid, count(*),
    sum(hashtextextended(pageno || ' ' || encode(:trim(data, '\x00'::bytea), 'hex'), 0))
  FROM pg_catalog.pg_largeobject WHERE length(:trim(data, '\x00'::bytea)) > 0 GROUP BY loid ORDER BY loid;
SELECT :row 'large object', oid::text, lomowner::regrole::text,
    (:sorted (coalesce(lomacl, acldefault('L', lomowner)))) :line
  FROM pg_catalog.pg_largeobject_metadata ORDER BY line;

SELECT :row 'schema', n.nspname::text, n.nspowner::regrole::text,
    (:sorted (coalesce(n.nspacl, acldefault('n', n.nspowner)))) :line
  FROM pg_catalog.pg_namespace n WHERE :own ORDER BY line;

SELECT :row 'relation', c.oid::regclass::text, c.relkind::text, c.relowner::regrole::text,
    c.relpersistence::text, m.amname::text, t.spcname::text, c.relrowsecurity::text, c.relforcerowsecurity::text,
    c.relreplident::text, c.relispartition::text, (:sorted (c.reloptions)),
    (:sorted (coalesce(c.relacl, acldefault(CASE WHEN c.relkind = 'S' THEN 's'::"char" ELSE 'r' END, c.relowner)))),
    i.indisunique::text, i.indisvalid::text, i.indisclustered::text :line
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam LEFT JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
    LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
  WHERE :own AND c.relpersistence <> 't' ORDER BY line;

-- A child of another table gets its own columns last.
SELECT :row 'column', c.oid::regclass::text,
    (CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE h.inhrelid = a.attrelid) THEN 0
      ELSE rank() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) END)::text,
    a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text, a.atthasdef::text, a.attidentity::text,
    a.attgenerated::text, a.attcollation::regcollation::text, a.attstorage::text, a.attstattarget::text,
    (:sorted (a.attacl)), (:sorted (a.attoptions)) :line
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE :own AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped
    AND c.relkind IN ('r', 'v', 'm', 'f', 'p', 'c') ORDER BY line;

SELECT :row 'constraint', n.nspname::text, k.conname::text, k.contype::text, k.conrelid::regclass::text,
    k.confrelid::regclass::text, k.convalidated::text, k.condeferrable::text, k.condeferred::text :line
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace WHERE :own ORDER BY line;

SELECT :row 'trigger', t.tgrelid::regclass::text, t.tgname::text, t.tgenabled::text,
    t.tgfoid::regprocedure::text :line
  FROM pg_catalog.pg_trigger t WHERE NOT t.tgisinternal ORDER BY line;

SELECT :row 'function', p.oid::regprocedure::text, p.prokind::text, p.proowner::regrole::text,
    l.lanname::text, p.provolatile::text, p.prosecdef::text, p.proleakproof::text, p.proisstrict::text,
    p.proparallel::text, md5(p.prosrc), p.probin::text, (:sorted (p.proconfig)),
    (:sorted (coalesce(p.proacl, acldefault('f', p.proowner)))) :line
  FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE :own ORDER BY line;

SELECT :row 'type', t.oid::regtype::text, t.typtype::text, t.typowner::regrole::text,
    (:sorted (coalesce(t.typacl, acldefault('T', t.typowner)))),
    (SELECT string_agg(e.enumlabel, ' ' ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) :line
  FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
  WHERE :own AND t.typcategory <> 'A'
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relpersistence = 't') ORDER BY line;

SELECT :row 'policy', polrelid::regclass::text, polname::text, polcmd::text, polpermissive::text,
    array_length(polroles, 1)::text :line
  FROM pg_catalog.pg_policy ORDER BY line;

SELECT :row 'publication', pubname::text, pubowner::regrole::text, puballtables::text, pubinsert::text,
    pubupdate::text, pubdelete::text :line
  FROM pg_catalog.pg_publication ORDER BY line;

SELECT :row 'event trigger', evtname::text, evtevent::text, evtowner::regrole::text,
    evtfoid::regproc::text, evtenabled::text :line
  FROM pg_catalog.pg_event_trigger ORDER BY line;

SELECT :row 'server', s.srvname::text, s.srvowner::regrole::text, (:sorted (s.srvoptions)),
    (:sorted (coalesce(s.srvacl, acldefault('S', s.srvowner)))) :line
  FROM pg_catalog.pg_foreign_server s ORDER BY line;

SELECT :row 'collation', n.nspname::text, c.collname::text, c.collprovider::text,
    c.collisdeterministic::text :line
  FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace WHERE :own ORDER BY line;

SELECT :row 'extension', e.extname::text, n.nspname::text :line
  FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace ORDER BY line;

SELECT :row 'extension version', extname::text, extversion :line
  FROM pg_catalog.pg_extension ORDER BY line;

SELECT :row 'comments', classoid::regclass::text, count(*)::text :line
  FROM pg_catalog.pg_description WHERE classoid <> 'pg_catalog.pg_collation'::regclass GROUP BY classoid ORDER BY line;

-- Objects of which the number must be the same.
SELECT format('SELECT ''number|pg_%s|'' || count(*) FROM pg_catalog.pg_%s', name, name) FROM unnest('{
    aggregate,amop,amproc,attrdef,cast,conversion,default_acl,enum,foreign_data_wrapper,foreign_server,
    foreign_table,inherits,language,largeobject_metadata,opclass,operator,opfamily,publication_rel,range,
    rewrite,seclabel,statistic_ext,transform,ts_config,ts_config_map,ts_dict,ts_parser,ts_template,
    user_mappings}'::text[]) AS name
\gexec
