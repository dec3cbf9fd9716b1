import type { CheckInput, Solved } from '../../../src/check/check.ts';
import type { DataKind, DataStore } from '../../../src/data/data-survey.ts';
import { estimate } from '../../../src/data/space.ts';
import { estimateDuration } from '../../../src/plan/duration.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export function storesOf({ survey }: CheckInput, kind: DataKind): readonly DataStore[] {
  return (survey?.data ?? []).filter((store) => store.kind === kind);
}

/** Those that a run carries over. */
export function carriedStores(input: CheckInput, kind: DataKind): readonly DataStore[] {
  return storesOf(input, kind).filter((store) => store.trouble === undefined);
}

/** @returns `/var/lib/munin (412 files, 23.4 MiB)` */
export function describeStore({ path, files, bytes }: DataStore): string {
  const size = bytes === undefined ? 'size not known' : sizeText(bytes);
  return `${path} (${files === 1 ? '' : `${files} files, `}${size})`;
}

/** In root's own folder: beside the data whoever owns that could lead root to another file. */
export function dumpPlace(path: string): string {
  return `/var/backups/${path.slice(1).replaceAll('/', '-')}.dump`;
}

/** As its own tools call it, too. */
export function nameStore(store: DataStore): string {
  if (store.name === '') return describeStore(store);
  return store.kind === 'postgresql'
    ? `cluster ${store.name}: ${describeStore(store)}`
    : `database ${store.name}: ${describeStore(store)}`;
}

function sizeText(bytes: number): string {
  return bytes < mebibyte ? `${Math.ceil(bytes / kibibyte)} KiB` : `${(bytes / mebibyte).toFixed(1)} MiB`;
}

/** Said of each kind that is carried over. */
export function carriedWords({ solved }: CheckInput, stores: readonly DataStore[]): string {
  const { exportBytes, newBytes } = estimate(stores);
  return (
    'The run carries them over: what writes to them is stopped right before the first program is replaced; they are exported with ' +
    'the programs that are here now, imported with the new ones, and compared. The originals are kept. ' +
    `It needs up to ${sizeText(exportBytes)} in /var/lib/crossgrade for the export, and ${sizeText(newBytes)} beside the data.${solved ? ` ${stillWords(solved)}` : ''}`
  );
}

/** All programs are replaced in between; the first calls of the plan, which take nothing away, come before. */
function stillWords({ plan, target }: Solved): string {
  const { seconds } = estimateDuration(plan, target.packages);
  const minutes = Math.max(1, Math.round(seconds / 60));
  return `What uses them stands still for up to about ${minutes} min, as long as the packages are replaced, and for the export and the import on top.`;
}
