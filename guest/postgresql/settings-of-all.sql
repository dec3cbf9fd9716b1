-- Prints what is set for all roles in all databases, which pg_dumpall leaves out, as statements that set it again.
--
-- For psql, on its standard input, in the root, as the owner of the cluster (carry-postgresql.ts).
-- Variables: none.

SELECT format('SELECT pg_catalog.set_config(%L, %L, false);%sALTER ROLE ALL SET %s FROM CURRENT;',
    split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), chr(10), split_part(setting, '=', 1))
  FROM pg_catalog.pg_db_role_setting, unnest(setconfig) AS setting WHERE setdatabase = 0 AND setrole = 0;
