import type { Machine } from '../../base/machine.ts';
import { programFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { findOldProcesses, type OldProcesses, type ProcessFiles } from '../old-processes.ts';

/** @returns what becomes of a program when it is started anew; undefined when it comes back in the new architecture */
export type JudgeProgram = (file: RootPath, words: readonly string[]) => Promise<ProcessFiles['fate']>;

const patienceMs = 120_000;

/** Programs of the old architecture that run on the host; undefined for a root in a folder. */
export async function readOldProcesses(
  machine: Machine,
  pair: ArchitecturePair,
  judge: JudgeProgram,
): Promise<OldProcesses[] | undefined> {
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
  const judged: ProcessFiles[] = [];
  const begun = Date.now();
  for (const one of files) {
    // A user may have thousands, each of which takes its time to be judged.
    const hasTime = Date.now() - begun < patienceMs;
    const isOld = hasTime && findOldProcesses([one], pair.source.elfBits, programFolder).length > 0;
    const fate = isOld ? await judgeProcess(machine, one.pid, judge) : undefined;
    judged.push({ ...one, ...(fate && { fate }) });
  }
  return findOldProcesses(judged, pair.source.elfBits, programFolder);
}

/** What dpkg has replaced is said to be deleted: what lies there now counts. */
async function judgeProcess(machine: Machine, pid: number, judge: JudgeProgram): Promise<ProcessFiles['fate']> {
  const link = await machine.readLink(`/proc/${pid}/exe`).catch(() => undefined);
  const file = link?.replace(/ \(deleted\)$/, '');
  if (!file?.startsWith('/')) return undefined;
  const words = ((await machine.readTextIfThere(`/proc/${pid}/cmdline`).catch(() => undefined)) ?? '').split('\0');
  // Whoever runs it may have put anything in its place meanwhile.
  return judge(file as RootPath, words).catch(() => undefined);
}
