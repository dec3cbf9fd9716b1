import type { Machine } from '../../base/machine.ts';
import { addTo } from '../../base/multimap.ts';
import type { RootPath } from '../../base/root.ts';
import { careful, rootOnly } from '../../base/system/careful.ts';
import { type Owner, rootsOwnFolder } from '../../base/system/others-folder.ts';
import { isKeptFromUs, presence } from '../../base/system/presence.ts';
import type { Unseen } from '../../base/unseen.ts';
import { folderToName } from '../../software/group-programs.ts';
import type { LocalFiles } from '../../software/system/local-files.ts';
import { markerFolders } from '../../software/system/survey-software.ts';
import {
  type ClusterShares,
  type DataObstacle,
  type DataStore,
  type FileFormat,
  readDataDirectory,
  readSlapdConf,
  readSlapdDefault,
  readSlapdLdif,
  type SlapdDatabase,
} from '../data-survey.ts';
import { clusterLibraries } from './cluster-libraries.ts';
import { type ClusterLook, isConfigured, lookAtCluster } from './postgresql-cluster.ts';
import { programs } from './postgresql-server.ts';

/** What a scan has found of data. */
export interface DataFiles {
  readonly files: readonly { readonly path: string; readonly format: FileFormat; readonly bytes: number }[];
  /** Folders of PostgreSQL clusters. */
  readonly clusters: readonly string[];
}

/** Data that the target's programs can't read: in the places that configuration names, and what a scan has found. */
export async function lookAtData(
  machine: Machine,
  { files, clusters }: DataFiles,
): Promise<{ data: DataStore[]; unseen: Unseen[] }> {
  const unseen: Unseen[] = [];
  const postgresql = await findClusters(machine, clusters, unseen);
  const slapd = await findSlapdDatabases(machine, unseen);
  const other = withoutSlapd(files, slapd);
  const missing = await missingRrdtool(machine);
  const groups = groupFiles(other).map((one) => (one.kind === 'rrd' && missing ? { ...one, trouble: missing } : one));
  return { data: [...postgresql, ...slapd, ...groups], unseen };
}

/** The LMDB files of slapd are told with slapd. */
export function withoutSlapd(files: DataFiles['files'], slapd: readonly DataStore[]): DataFiles['files'] {
  return files.filter((file) => !slapd.some((one) => file.path.startsWith(`${one.path}/`)));
}

async function missingRrdtool(machine: Machine): Promise<DataObstacle | undefined> {
  if (await machine.exists('/usr/bin/rrdtool')) return undefined;
  return { what: 'mend', text: 'the program rrdtool, which exports them, is not installed' };
}

/** Files of one format and one program are told together. */
function groupFiles(files: DataFiles['files']): DataStore[] {
  const groups = new Map<string, DataFiles['files'][number][]>();
  for (const file of files) {
    const place = file.format === 'rrd' ? folderToName(file.path) : file.path;
    addTo(groups, `${file.format} ${place}`, file);
  }
  return [...groups].map(([key, members]) => ({
    kind: members[0]?.format ?? 'rrd',
    name: '',
    path: key.slice(key.indexOf(' ') + 1),
    files: members.length,
    bytes: members.reduce((sum, one) => sum + one.bytes, 0),
  }));
}

