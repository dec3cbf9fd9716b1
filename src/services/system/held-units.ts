import type { Machine } from '../../base/machine.ts';
import { exportsFile } from '../../base/own-paths.ts';
import { readExports } from '../../data/exports.ts';
import { isHeld } from './hold-units.ts';

/** @returns services that do not start, by hand or at boot, until their data is imported or put back */
export async function readHeldUnits(machine: Machine): Promise<string[]> {
  const text = await machine.readTextIfThere(exportsFile);
  const held: string[] = [];
  for (const { unit } of text === undefined ? [] : readExports(text).holds) {
    if (await isHeld(machine, unit)) held.push(unit);
  }
  return held;
}
