-- The same as database-fingerprint.sql for what all databases of a cluster share.
--
-- For psql, after session.sql, on its standard input, in the root, as the owner of the cluster
-- (postgresql-fingerprint.ts, carry-postgresql.ts).
-- Variables: locale, more columns of pg_database, each followed by a comma; empty for servers before 15.
-- Prints: as database-fingerprint.sql.

SELECT :row 'role', rolname::text, rolsuper::text, rolinherit::text, rolcreaterole::text,
    rolcreatedb::text, rolcanlogin::text, rolreplication::text, rolbypassrls::text, rolconnlimit::text, md5(rolpassword),
    rolvaliduntil::text :line
  FROM pg_catalog.pg_authid ORDER BY line;

SELECT :row 'member', m.roleid::regrole::text, m.member::regrole::text, m.admin_option::text :line
  FROM pg_catalog.pg_auth_members m ORDER BY line;

SELECT :row 'database', d.datname::text, d.datdba::regrole::text,
    pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datctype::text, :locale d.datistemplate::text,
    d.datallowconn::text, d.datconnlimit::text, t.spcname::text,
    (:sorted (coalesce(d.datacl, acldefault('d', d.datdba)))) :line
  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace ORDER BY line;

SELECT :row 'tablespace', t.spcname::text, t.spcowner::regrole::text, pg_tablespace_location(t.oid),
    (:sorted (t.spcoptions)), (:sorted (coalesce(t.spcacl, acldefault('t', t.spcowner)))) :line
  FROM pg_catalog.pg_tablespace t ORDER BY line;

SELECT :row 'setting', d.datname::text, r.rolname::text, (:sorted (s.setconfig)) :line
  FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole ORDER BY line;

SELECT :row 'shared comments', classoid::regclass::text, count(*)::text :line
  FROM pg_catalog.pg_shdescription GROUP BY classoid ORDER BY line;
