-- Prints what has to be known of a cluster before it is exported: one line of JSON, see `readOverview`.
--
-- For psql, on its standard input, in the root, as the owner of the cluster (postgresql.ts).
-- Variables: provider and locale, what a server of this version has of them in pg_database.

SELECT json_build_object(
  'superuser', (SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10),
  'strange', (SELECT coalesce(json_agg(name ORDER BY name), '[]')
    FROM (SELECT rolname AS name FROM pg_catalog.pg_roles UNION SELECT spcname FROM pg_catalog.pg_tablespace) AS names
    WHERE name::text ~ E'[\n\r]'),
  'prepared', (SELECT count(*) FROM pg_catalog.pg_prepared_xacts),
  'slots', (SELECT coalesce(json_agg(slot_name ORDER BY slot_name), '[]') FROM pg_catalog.pg_replication_slots),
  'subscriptions', (SELECT coalesce(json_agg(subname ORDER BY subname), '[]') FROM pg_catalog.pg_subscription),
  'archives', current_setting('archive_mode') <> 'off',
  'preload', (SELECT coalesce(json_agg(trim(library)), '[]') FROM unnest(
    string_to_array(current_setting('shared_preload_libraries'), ',') ||
    string_to_array(current_setting('session_preload_libraries'), ',')) AS library WHERE trim(library) <> ''),
  'databases', (SELECT json_agg(json_build_object(
      'name', d.datname, 'connectable', d.datallowconn, 'limit', d.datconnlimit,
      'encoding', pg_encoding_to_char(d.encoding), 'collate', d.datcollate, 'ctype', d.datctype,
      'provider', :provider, 'locale', :locale) ORDER BY d.datname)
    FROM pg_catalog.pg_database d));
