import type { Machine } from '../machine.ts';
import { logFolder } from '../own-paths.ts';
import type { Printable } from '../printable.ts';
import type { RootPath } from '../root.ts';

/** Debian's group of those who may read logs: maintainer scripts print what is not for everybody. */
const readers = 'adm';

/**
 * Makes the log folder for root and adm alone, with what an older version has left in it; where there is no such
 * group, for root alone.
 */
export async function protectLogs(machine: Machine): Promise<void> {
  const group = await groupOfReaders(machine);
  await machine.makeDirectory(logFolder, 0o700);
  await machine.run(['chown', '--recursive', '--no-dereference', `0:${group ?? 0}`, logFolder]);
  // Only then: a group that was given rights to it before is not let in meanwhile.
  await machine.run(['chmod', '--recursive', group === undefined ? 'u=rwX,go=' : 'u=rwX,g=rX,o=', logFolder]);
}

/** Appends to a log; one that is not there yet is never readable for others. */
export async function appendLog(machine: Machine, path: RootPath, text: Printable): Promise<void> {
  if (!(await machine.exists(logFolder))) await protectLogs(machine);
  await machine.append(path, text, await attributes(machine));
}

/** Writes a file of the log folder anew. */
export async function writeLog(machine: Machine, path: RootPath, text: Printable): Promise<void> {
  if (!(await machine.exists(logFolder))) await protectLogs(machine);
  await machine.write(path, text, await attributes(machine));
}

async function attributes(machine: Machine): Promise<{ mode: number; uid: number; gid: number }> {
  const group = await groupOfReaders(machine);
  return { mode: group === undefined ? 0o600 : 0o640, uid: 0, gid: group ?? 0 };
}

/** The root's own number for it. */
async function groupOfReaders(machine: Machine): Promise<number | undefined> {
  const groups = (await machine.readTextIfThere('/etc/group')) ?? '';
  const [, number] = new RegExp(`^${readers}:[^:\\n]*:(\\d+):`, 'm').exec(groups) ?? [];
  return number === undefined ? undefined : Number(number);
}
