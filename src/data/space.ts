import { exportsFolder } from '../base/own-paths.ts';
import type { SpaceNeed } from '../plan/plan.ts';
import type { DataStore } from './data-survey.ts';

/** Of the content on disk now: a dump and LDIF are not compressed where there is space enough, and XML is. Upper bounds, by trial. */
const exportShares: Readonly<Record<string, number>> = { postgresql: 0.9, slapd: 2, rrd: 0.6 };

const mebibyte = 1024 * 1024;
/** An export of nothing has catalogues, too. */
const leastBytes = mebibyte;
/** What a server that loads a dump logs of it: tables are loaded without, large objects are not. Measured: next to none. */
const logShare = 0.15;
/** Of the log it keeps this much at most. */
const mostLogBytes = 1024 * mebibyte;
/** Of an empty database: its catalogues, which the new server makes by itself. */
const catalogueBytes = 7 * mebibyte;

function isCarried({ kind, trouble }: DataStore): boolean {
  return trouble === undefined && kind in exportShares;
}

/** @returns bytes for the exports and, beside what is there, for the new data */
export function estimate(stores: readonly DataStore[]): { exportBytes: number; newBytes: number } {
  const carried = stores.filter(isCarried);
  return {
    exportBytes: carried.reduce((sum, one) => sum + exportBytesOf(one), 0),
    newBytes: carried.reduce((sum, one) => sum + newBytesOf(one), 0),
  };
}

/** RRD files are exported and imported by as many at a time as have this size. */
export const rrdSliceBytes = 2 * mebibyte;
/** Of an RRD file: as XML, twice, and made anew. A row of it is 8 bytes, and about 70 of XML. */
const rrdWorkShare = 20;

function exportBytesOf(store: DataStore): number {
  const { kind, bytes = 0, files } = store;
  const work = kind === 'rrd' ? rrdWorkShare * Math.min(bytes, Math.max(rrdSliceBytes, bytes / files)) : 0;
  return Math.ceil(leastBytes + contentBytes(store) * (exportShares[kind] ?? 1) + work);
}

function newBytesOf(store: DataStore): number {
  const { bytes = 0, kind, cluster } = store;
  if (kind !== 'postgresql') return bytes;
  // The segment that is written to, the next one, and what the loading fills.
  const log = 2 * (cluster?.logSegmentBytes ?? 0) + Math.min(mostLogBytes, contentBytes(store) * logShare);
  return Math.ceil(bytes - (cluster?.logBytes ?? 0) + log);
}

function contentBytes({ bytes = 0, cluster }: DataStore): number {
  return Math.max(0, bytes - (cluster ? cluster.logBytes + cluster.databases * catalogueBytes : 0));
}

/** What data needs, by place: the exports from the point of no return on, the new data from the import on. */
export function dataNeeds(stores: readonly DataStore[]): SpaceNeed[] {
  const carried = stores.filter(isCarried);
  if (carried.length === 0) return [];
  const placeOf = ({ path }: DataStore) => path as SpaceNeed['path'];
  return [
    { path: exportsFolder, bytes: estimate(carried).exportBytes },
    ...carried.map((store) => ({ path: placeOf(store), bytes: 0, bytesAtImport: newBytesOf(store) })),
  ];
}
