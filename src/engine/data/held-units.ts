import { readExports } from '../../core/data/exports.ts';
import type { Machine } from '../../core/machine.ts';
import { exportsFile } from '../../core/paths.ts';
import { isHeld } from './services.ts';

/** @returns services that do not start, by hand or at boot, until their data is imported or put back */
export async function readHeldUnits(machine: Machine): Promise<string[]> {
  const text = await machine.readTextIfThere(exportsFile);
  const held: string[] = [];
  for (const { unit } of text === undefined ? [] : readExports(text).holds) {
    if (await isHeld(machine, unit)) held.push(unit);
  }
  return held;
}
