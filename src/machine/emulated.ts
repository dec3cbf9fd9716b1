import { readdirSync, readFileSync } from 'node:fs';
import { emulatedMachine } from '../base/elf.ts';

/** @returns `e_machine` of the programs that binfmt_misc hands to an emulator, in any root */
export function emulatedByKernel(folder = '/proc/sys/fs/binfmt_misc'): number[] {
  try {
    return readdirSync(folder)
      .filter((name) => name !== 'register' && name !== 'status')
      .flatMap((name) => emulatedMachine(readFileSync(`${folder}/${name}`, 'utf8')) ?? []);
  } catch {
    // It is not mounted, or not for us.
    return [];
  }
}
