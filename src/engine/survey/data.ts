import { addTo } from '../../core/lists.ts';
import type { Machine, RootPath } from '../../core/machine.ts';
import type { Unseen } from '../../core/survey.ts';
import {
  type DataStore,
  type FileFormat,
  readDataDirectory,
  readSlapdConf,
  readSlapdLdif,
  type SlapdDatabase,
} from '../../core/survey-data.ts';
import { folderToName } from '../../core/survey-software.ts';
import { careful } from './careful.ts';

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
  const inSlapd = (path: string) => slapd.some((one) => path.startsWith(`${one.path}/`));
  const other = files.filter((file) => !inSlapd(file.path));
  return { data: [...postgresql, ...slapd, ...groupFiles(other)], unseen };
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
async function findClusters(machine: Machine, found: readonly string[], unseen: Unseen[]): Promise<DataStore[]> {
  const names = new Map<RootPath, string>();
  for (const name of await clusterNames(machine, '/etc/postgresql', unseen)) {
    const file: RootPath = `/etc/postgresql/${name}/postgresql.conf`;
    const text = await careful(unseen)(file, () => machine.readTextIfThere(file), undefined);
    names.set((readDataDirectory(text ?? '') ?? `/var/lib/postgresql/${name}`) as RootPath, name);
  }
  for (const name of await clusterNames(machine, '/var/lib/postgresql', unseen)) {
    const folder: RootPath = `/var/lib/postgresql/${name}`;
    if (!names.has(folder)) names.set(folder, name);
  }
  for (const folder of found as readonly RootPath[]) if (!names.has(folder)) names.set(folder, '');
  const stores: DataStore[] = [];
  for (const [path, name] of names) {
    // Not to be seen is no proof that it is not there.
    const isThere = (await careful(unseen)(path, () => machine.exists(`${path}/PG_VERSION`), undefined)) ?? true;
    if (isThere) stores.push({ kind: 'postgresql', name, path, files: 1, ...(await sizeOf(machine, path)) });
  }
  return stores.sort((a, b) => (a.path < b.path ? -1 : 1));
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

async function findSlapdDatabases(machine: Machine, unseen: Unseen[]): Promise<DataStore[]> {
  const databases = await readSlapdConfiguration(machine, unseen);
  const usual: SlapdDatabase = { number: '1', directory: '/var/lib/ldap' };
  const stores: DataStore[] = [];
  for (const { number, directory } of databases.length > 0 ? databases : [usual]) {
    const path = directory.replace(/\/+$/, '') as RootPath;
    const names = (await careful(unseen)(path, () => machine.list(path), undefined)) ?? [];
    // The files of back-mdb, and of the older back-bdb and back-hdb.
    if (names.includes('data.mdb') || names.includes('id2entry.bdb')) {
      stores.push({ kind: 'slapd', name: number, path, files: 1, ...(await sizeOf(machine, path)) });
    }
  }
  return stores;
}

async function readSlapdConfiguration(machine: Machine, unseen: Unseen[]): Promise<SlapdDatabase[]> {
  const folder: RootPath = '/etc/ldap/slapd.d/cn=config';
  const names = (await careful(unseen)(folder, () => machine.list(folder), undefined)) ?? [];
  const databases: SlapdDatabase[] = [];
  for (const name of names) {
    const file: RootPath = `${folder}/${name}`;
    if (!/^olcDatabase=.*\.ldif$/.test(name)) continue;
    const text = await careful(unseen)(file, () => machine.readText(file), undefined);
    const database = readSlapdLdif(name, text ?? '');
    if (database) databases.push(database);
  }
  const file: RootPath = '/etc/ldap/slapd.conf';
  const text = await careful(unseen)(file, () => machine.readTextIfThere(file), undefined);
  return [...databases, ...readSlapdConf(text ?? '')];
}

/** Of everything below a folder, on disk. */
async function sizeOf(machine: Machine, path: RootPath): Promise<{ bytes?: number }> {
  const result = await machine.run(['du', '--summarize', '--block-size=1', '--', path]);
  const bytes = /^\d+/.exec(result.stdout)?.[0];
  return result.exitCode === 0 && bytes !== undefined ? { bytes: Number(bytes) } : {};
}
