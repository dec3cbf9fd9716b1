import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { type Owner, placeObstacle } from '../../base/system/others-folder.ts';
import type { DataObstacle } from '../data-survey.ts';
import {
  type ControlData,
  neededEntries,
  neededPrograms,
  oldestVersion,
  readControlData,
  standbySignals,
} from '../postgresql.ts';
import { programs } from './postgresql-server.ts';

/** What can be known of a cluster without a server. */
export interface ClusterLook {
  readonly version: string;
  /** Without symlinks. */
  readonly dataDirectory: RootPath;
  /** Folder of its postgresql.conf. */
  readonly configuration: RootPath;
  readonly uid: number;
  readonly gid: number;
  readonly mode: number;
  readonly control: ControlData;
  /** Folders of its tablespaces' files, and of its write-ahead log where that is not in the data directory. */
  readonly elsewhere: readonly RootPath[];
  readonly wal?: RootPath;
}

/**
 * Looks at a cluster, and changes nothing.
 *
 * @param name as Debian's tools know it, `15/main`; '' where they don't
 * @returns why its data cannot be carried over, where it cannot
 */
export async function lookAtCluster(
  machine: Machine,
  name: string,
  path: RootPath,
): Promise<ClusterLook | DataObstacle> {
  const version = (await machine.readTextIfThere(`${path}/PG_VERSION`))?.trim() ?? '';
  if (!/^\d+(\.\d+)?$/.test(version)) return mend('its file PG_VERSION is missing or damaged');
  if (Number.parseInt(version, 10) < oldestVersion) {
    return mend(`PostgreSQL ${version} is older than what Debian 11 has: upgrade it with pg_upgradecluster`);
  }
  const obstacle = await filesObstacle(machine, name, version, path);
  if (obstacle) return obstacle;
  const dataDirectory = (await realPath(machine, path)) ?? path;
  const said = await machine.run(['timeout', '60', `${programs(version)}/pg_controldata`, dataDirectory]);
  const control = said.exitCode === 0 ? readControlData(said.stdout, said.stderr) : 'pg_controldata cannot read it';
  if (typeof control === 'string') return mend(control);
  const info = await machine.info(dataDirectory);
  if (!info || info.uid === 0) return mend('its data directory belongs to root, so no server runs on it');
  const own = await machine.exists(`${dataDirectory}/postgresql.conf`);
  const configuration: RootPath = name === '' || own ? dataDirectory : `/etc/postgresql/${name}`;
  if (!(await machine.exists(`${configuration}/postgresql.conf`))) {
    return mend(`${configuration}/postgresql.conf is missing`);
  }
  const places = await otherPlaces(machine, dataDirectory, version, control.catalogVersion);
  if (typeof places === 'string') return mend(places);
  const exchangeable = await ownersObstacle(machine, [dataDirectory, ...places.elsewhere], info);
  if (exchangeable !== undefined) return mend(exchangeable);
  return {
    version,
    dataDirectory,
    configuration,
    uid: info.uid,
    gid: info.gid,
    mode: info.mode,
    control,
    ...places,
  };
}

/** What its files alone show. */
async function filesObstacle(
  machine: Machine,
  name: string,
  version: string,
  path: RootPath,
): Promise<DataObstacle | undefined> {
  const missingOf = async (folder: RootPath, names: readonly string[]) => {
    const missing: string[] = [];
    for (const name of names) if (!(await machine.exists(`${folder}/${name}`))) missing.push(name);
    return missing;
  };
  if ((await missingOf(programs(version), neededPrograms)).length > 0) {
    return { what: 'idle', text: `the programs of PostgreSQL ${version} are not installed` };
  }
  const signals = standbySignals.length - (await missingOf(path, standbySignals)).length;
  if (signals > 0) {
    return { what: 'rebuild', text: 'it is a replica: rebuild it from its primary, with pg_basebackup' };
  }
  if (await isBaseBackup(machine, path)) {
    return (await isConfigured(machine, name))
      ? mend(
          'it is a base backup that no server has been started on: start one until it has recovered, or move it elsewhere',
        )
      : {
          what: 'idle',
          text: 'it is a base backup, which only a 32-bit server can restore: make a new one afterwards',
        };
  }
  const missing = await missingOf(path, neededEntries);
  return missing.length > 0 ? mend(`its files are not complete: ${missing.join(', ')} is missing`) : undefined;
}

