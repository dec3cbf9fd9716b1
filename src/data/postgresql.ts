import * as z from 'zod';

/** What pg_controldata(1) says of a cluster; it works on one that is down. */
export interface ControlData {
  /** `202209061`: in the name of a tablespace's folder. */
  readonly catalogVersion: string;
  /** `shut down`, `in production`, `in archive recovery`, and so on. */
  readonly state: string;
  readonly checksums: boolean;
  readonly walSegmentMebibytes: number;
}

/**
 * @param text its output, LC_ALL=C
 * @returns a sentence where the file is damaged, or was not written by such a program
 */
export function readControlData(text: string, stderr: string): ControlData | string {
  if (/WARNING|incorrect|does not match|differ/i.test(`${text}\n${stderr}`)) {
    return 'its file global/pg_control is damaged';
  }
  const field = (name: string) => new RegExp(`^${name}:[ \\t]+(.*)$`, 'm').exec(text)?.[1]?.trim();
  const catalogVersion = field('Catalog version number');
  const state = field('Database cluster state');
  const segment = Number(field('Bytes per WAL segment'));
  const checksums = field('Data page checksum version');
  if (catalogVersion === undefined || state === undefined || checksums === undefined || !(segment > 0)) {
    return 'its file global/pg_control cannot be read';
  }
  return { catalogVersion, state, checksums: checksums !== '0', walSegmentMebibytes: segment / (1024 * 1024) };
}

/** What belongs to PostgreSQL itself in a data directory; everything else in it is the administrator's. */
const ownEntries: ReadonlySet<string> = new Set(
  (
    'PG_VERSION base global pg_commit_ts pg_dynshmem pg_logical pg_multixact pg_notify pg_replslot pg_serial ' +
    'pg_snapshots pg_stat pg_stat_tmp pg_subtrans pg_tblspc pg_twophase pg_wal pg_xact postmaster.opts postmaster.pid ' +
    'current_logfiles pg_internal.init backup_label.old tablespace_map.old backup_manifest lost+found'
  ).split(' '),
);

/** @returns configuration, certificates, logs: what a new data directory gets from the old one */
export function administratorsEntries(names: readonly string[]): string[] {
  return names.filter((name) => !ownEntries.has(name) && !/^(core\b|pgsql_tmp)/.test(name));
}

/** Without these there is no cluster, or not all of one. */
export const neededEntries = ['PG_VERSION', 'base', 'global/pg_control', 'global/pg_filenode.map', 'pg_wal', 'pg_xact'];

/** Older ones lack functions by which content is summed up. */
export const oldestVersion = 13;

export const neededPrograms = ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql', 'pg_controldata'];

/** Files by which a server knows that it is a copy of another one's. */
export const standbySignals = ['standby.signal', 'recovery.signal', 'recovery.conf'];

const databaseRow = z.strictObject({
  name: z.string(),
  connectable: z.boolean(),
  /** -2: a removal that was not finished. */
  limit: z.number(),
  encoding: z.string(),
  collate: z.string(),
  ctype: z.string(),
  provider: z.enum(['c', 'i', 'b', 'd']),
  locale: z.string().nullable(),
});
const overviewSchema = z.strictObject({
  superuser: z.string(),
  /** Names of roles and tablespaces with a line break. */
  strange: z.array(z.string()),
  prepared: z.number(),
  slots: z.array(z.string()),
  subscriptions: z.array(z.string()),
  archives: z.boolean(),
  preload: z.array(z.string()),
  databases: z.array(databaseRow),
});

/** What has to be known of a cluster before it is exported. */
export type ClusterOverview = z.infer<typeof overviewSchema>;

/** One line of JSON: see {@link readOverview}. */
export function overviewQuery(version: string): string {
  const major = Number.parseInt(version, 10);
  const provider = major >= 15 ? 'd.datlocprovider' : `'c'`;
  const locales: Record<string, string> = { 15: 'd.daticulocale', 16: 'd.daticulocale' };
  const locale = major < 15 ? 'NULL' : (locales[String(major)] ?? 'd.datlocale');
  return `
SELECT json_build_object(
  'superuser', (SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10),
  'strange', (SELECT coalesce(json_agg(name ORDER BY name), '[]')
    FROM (SELECT rolname AS name FROM pg_catalog.pg_roles UNION SELECT spcname FROM pg_catalog.pg_tablespace) AS names
    WHERE name::text ~ E'[\\n\\r]'),
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
      'provider', ${provider}, 'locale', ${locale}) ORDER BY d.datname)
    FROM pg_catalog.pg_database d));
`;
}

