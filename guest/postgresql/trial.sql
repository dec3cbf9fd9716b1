-- Evaluates what a restore evaluates while it loads rows, and where an error would keep them out: checks and generated
-- columns that call functions of the database. As in a restore, there is no search path, which is what such functions
-- miss.
--
-- For psql, after session.sql, on its standard input, in the root, as the owner of the cluster
-- (postgresql-fingerprint.ts, carry-postgresql.ts).
-- Variables: none.
-- Prints nothing that matters, and fails where the restore would.

SELECT format('SELECT %L, count(*) FROM ONLY %s WHERE NOT (%s)', k.conname, k.conrelid::regclass,
    pg_get_expr(k.conbin, k.conrelid))
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  WHERE k.contype = 'c' AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid
    AND d.refclassid = 'pg_catalog.pg_proc'::regclass)
\gexec
SELECT format('SELECT %L, count(%s) FROM ONLY %s', a.attname, pg_get_expr(f.adbin, f.adrelid), f.adrelid::regclass)
  FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_class c ON c.oid = f.adrelid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  WHERE a.attgenerated <> '' AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_catalog.pg_depend d
    WHERE d.refclassid = 'pg_catalog.pg_proc'::regclass AND (
      d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid OR
      d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = f.adrelid AND d.objsubid = f.adnum))
\gexec
