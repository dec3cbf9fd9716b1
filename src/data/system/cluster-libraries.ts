import libraryQuery from '#guest/postgresql/libraries.sql';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { asUser } from '../../base/system/others-folder.ts';
import type { ClusterLibrary } from '../data-survey.ts';
import { libraryFile } from '../postgresql.ts';
import type { ClusterLook } from './postgresql-cluster.ts';
import { psql } from './postgresql-server.ts';

/**
 * Shared libraries that a cluster's databases use, or could use, and that are no part of PostgreSQL itself. Only a
 * server that runs can say which; nothing is started to ask it.
 */
export async function clusterLibraries(machine: Machine, look: ClusterLook): Promise<ClusterLibrary[]> {
  const folder: RootPath = `/usr/lib/postgresql/${look.version}/lib`;
  const there = (await machine.list(folder)).filter((name) => name.endsWith('.so')).map((name) => `${folder}/${name}`);
  const used = await usedLibraries(machine, look);
  const all = [...new Set([...there, ...(used ?? [])])];
  const owners = await ownersOf(machine, all);
  return all
    .map((file): ClusterLibrary => {
      const owner = owners.get(file);
      return { file, used: used?.has(file) ?? null, ...(owner !== undefined && { package: owner }) };
    })
    .filter((one) => one.package !== `postgresql-${look.version}` && one.used !== false)
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** @returns undefined when nobody answers */
async function usedLibraries(
  machine: Machine,
  { version, dataDirectory, uid, gid }: ClusterLook,
): Promise<Set<string> | undefined> {
  const lines = ((await machine.readTextIfThere(`${dataDirectory}/postmaster.pid`).catch(() => undefined)) ?? '').split(
    '\n',
  );
  const [, , , port = '', socket = ''] = lines;
  if (machine.root.kind !== 'host' || !/^\d+$/.test(port) || !socket.startsWith('/')) return undefined;
  const ask = async (database: string, sql: string): Promise<string | undefined> => {
    const environment = { PGHOST: socket, PGPORT: port, PGCONNECT_TIMEOUT: '10', PGAPPNAME: 'crossgrade' };
    const argv = asUser({ uid, gid }, psql(version, database, ['--no-password', '-c', sql]));
    const { exitCode, stdout } = await machine.run(argv, { environment });
    return exitCode === 0 ? stdout : undefined;
  };
  const databases = await ask('template1', 'SELECT datname FROM pg_catalog.pg_database WHERE datallowconn');
  const preloaded = await ask(
    'template1',
    "SELECT trim(x) FROM unnest(string_to_array(current_setting('shared_preload_libraries') || ',' || current_setting('session_preload_libraries'), ',')) x WHERE trim(x) <> ''",
  );
  if (databases === undefined || preloaded === undefined) return undefined;
  const found = preloaded.split('\n');
  for (const database of databases.split('\n').filter(Boolean)) {
    const answer = await ask(database, libraryQuery);
    if (answer === undefined) return undefined;
    found.push(...answer.split('\n'));
  }
  return new Set(found.filter(Boolean).map((library) => libraryFile(library, version)));
}

async function ownersOf(machine: Machine, files: readonly string[]): Promise<Map<string, string>> {
  if (files.length === 0) return new Map();
  // Some are in no package: dpkg-query names the others all the same.
  const { stdout } = await machine.run(['dpkg-query', '--search', '--', ...files]);
  return new Map(
    stdout.split('\n').flatMap((line): [string, string][] => {
      const [, name, path] = /^([^:,\s]+)[^/]*: (\/.*)$/.exec(line) ?? [];
      return name === undefined || path === undefined ? [] : [[path, name]];
    }),
  );
}