/** Those that Debian's tools know, and others that a scan has found. */
export async function findClusters(
  machine: Machine,
  scanned: readonly string[],
  unseen: Unseen[],
): Promise<DataStore[]> {
  const stores: DataStore[] = [];
  const known = new Set<string>();
  for (const [path, name] of await clusterPlaces(machine, scanned, unseen)) {
    const seen = await lookFor(machine, path, unseen);
    if (seen === 'missing') {
      const isMissing = await careful(unseen)(path, () => isMissed(machine, name, path), false);
      if (isMissing) stores.push(missingCluster(name, path));
      continue;
    }
    const look = seen === 'hidden' ? undefined : await lookAtCluster(machine, name, path);
    const store: DataStore = { kind: 'postgresql', name, path, files: 1 };
    if (look === undefined || 'what' in look) {
      stores.push({ ...store, ...(await sizeOf(machine, [path])), ...(look && { trouble: look }) });
    } else if (!known.has(look.dataDirectory)) {
      // Named by a symlink, it is found again where that leads.
      known.add(look.dataDirectory);
      stores.push({
        ...store,
        ...(await sizeOf(machine, [look.dataDirectory, ...look.elsewhere])),
        cluster: await sharesOf(machine, look),
        libraries: await clusterLibraries(machine, look),
      });
    }
  }
  return stores.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Not to be seen is no proof that a cluster is not there, nor that it is damaged. */
async function lookFor(machine: Machine, path: RootPath, unseen: Unseen[]): Promise<'there' | 'missing' | 'hidden'> {
  const version: RootPath = `${path}/PG_VERSION`;
  const found = await careful(unseen)(path, () => presence(machine, version), 'hidden' as const);
  if (found === 'missing') return 'missing';
  for (const file of [version, `${path}/global/pg_control`] as const) {
    if (found === 'there' && !(await isKeptFromUs(machine, file))) continue;
    unseen.push({ what: path, why: rootOnly });
    return 'hidden';
  }
  return 'there';
}

/** Of a cluster that is configured, and has a server: nobody would carry over what is mounted there later. */
async function isMissed(machine: Machine, name: string, path: RootPath): Promise<boolean> {
  const server: RootPath = `${programs(name.slice(0, name.indexOf('/')))}/postgres`;
  return (await isConfigured(machine, name)) && (await machine.exists(server)) && !(await isAside(machine, path));
}

function missingCluster(name: string, path: RootPath): DataStore {
  const text = `its data directory is not there: mount it, or, if it is gone for good, move /etc/postgresql/${name} elsewhere`;
  return { kind: 'postgresql', name, path, files: 1, bytes: 0, trouble: { what: 'mend', text } };
}

/** A run has renamed it, and has not made it anew yet. */
async function isAside(machine: Machine, path: RootPath): Promise<boolean> {
  const slash = path.lastIndexOf('/');
  const names = await machine.list((path.slice(0, slash) || '/') as RootPath);
  return names.some((one) => one.startsWith(`${path.slice(slash + 1)}.crossgrade-`));
}

async function sharesOf(machine: Machine, { dataDirectory, wal, control }: ClusterLook): Promise<ClusterShares> {
  const { bytes = 0 } = await sizeOf(machine, [wal ?? `${dataDirectory}/pg_wal`]);
  const databases = (await machine.list(`${dataDirectory}/base`)).filter((one) => /^\d+$/.test(one)).length;
  return { databases, logBytes: bytes, logSegmentBytes: control.walSegmentMebibytes * 1024 * 1024 };
}

/** Originals of an earlier crossgrade, and its unfinished work. */
const ofOurs = /\.crossgrade-\w+$/;

/** @returns names by data directory */
async function clusterPlaces(
  machine: Machine,
  found: readonly string[],
  unseen: Unseen[],
): Promise<Map<RootPath, string>> {
  const names = new Map<RootPath, string>();
  for (const name of await clusterNames(machine, '/etc/postgresql', unseen)) {
    const file: RootPath = `/etc/postgresql/${name}/postgresql.conf`;
    const text = await careful(unseen)(file, () => machine.readTextIfThere(file), undefined);
    names.set((readDataDirectory(text ?? '') ?? `/var/lib/postgresql/${name}`) as RootPath, name);
  }
  const others: [RootPath, string][] = [
    ...(await clusterNames(machine, '/var/lib/postgresql', unseen)).map((name): [RootPath, string] => [
      `/var/lib/postgresql/${name}`,
      name,
    ]),
    ...found.map((folder): [RootPath, string] => [folder as RootPath, '']),
  ];
  for (const [folder, name] of others) if (!names.has(folder) && !ofOurs.test(folder)) names.set(folder, name);
  return names;
}

/** @returns `15/main` for each folder of that depth */
async function clusterNames(machine: Machine, root: RootPath, unseen: Unseen[]): Promise<string[]> {
  const names: string[] = [];
  const versions = await careful(unseen)(root, () => machine.list(root), []);
  for (const version of versions.filter((one) => /^\d/.test(one))) {
    const folder: RootPath = `${root}/${version}`;
    const clusters = await careful(unseen)(folder, () => machine.list(folder), undefined);
    names.push(...(clusters ?? []).map((cluster) => `${version}/${cluster}`));
  }
  return names;
}

export async function findSlapdDatabases(machine: Machine, unseen: Unseen[]): Promise<DataStore[]> {
  const databases = await readSlapdConfiguration(machine, unseen);
  const usual: SlapdDatabase = { number: '1', directory: '/var/lib/ldap' };
  const hasProgram = await machine.exists('/usr/sbin/slapcat');
  const stores: DataStore[] = [];
  for (const { number, directory } of databases.length > 0 ? databases : [usual]) {
    const path = directory.replace(/\/+$/, '') as RootPath;
    const store: DataStore = { kind: 'slapd', name: number, path, files: 1 };
    const names = await careful(unseen)(path, () => machine.list(path), undefined);
    if (machine.unreadable().includes(path)) {
      unseen.push({ what: path, why: rootOnly });
      continue;
    }
    // The files of back-mdb, and of the older back-bdb and back-hdb.
    if (names?.includes('data.mdb') || names?.includes('id2entry.bdb')) {
      const idle: DataObstacle = { what: 'idle', text: 'slapd is not installed' };
      const owner = hasProgram ? await slapdOwner(machine, path) : idle;
      stores.push({ ...store, ...(await sizeOf(machine, [path])), ...('what' in owner && { trouble: owner }) });
    } else if (names && hasProgram && databases.length > 0 && !names.some((one) => slapdAside.test(one))) {
      const text = 'there is no database in its directory: mount it, or take it out of the configuration of slapd';
      stores.push({ ...store, bytes: 0, trouble: { what: 'mend', text } });
    }
  }
  return stores;
}

/**
 * As whom the files of a database are read and made anew: who owns its folder, if that is not root alone, could be given
 * any file's owner for the one of the database.
 *
 * @returns the owner; or why its data cannot be carried over
 */
export async function slapdOwner(machine: Machine, path: RootPath): Promise<Owner | DataObstacle> {
  const folder = await machine.info(path);
  const file = (await machine.info(`${path}/data.mdb`)) ?? (await machine.info(`${path}/id2entry.bdb`)) ?? folder;
  const { uid, gid } = (folder?.uid === 0 ? file : folder) ?? { uid: 0, gid: 0 };
  if (file?.uid === 0 && uid !== 0) {
    return mend('its files belong to root, but their folder to another user: give both to the one that slapd runs as');
  }
  if (uid !== 0 || (await rootsOwnFolder(machine, path)) !== undefined) return { uid, gid };
  return mend('its files belong to root, but others than root may write to their folder, or to one above it');
}

function mend(text: string): DataObstacle {
  return { what: 'mend', text };
}

/** Where a run has moved the files of a database, as long as the new ones are not there. */
const slapdAside = /^crossgrade-\w+$/;

async function readSlapdConfiguration(machine: Machine, unseen: Unseen[]): Promise<SlapdDatabase[]> {
  const place = await slapdConfiguration(machine);
  if (place.option === '-f') {
    const text = await careful(unseen)(place.path, () => machine.readTextIfThere(place.path), undefined);
    return readSlapdConf(text ?? '');
  }
  const folder: RootPath = `${place.path}/cn=config`;
  const names = (await careful(unseen)(folder, () => machine.list(folder), undefined)) ?? [];
  const databases: SlapdDatabase[] = [];
  for (const name of names) {
    const file: RootPath = `${folder}/${name}`;
    if (!/^olcDatabase=.*\.ldif$/.test(name)) continue;
    const text = await careful(unseen)(file, () => machine.readText(file), undefined);
    const database = readSlapdLdif(name, text ?? '');
    if (database) databases.push(database);
  }
  return databases;
}

/** The one that slapd starts with, and the option by which its programs are told. */
export async function slapdConfiguration(machine: Machine): Promise<{ option: '-F' | '-f'; path: RootPath }> {
  const chosen = readSlapdDefault((await machine.readTextIfThere('/etc/default/slapd')) ?? '');
  const path = chosen as RootPath | undefined;
  if (path !== undefined) return { option: (await machine.info(path))?.type === 'file' ? '-f' : '-F', path };
  const folder: RootPath = '/etc/ldap/slapd.d';
  const file: RootPath = '/etc/ldap/slapd.conf';
  const usesFile = (await machine.list(folder)).length === 0 && (await machine.exists(file));
  return usesFile ? { option: '-f', path: file } : { option: '-F', path: folder };
}

/** Of everything below some folders, on disk. */
async function sizeOf(machine: Machine, paths: readonly RootPath[]): Promise<{ bytes?: number }> {
  const result = await machine.run(['du', '--summarize', '--total', '--block-size=1', '--', ...paths]);
  const bytes = /^(\d+)\ttotal$/m.exec(result.stdout)?.[1];
  return result.exitCode === 0 && bytes !== undefined ? { bytes: Number(bytes) } : {};
}

/** Another system's data is read by that system's programs. */
export function dataAmong({ found }: Pick<LocalFiles, 'found'>): DataFiles {
  const systems = [...markerFolders(found, 'system')].map((folder) => `${folder}/`);
  const isHere = (path: string) => !systems.some((folder) => path.startsWith(folder));
  return {
    files: found.flatMap(({ path, kind, bytes }) =>
      kind.what === 'data' && isHere(path) ? [{ path, format: kind.format, bytes }] : [],
    ),
    clusters: [...markerFolders(found, 'postgresql')].filter(isHere),
  };
}
