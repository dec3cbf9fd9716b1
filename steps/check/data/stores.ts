import type { CheckInput } from '../../../src/core/check.ts';
import type { DataKind, DataStore } from '../../../src/core/survey-data.ts';

const kibibyte = 1024;
const mebibyte = 1024 * kibibyte;

export function storesOf({ survey }: CheckInput, kind: DataKind): readonly DataStore[] {
  return (survey?.data ?? []).filter((store) => store.kind === kind);
}

/** @returns `/var/lib/munin (412 files, 23.4 MiB)` */
export function describeStore({ path, files, bytes }: DataStore): string {
  const size = bytes === undefined ? 'size not known' : sizeText(bytes);
  return `${path} (${files === 1 ? '' : `${files} files, `}${size})`;
}

function sizeText(bytes: number): string {
  return bytes < mebibyte ? `${Math.ceil(bytes / kibibyte)} KiB` : `${(bytes / mebibyte).toFixed(1)} MiB`;
}

/** Said of each kind: what to do, and in which order. */
export const exportFirst =
  'Export it before the crossgrade, with the program that is here now, and import it afterwards.';
