import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import { mergeStatusUpdates, type NamedText } from '../../debian/package-stanza.ts';

const statusFile: RootPath = `${dpkgFolder}/status`;
const updatesFolder: RootPath = `${dpkgFolder}/updates`;

/** Parsed status files, by size and time of change: most steps do not touch the database. */
const parsed = new WeakMap<Machine, { readonly stamp: string; readonly packages: readonly InstalledPackage[] }>();

/** What dpkg's database says now, its journal included. */
export async function readPackages(machine: Machine): Promise<readonly InstalledPackage[]> {
  const moment = await momentOf(machine);
  const stamp = moment.updates.length > 0 ? undefined : moment.status;
  const known = parsed.get(machine);
  if (stamp !== undefined && known?.stamp === stamp) {
    return known.packages;
  }
  const packages = await parsePackages(machine, moment);
  if (stamp !== undefined) {
    parsed.set(machine, { stamp, packages });
  }
  return packages;
}

/** dpkg may be at work, as one that a killed crossgrade has left is: then status and journal are not of one moment. */
const looks = 20;
const lookAgainMs = 50;

async function parsePackages(machine: Machine, moment: Moment): Promise<InstalledPackage[]> {
  let before = moment;
  for (let look = 1; ; look += 1) {
    const updates = await readUpdates(machine, before.updates);
    const status = await machine.readText(statusFile);
    const after = await momentOf(machine);
    const isOfOneMoment = JSON.stringify(before) === JSON.stringify(after);
    if (updates !== undefined && (isOfOneMoment || look >= looks))
      return mergeStatusUpdates(status, statusFile, updates);
    if (look >= looks) return mergeStatusUpdates(status, statusFile, []);
    await sleep(lookAgainMs);
    before = await momentOf(machine);
  }
}

interface Moment {
  /** undefined when the file is not there. */
  readonly status: string | undefined;
  readonly updates: readonly string[];
}

async function momentOf(machine: Machine): Promise<Moment> {
  const info = await machine.info(statusFile);
  const updates = (await machine.list(updatesFolder)).filter((name) => /^\d+$/.test(name));
  return { status: info && `${info.bytes} ${info.mtimeMs}`, updates };
}

/** @returns undefined when dpkg has taken one of them into its status file meanwhile */
async function readUpdates(machine: Machine, names: readonly string[]): Promise<NamedText[] | undefined> {
  const updates: NamedText[] = [];
  for (const name of names) {
    const text = await machine.readTextIfThere(`${updatesFolder}/${name}`);
    if (text === undefined) return undefined;
    updates.push({ name, text });
  }
  return updates;
}