/** Whether Debian's tools would start a server for it. */
export async function isConfigured(machine: Machine, name: string): Promise<boolean> {
  return name !== '' && machine.exists(`/etc/postgresql/${name}/postgresql.conf`);
}

/**
 * A server renames backup_label once it has recovered; where it is beside a running one, somebody makes a backup just now.
 *
 * @see PostgreSQL documentation, “Making a Base Backup Using the Low Level API”
 */
async function isBaseBackup(machine: Machine, path: RootPath): Promise<boolean> {
  if (!(await machine.exists(`${path}/backup_label`))) return false;
  return !(await machine.exists(`${path}/postmaster.pid`));
}

function mend(text: string): DataObstacle {
  return { what: 'mend', text };
}

/** Whether all that is renamed is the owner's, and nobody else can put something in its place. */
async function ownersObstacle(
  machine: Machine,
  places: readonly RootPath[],
  owner: Owner,
): Promise<string | undefined> {
  for (const place of places) {
    if ((await machine.info(place))?.uid !== owner.uid)
      return `${place} belongs to another user than its data directory`;
    const why = await placeObstacle(machine, place, owner);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** What has to be renamed with the data directory. */
async function otherPlaces(
  machine: Machine,
  dataDirectory: RootPath,
  version: string,
  catalogVersion: string,
): Promise<Pick<ClusterLook, 'elsewhere' | 'wal'> | string> {
  const tablespaces = await tablespaceFolders(machine, dataDirectory, version, catalogVersion);
  if (typeof tablespaces === 'string') return tablespaces;
  const wal = await realPath(machine, `${dataDirectory}/pg_wal`);
  const walElsewhere = wal !== undefined && wal !== `${dataDirectory}/pg_wal`;
  for (const folder of [dataDirectory, ...(walElsewhere ? [wal] : [])]) {
    if (await isMountPoint(machine, folder)) {
      return `${folder} is a mount point, so it cannot be renamed: move the files into a folder below it`;
    }
  }
  return { elsewhere: [...tablespaces, ...(walElsewhere ? [wal] : [])], ...(walElsewhere && { wal }) };
}

async function tablespaceFolders(
  machine: Machine,
  dataDirectory: RootPath,
  version: string,
  catalogVersion: string,
): Promise<RootPath[] | string> {
  const folders: RootPath[] = [];
  for (const oid of await machine.list(`${dataDirectory}/pg_tblspc`)) {
    const folder: RootPath = `${dataDirectory}/pg_tblspc/${oid}/PG_${version}_${catalogVersion}`;
    const place = await realPath(machine, folder);
    if (place === undefined) return `its tablespace ${oid} is not there`;
    // One made with allow_in_place_tablespaces lies there itself.
    if (place.startsWith(`${dataDirectory}/pg_tblspc/`)) continue;
    if (place.startsWith(`${dataDirectory}/`)) {
      return `its tablespace ${oid} lies in the data directory itself: move it out of there`;
    }
    folders.push(place);
  }
  return folders;
}

async function realPath(machine: Machine, path: RootPath): Promise<RootPath | undefined> {
  const { exitCode, stdout } = await machine.run(['readlink', '--canonicalize-existing', '--', path]);
  return exitCode === 0 ? (stdout.replace(/\n$/, '') as RootPath) : undefined;
}

async function isMountPoint(machine: Machine, path: RootPath): Promise<boolean> {
  const parent = path.slice(0, path.lastIndexOf('/')) || '/';
  const { stdout } = await machine.run(['stat', '--format=%d', '--', path, parent]);
  const [own, parents] = stdout.split('\n');
  return own !== parents;
}
