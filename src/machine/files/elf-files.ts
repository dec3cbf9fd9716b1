import { readElfHead } from '../../base/elf.ts';
import type { ElfFile, ScanOptions } from '../../base/machine.ts';
import { type Place, scanFolders } from './scan.ts';

const everyElf: ScanOptions<32 | 64> = {
  skip: new Set(),
  prune: new Set(),
  otherFilesystems: false,
  recognise: (head) => readElfHead(head)?.bits,
};

/** @see elf(5), `e_ident` */
export async function findElfFiles(place: Place, home: string): Promise<ElfFile[]> {
  const { found } = await scanFolders([place], everyElf, home);
  return found.map(({ path, kind }) => ({ path, bits: kind }));
}
