import type { ElfHead } from '../../base/elf.ts';
import type { Machine, ScanFound, ScanOptions } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { recogniseFile } from '../recognise-file.ts';

/** What is recognised among files that are known by name, wherever they lie. */
export async function scanFiles<Kind>(
  machine: Machine,
  files: readonly RootPath[],
  recognise: ScanOptions<Kind>['recognise'],
): Promise<readonly ScanFound<Kind>[]> {
  const options = { skip: new Set<string>(), prune: new Set<string>(), otherFilesystems: true, recognise };
  return (await machine.scan(files, options)).found;
}

/** @returns those of the files that are programs and libraries of the source architecture, with what each is */
export async function findPrograms(
  machine: Machine,
  pair: ArchitecturePair,
  files: readonly RootPath[],
): Promise<Map<string, ElfHead['role']>> {
  const found = await scanFiles(machine, files, (head, path) => recogniseFile(head, path, pair));
  return new Map(found.flatMap(({ path, kind }) => (kind.what === 'program' ? [[path, kind.role]] : [])));
}
