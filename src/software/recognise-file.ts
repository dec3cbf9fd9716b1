import { type ElfHead, readElfHead } from '../base/elf.ts';
import { type FileFormat, recogniseFormat } from '../data/data-survey.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';

/** What is of interest in a file that belongs to no package. */
export type Recognised =
  | { readonly what: 'program'; readonly role: ElfHead['role'] }
  | { readonly what: 'data'; readonly format: FileFormat }
  | {
      readonly what: 'marker';
      readonly marker: 'virtualenv' | 'system' | 'postgresql' | 'wine';
      readonly folder: string;
    };
/** @param head the first bytes of the file at `path`, 512 where it has as many */
export function recogniseFile(head: Uint8Array, path: string, { source }: ArchitecturePair): Recognised | undefined {
  const elf = readElfHead(head);
  if (elf) {
    const ours = elf.bits === source.elfBits && elf.machine === source.elfMachine && elf.role !== 'other';
    return ours ? { what: 'program', role: elf.role } : undefined;
  }
  const format = recogniseFormat(head, source);
  return format ? { what: 'data', format } : recogniseMarker(head, path);
}

const markers = {
  '/pyvenv.cfg': 'virtualenv',
  '/etc/os-release': 'system',
  '/usr/lib/os-release': 'system',
  '/global/pg_control': 'postgresql',
  '/system.reg': 'wine',
} as const;
const markerEnds = Object.keys(markers) as (keyof typeof markers)[];
function recogniseMarker(head: Uint8Array, path: string): Recognised | undefined {
  const end = markerEnds.find((one) => path.endsWith(one));
  if (end === undefined || end === path) return undefined;
  const marker = markers[end];
  const isOther = marker === 'wine' && !/^#arch=win32$/m.test(String.fromCharCode(...head));
  return isOther ? undefined : { what: 'marker', marker, folder: path.slice(0, -end.length) };
}