/** @throws what is not such an overview */
export function readOverview(line: string): ClusterOverview {
  return overviewSchema.parse(JSON.parse(line));
}

/** @returns why this cluster cannot be exported as it is; empty when it can */
export function refusals({ strange, prepared, databases }: ClusterOverview): string[] {
  const closed = databases.filter((one) => !one.connectable && one.name !== 'template0').map((one) => one.name);
  const torn = databases.filter((one) => one.limit === -2).map((one) => one.name);
  return [
    // In a dump of roles they end a comment, and what comes after is taken for a command.
    ...strange.map((name) => `the name of a role or a tablespace has a line break: ${JSON.stringify(name)}: rename it`),
    ...(prepared > 0
      ? [
          `it has ${prepared === 1 ? 'a prepared transaction' : `${prepared} prepared transactions`}, which no dump contains: COMMIT PREPARED or ROLLBACK PREPARED first`,
        ]
      : []),
    ...closed.map((name) => `its database ${name} allows no connections (ALTER DATABASE … ALLOW_CONNECTIONS true)`),
    ...torn.map((name) => `the removal of its database ${name} was never finished: drop it`),
  ];
}

/** What does not come along in a dump, or not as it was. */
export function exportNotes({ slots, subscriptions, archives }: ClusterOverview): string[] {
  return [
    ...(slots.length > 0
      ? [`replication slots are not carried over, make them again: ${slots.join(', ')}; replicas have to be rebuilt`]
      : []),
    ...(subscriptions.length > 0
      ? [
          `subscriptions are there, but disabled, and know no tables: ${subscriptions.join(', ')}. With max_logical_replication_workers = 0: ALTER SUBSCRIPTION … ENABLE, then … REFRESH PUBLICATION WITH (copy_data = false); then set it back, and restart the server`,
        ]
      : []),
    ...(archives
      ? [
          'it archives its write-ahead log: the archive’s program has to be told of a new cluster (pgBackRest: stanza-upgrade), and a new base backup is needed',
        ]
      : []),
  ];
}

/** @returns arguments for initdb(1) that make a cluster with the same properties */
export function initdbArguments(
  version: string,
  { superuser, databases }: ClusterOverview,
  { checksums, walSegmentMebibytes }: ControlData,
  mode: number,
): string[] {
  const major = Number.parseInt(version, 10);
  const model = databases.find((one) => one.name === 'template0') ?? databases[0];
  const provider: Record<string, string[]> = {
    i: ['--locale-provider=icu', `--icu-locale=${model?.locale ?? ''}`],
    b: ['--locale-provider=builtin', `--builtin-locale=${model?.locale ?? ''}`],
    c: major >= 15 ? ['--locale-provider=libc'] : [],
  };
  return [
    `--username=${superuser}`,
    '--auth=trust',
    `--encoding=${model?.encoding ?? 'UTF8'}`,
    `--lc-collate=${model?.collate ?? 'C'}`,
    `--lc-ctype=${model?.ctype ?? 'C'}`,
    ...(provider[model?.provider ?? 'c'] ?? []),
    ...(checksums ? ['--data-checksums'] : major >= 18 ? ['--no-data-checksums'] : []),
    `--wal-segsize=${walSegmentMebibytes}`,
    ...((mode & 0o050) === 0o050 ? ['--allow-group-access'] : []),
    '--no-sync',
  ];
}

/** @param library as pg_proc or a setting names it: `$libdir/hstore`, `auto_explain`, or a path */
export function libraryFile(library: string, version: string): string {
  const file = library.replace(/^"|"$/g, '').replace(/^\$libdir\//, `/usr/lib/postgresql/${version}/lib/`);
  const place = file.startsWith('/') ? file : `/usr/lib/postgresql/${version}/lib/${file}`;
  return /\.so(\.\d+)*$/.test(place) ? place : `${place}.so`;
}
