-- Settings for a session whose answers are compared with those of another server, and words for its questions.
--
-- For psql, before each of the other files that say so (postgresql-fingerprint.ts).
-- Sets variables, each of them a piece of SQL:
--   own     whether a schema, n, is no part of PostgreSQL itself
--   row     begins a list of texts that are to be one line
--   line    ends it: | between them, and - for what is null. It has the name `line`
--   sorted  begins a query, `(:sorted (ARRAY))`, for all that is in an array, in one order

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
\set own 'n.nspname NOT IN (''pg_catalog'', ''information_schema'') AND n.nspname !~ ''^pg_(toast|temp)'''
\set row 'array_to_string(ARRAY['
\set line '], ''|'', ''-'') COLLATE "C" AS line'
\set sorted 'SELECT string_agg(unnest::text, '' '' ORDER BY unnest::text COLLATE "C") FROM unnest'
