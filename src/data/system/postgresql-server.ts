import { type Machine, programMark } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { shellWord } from '../../base/shell-word.ts';
import { DataTrouble, lastLines, must } from '../../base/system/must.ts';
import { asUser, asUserWith, type Lent, type Owner, othersFolder } from '../../base/system/others-folder.ts';
import {
  accessFile,
  type PrivateServer,
  serverOptions,
  serverSettings,
  sessionOptions,
  socketFolder,
} from '../postgresql-server-options.ts';

/** A cluster as far as a server for it needs to know it. */
export interface ServedCluster {
  readonly version: string;
  readonly dataDirectory: RootPath;
  readonly configuration: RootPath;
  readonly uid: number;
  readonly gid: number;
  readonly superuser: string;
}

/**
 * How PostgreSQL's own programs reach the private server. They run as the cluster's owner: what a database, or a dump of
 * it, makes psql do is done with his rights, and not with root's.
 */
export interface Connection {
  readonly owner: Owner;
  readonly environment: Readonly<Record<string, string>>;
}

export function programs(version: string): RootPath {
  return `/usr/lib/postgresql/${version}/bin`;
}

function serverFolder(machine: Machine): RootPath {
  return `${machine.workDirectory}/postgresql`;
}

function socketsOf(machine: Machine): RootPath {
  return `${serverFolder(machine)}/${socketFolder}`;
}

/** Crash recovery of a large cluster takes its time. */
const startSeconds = '3600';

/**
 * Lets a server of our own run on a cluster while some work is done, for nobody else to reach. The cluster's
 * configuration and access rules are neither changed nor asked.
 */
export async function withServer<Value>(
  machine: Machine,
  cluster: ServedCluster,
  loading: boolean,
  work: (connection: Connection) => Promise<Value>,
): Promise<Value> {
  const folder = serverFolder(machine);
  const sockets = socketsOf(machine);
  await stopServer(machine, cluster);
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o755);
  await machine.write(`${folder}/${accessFile}`, 'local all all trust\n', { mode: 0o644 });
  await othersFolder(machine, cluster).makeFolder(sockets, 0o700);
  const server: PrivateServer = { ...cluster, folder };
  const options = `${serverOptions(serverSettings(server, loading))} ${loading ? await loadingMemory(machine) : ''}`;
  const log: RootPath = `${sockets}/log`;
  const start = ['start', '--silent', '-w', '-t', startSeconds, '-D', cluster.dataDirectory, '-l', log, '-o', options];
  // A server that a killed engine leaves is no program whose end somebody should wait for.
  const started = await machine.run(asUser(cluster, [`${programs(cluster.version)}/pg_ctl`, ...start]), {
    environment: { [programMark]: '' },
  });
  if (started.exitCode !== 0) {
    const { stdout } = await machine.run(asUser(cluster, ['timeout', '10', 'tail', '--lines=20', '--', log]));
    const said = lastLines(stdout || started.stderr);
    await stopServer(machine, cluster);
    throw new DataTrouble(
      `the server of PostgreSQL ${cluster.version} does not start on ${cluster.dataDirectory}`,
      said,
    );
  }
  try {
    return await work({
      owner: { uid: cluster.uid, gid: cluster.gid },
      environment: {
        // Neither root's files nor the owner's tell the programs anything.
        HOME: '/nonexistent',
        PGHOST: sockets,
        PGPORT: '5432',
        PGUSER: cluster.superuser,
        PGAPPNAME: 'crossgrade',
        PGOPTIONS: sessionOptions(cluster.version),
      },
    });
  } finally {
    await stopServer(machine, cluster);
  }
}

/** One of ours that a killed engine has left; a cluster's own server is not touched. */
export async function stopOwnServer(machine: Machine, cluster: Omit<ServedCluster, 'superuser'>): Promise<void> {
  const lines = ((await machine.readTextIfThere(`${cluster.dataDirectory}/postmaster.pid`)) ?? '').split('\n');
  if (lines[4] === socketsOf(machine)) await stopServer(machine, cluster);
}

/** Ours of an earlier attempt, too. */
export async function stopServer(machine: Machine, cluster: Omit<ServedCluster, 'superuser'>): Promise<void> {
  if (!(await machine.exists(`${cluster.dataDirectory}/postmaster.pid`))) return;
  const call = (...words: string[]) =>
    machine.run(asUser(cluster, [`${programs(cluster.version)}/pg_ctl`, ...words, '-D', cluster.dataDirectory]));
  if ((await call('status')).exitCode !== 0) return;
  const stopped = await call('stop', '--silent', '-m', 'fast', '-w', '-t', startSeconds);
  if (stopped.exitCode !== 0) {
    throw new DataTrouble(`the server on ${cluster.dataDirectory} does not stop`, lastLines(stopped.stderr));
  }
}

/** A program of PostgreSQL's, which has to succeed. @returns what it prints */
export function client(
  machine: Machine,
  what: string,
  { owner, environment }: Connection,
  argv: readonly string[],
  { input, ...lent }: Lent & { readonly input?: string } = {},
): Promise<string> {
  return must(machine, what, asUserWith(owner, lent, argv), { environment, ...(input !== undefined && { input }) });
}

/** @returns what psql prints */
export async function ask(
  machine: Machine,
  version: string,
  connection: Connection,
  database: string,
  sql: string,
): Promise<string> {
  const what = `the server does not answer a question about the database ${database}`;
  return client(machine, what, connection, psql(version, database, ['-f', '-']), { input: sql });
}

export function psql(version: string, database: string, words: readonly string[]): string[] {
  const quiet = ['--no-psqlrc', '--quiet', '--tuples-only', '--no-align', '--set=ON_ERROR_STOP=1'];
  // A name may look like a connection string.
  return [`${programs(version)}/psql`, ...quiet, '-d', connectionString(database), ...words];
}

/** Names of databases may contain anything. */
export function connectionString(database: string): string {
  return `dbname='${database.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Indices are built in memory, as far as the machine has it. */
async function loadingMemory(machine: Machine): Promise<string> {
  const { stdout } = await machine.run(['cat', '/proc/meminfo']);
  const kibibytes = Number(/^MemAvailable:\s+(\d+) kB/m.exec(stdout)?.[1] ?? 0);
  const mebibytes = Math.min(512, Math.max(64, Math.floor(kibibytes / 1024 / 16)));
  return `-c ${shellWord(`maintenance_work_mem=${mebibytes}MB`)}`;
}
