import { exportsFolder } from '../paths.ts';
import type { SpaceNeed } from '../plan.ts';
import type { DataStore } from '../survey-data.ts';

/** Of what is on disk now: a dump is compressed, LDIF is not, and XML is compressed. Upper bounds, by trial. */
const exportShares: Readonly<Record<string, number>> = { postgresql: 0.6, slapd: 2, rrd: 0.6 };

const mebibyte = 1024 * 1024;
/** An export of nothing has catalogues, too. */
const leastBytes = mebibyte;
/** A server that loads a dump keeps this much of its log at most. */
const logBytes = 1024 * mebibyte;

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

function exportBytesOf({ kind, bytes = 0 }: DataStore): number {
  return Math.ceil(leastBytes + bytes * (exportShares[kind] ?? 1));
}

function newBytesOf({ kind, bytes = 0 }: DataStore): number {
  return Math.ceil(bytes + (kind === 'postgresql' ? Math.min(logBytes, bytes) : 0));
}

/** What data needs at the worst moment, by place. */
export function dataNeeds(stores: readonly DataStore[]): SpaceNeed[] {
  const carried = stores.filter(isCarried);
  if (carried.length === 0) return [];
  return [
    { path: exportsFolder, bytes: estimate(carried).exportBytes },
    ...carried.map((store): SpaceNeed => ({ path: store.path as SpaceNeed['path'], bytes: newBytesOf(store) })),
  ];
}
