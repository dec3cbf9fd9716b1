import { type PrivateServer, serverOptions, serverSettings, sessionOptions } from '../../core/data/postgresql.ts';
import { type Machine, programMark, type RootPath } from '../../core/machine.ts';
import { shellWord } from '../../core/shell-word.ts';
import { asUser, DataTrouble, lastLines, must } from './adapter.ts';

/** A cluster as far as a server for it needs to know it. */
export interface ServedCluster {
  readonly version: string;
  readonly dataDirectory: RootPath;
  readonly configuration: RootPath;
  readonly uid: number;
  readonly gid: number;
  readonly superuser: string;
}

/** Environment for PostgreSQL's own programs, so that they reach the private server. */
export type Connection = Readonly<Record<string, string>>;

export function programs(version: string): RootPath {
  return `/usr/lib/postgresql/${version}/bin`;
}

function socketFolder(machine: Machine): RootPath {
  return `${machine.workDirectory}/postgresql`;
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
  const folder = socketFolder(machine);
  await stopServer(machine, cluster);
  await machine.removeTree(folder);
  await makeFolder(machine, folder, 0o700, cluster);
  await machine.write(`${folder}/pg_hba.conf`, 'local all all trust\n', { mode: 0o644 });
  const server: PrivateServer = { ...cluster, folder };
  const options = `${serverOptions(serverSettings(server, loading))} ${loading ? await loadingMemory(machine) : ''}`;
  const log: RootPath = `${folder}/log`;
  const start = ['start', '--silent', '-w', '-t', startSeconds, '-D', cluster.dataDirectory, '-l', log, '-o', options];
  // A server that a killed engine leaves is no program whose end somebody should wait for.
  const started = await machine.run(asUser(cluster, [`${programs(cluster.version)}/pg_ctl`, ...start]), {
    environment: { [programMark]: '' },
  });
  if (started.exitCode !== 0) {
    const said = lastLines((await machine.readTextIfThere(log)) ?? started.stderr);
    await stopServer(machine, cluster);
    throw new DataTrouble(
      `the server of PostgreSQL ${cluster.version} does not start on ${cluster.dataDirectory}`,
      said,
    );
  }
  try {
    return await work({
      PGHOST: folder,
      PGPORT: '5432',
      PGUSER: cluster.superuser,
      PGAPPNAME: 'crossgrade',
      PGOPTIONS: sessionOptions(cluster.version),
    });
  } finally {
    await stopServer(machine, cluster);
  }
}

/** One of ours that a killed engine has left; a cluster's own server is not touched. */
export async function stopOwnServer(machine: Machine, cluster: Omit<ServedCluster, 'superuser'>): Promise<void> {
  const lines = ((await machine.readTextIfThere(`${cluster.dataDirectory}/postmaster.pid`)) ?? '').split('\n');
  if (lines[4] === socketFolder(machine)) await stopServer(machine, cluster);
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

/** @returns what psql prints */
export async function ask(
  machine: Machine,
  version: string,
  connection: Connection,
  database: string,
  sql: string,
): Promise<string> {
  return must(
    machine,
    `the server does not answer a question about the database ${database}`,
    psql(version, database, ['-f', '-']),
    { environment: connection, input: sql },
  );
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

export async function makeFolder(
  machine: Machine,
  path: RootPath,
  mode: number,
  { uid, gid }: { readonly uid: number; readonly gid: number },
): Promise<void> {
  await must(machine, `${path} cannot be made`, [
    'install',
    '--directory',
    `--owner=${uid}`,
    `--group=${gid}`,
    `--mode=${mode.toString(8)}`,
    '--',
    path,
  ]);
}

/** Indices are built in memory, as far as the machine has it. */
async function loadingMemory(machine: Machine): Promise<string> {
  const { stdout } = await machine.run(['cat', '/proc/meminfo']);
  const kibibytes = Number(/^MemAvailable:\s+(\d+) kB/m.exec(stdout)?.[1] ?? 0);
  const mebibytes = Math.min(512, Math.max(64, Math.floor(kibibytes / 1024 / 16)));
  return `-c ${shellWord(`maintenance_work_mem=${mebibytes}MB`)}`;
}
