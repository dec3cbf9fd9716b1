import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { DataTrouble } from '../../base/system/must.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import { findLocalFiles } from '../../software/system/local-files.ts';
import type { DataStore } from '../data-survey.ts';
import type { ExportItem } from '../exports.ts';
import { rrdItem } from './carry-rrd.ts';
import { dataAmong, findClusters, findSlapdDatabases, withoutSlapd } from './survey-data.ts';

/**
 * Everything that has to be carried over, as it is now.
 *
 * @throws {DataTrouble} what cannot be, and must be mended before
 */
export async function findItems(machine: Machine, facts: Facts, pair: ArchitecturePair): Promise<ExportItem[]> {
  const found = dataAmong(await findLocalFiles(machine, facts, pair, undefined));
  const clusters = carried(await findClusters(machine, found.clusters, []));
  const slapd = await findSlapdDatabases(machine, []);
  const rrd = withoutSlapd(found.files, slapd).filter(({ format }) => format === 'rrd');
  const items: ExportItem[] = [
    ...clusters.map(postgresqlItem),
    ...carried(slapd).map(slapdItem),
    ...(rrd.length > 0 ? [await rrdItem(machine, rrd)] : []),
  ];
  return items;
}

function carried(stores: readonly DataStore[]): DataStore[] {
  const mend = stores.find((one) => one.trouble?.what === 'mend');
  if (mend?.trouble) throw new DataTrouble(`${mend.path}: ${mend.trouble.text}`);
  return stores.filter((one) => one.trouble === undefined);
}

function common(store: DataStore, id: string) {
  return {
    id,
    name: store.name,
    path: store.path as RootPath,
    bytes: store.bytes ?? 0,
    files: store.files,
    state: 'found' as const,
    stamp: '',
    differences: [],
    notes: [],
    uid: 0,
    gid: 0,
  };
}

function postgresqlItem(store: DataStore, index: number): ExportItem {
  const id = `postgresql-${store.name === '' ? `at-${index + 1}` : store.name.replace(/[^\w.]/g, '-')}`;
  return {
    ...common(store, id),
    kind: 'postgresql',
    version: '',
    mode: 0o700,
    configuration: store.path as RootPath,
    superuser: '',
    databases: [],
    initdb: [],
    elsewhere: [],
  };
}

function slapdItem(store: DataStore): ExportItem {
  return { ...common(store, `slapd-${store.name}`), kind: 'slapd', configuration: [], entries: 0 };
}
