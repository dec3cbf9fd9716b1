import type { RootPath } from '../base/root.ts';
import { shellWord } from '../base/shell-word.ts';

/** Where a private server of a cluster is, and how it may be reached. */
export interface PrivateServer {
  readonly version: string;
  readonly dataDirectory: RootPath;
  /** Folder of its postgresql.conf, or the data directory. */
  readonly configuration: RootPath;
  /** Root's: the access rules, and a folder that is the cluster owner's, with socket and log. */
  readonly folder: RootPath;
}

export const accessFile = 'pg_hba.conf';
/** 0700, the cluster owner's. */
export const socketFolder = 'server';
/**
 * Settings for a server that serves nobody but us. They are given on its command line, and stronger than any file: no
 * file of the cluster is changed.
 *
 * @param loading an empty cluster: a power cut costs nothing but the time, and nothing has to be logged
 */
export function serverSettings({ version, dataDirectory, configuration, folder }: PrivateServer, loading: boolean) {
  const major = Number.parseInt(version, 10);
  const settings: Record<string, string> = {
    ...(configuration !== dataDirectory && { config_file: `${configuration}/postgresql.conf` }),
    data_directory: dataDirectory,
    hba_file: `${folder}/${accessFile}`,
    listen_addresses: '',
    unix_socket_directories: `${folder}/${socketFolder}`,
    unix_socket_permissions: '0700',
    unix_socket_group: '',
    port: '5432',
    ssl: 'off',
    external_pid_file: '',
    logging_collector: 'off',
    log_destination: 'stderr',
    log_statement: 'none',
    lc_messages: 'C',
    archive_mode: 'off',
    synchronous_standby_names: '',
    synchronous_commit: 'off',
    max_logical_replication_workers: '0',
    autovacuum: 'off',
    default_transaction_read_only: 'off',
    huge_pages: 'try',
    jit: 'off',
    // pg_cron's jobs must not run in a database that is being carried over.
    'cron.launch_active_jobs': 'off',
    // Nor may workers of other extensions write between a dump and its sums.
    ...(!loading && { max_worker_processes: '0' }),
    ...(major >= 14 && { idle_session_timeout: '0' }),
    // PostgreSQL 15 has it in memory.
    ...(major < 15 && { stats_temp_directory: 'pg_stat_tmp' }),
    ...(loading && {
      fsync: 'off',
      full_page_writes: 'off',
      wal_level: 'minimal',
      max_wal_senders: '0',
      max_wal_size: '1GB',
      checkpoint_timeout: '1h',
      ...(major >= 17 && { summarize_wal: 'off' }),
    }),
  };
  return settings;
}

/** As pg_ctl(1) wants them in its option -o, which a shell reads. */
export function serverOptions(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${shellWord(`${name}=${value}`)}`)
    .join(' ');
}

/** The administrator's limits and habits must not change what comes out, nor those of a database or a role. */
const sessionSettings = [
  'role=none',
  'default_transaction_read_only=off',
  'statement_timeout=0',
  'lock_timeout=0',
  'idle_in_transaction_session_timeout=0',
  'timezone=UTC',
  'datestyle=ISO',
  'intervalstyle=postgres',
  'extra_float_digits=3',
  'bytea_output=hex',
  'lc_monetary=C',
  'lc_messages=C',
  'synchronize_seqscans=off',
];
/** As the variable PGOPTIONS wants them. */
export function sessionOptions(version: string): string {
  const since14 = Number.parseInt(version, 10) >= 14 ? ['idle_session_timeout=0'] : [];
  return [...sessionSettings, ...since14].map((setting) => `-c ${setting}`).join(' ');
}

/**
 * What pg_dumpall --globals-only says of the superuser that initdb has made already.
 *
 * @param quoted its name, as SQL has it
 */
export function linesOfSuperuser(superuser: string, quoted: string): string[] {
  return [...new Set([`CREATE ROLE ${superuser};`, `CREATE ROLE ${quoted};`])];
}

/** What is set for all roles in all databases, which pg_dumpall leaves out, as statements that set it again. */
export const settingsOfAllQuery = `
SELECT format('SELECT pg_catalog.set_config(%L, %L, false);%sALTER ROLE ALL SET %s FROM CURRENT;',
    split_part(setting, '=', 1), substr(setting, strpos(setting, '=') + 1), chr(10), split_part(setting, '=', 1))
  FROM pg_catalog.pg_db_role_setting, unnest(setconfig) AS setting WHERE setdatabase = 0 AND setrole = 0;
`;
