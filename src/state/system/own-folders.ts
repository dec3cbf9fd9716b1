import type { Machine } from '../../base/machine.ts';
import { cacheFolder, stateFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';

/** What crossgrade makes in its folders; whatever else lies there is somebody's own, and stays. */
const cacheEntries = ['archives', 'compare', 'initramfs'];
const stateEntries = [
  'answers.json',
  'basis.json',
  'before',
  'before-purge',
  'before-reboot',
  'comparison.json',
  'download-auth.conf',
  'download-exit',
  'dpkg-exit',
  // Whoever waits for a program may be ended before these have their names.
  'download-exit.new',
  'dpkg-exit.new',
  'dpkg-status',
  'environment',
  'exports',
  'journal.jsonl',
  'originals',
  'plan.json',
  'rehearsal.json',
  'rehearsal.log',
  'renewal.json',
  'runtime',
  'target.json',
  'units-paused',
  'state.json.previous',
  // Last: as long as it is there, a rollback that was interrupted can be taken up again.
  'state.json',
];

export function removeOwnCache(machine: Machine): Promise<void> {
  return removeEntries(machine, cacheFolder, cacheEntries);
}

export function removeOwnState(machine: Machine): Promise<void> {
  return removeEntries(machine, stateFolder, stateEntries);
}

/** With the folder that it was alone in. */
export async function removeOwnFile(machine: Machine, path: RootPath): Promise<void> {
  if ((await machine.info(path)) === undefined) return;
  await machine.remove(path);
  await removeIfEmpty(machine, path.slice(0, path.lastIndexOf('/')) as RootPath);
}

export async function removeIfEmpty(machine: Machine, folder: RootPath): Promise<void> {
  if ((await machine.exists(folder)) && (await machine.list(folder)).length === 0) await machine.remove(folder);
}

async function removeEntries(machine: Machine, folder: RootPath, entries: readonly string[]): Promise<void> {
  for (const entry of entries) {
    await machine.removeTree(`${folder}/${entry}`);
  }
  await removeIfEmpty(machine, folder);
}
