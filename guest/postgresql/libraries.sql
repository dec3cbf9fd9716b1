-- Prints the shared libraries that functions of a database come from, one a line.
--
-- For psql, in the root, as the owner of the cluster (carry-postgresql.ts on its standard input,
-- cluster-libraries.ts as `psql -c`).
-- Variables: none.

SELECT DISTINCT p.probin FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_language l ON l.oid = p.prolang
  WHERE l.lanname = 'c' AND p.probin IS NOT NULL ORDER BY 1;
