import type { Machine } from '../../base/machine.ts';
import { programFolder } from '../../base/own-paths.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { findOldProcesses, type OldProcesses, type ProcessFiles } from '../old-processes.ts';

/** Programs of the old architecture that run on the host; undefined for a root in a folder. */
export async function readOldProcesses(machine: Machine, pair: ArchitecturePair): Promise<OldProcesses[] | undefined> {
  if (machine.root.kind !== 'host') return undefined;
  const files: ProcessFiles[] = [];
  for (const name of await machine.list('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // It may end while we look.
    const read = (file: string) => machine.readTextIfThere(`/proc/${name}/${file}`).catch(() => undefined);
    files.push({
      pid: Number(name),
      name: ((await read('comm')) ?? '').trim(),
      maps: (await read('maps')) ?? '',
      cgroup: (await read('cgroup')) ?? '',
    });
  }
  return findOldProcesses(files, pair.source.elfBits, programFolder);
}
