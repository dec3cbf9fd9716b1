import sumsScript from '#guest/data/write-sums.sh';
import type { Machine } from '../../base/machine.ts';
import { must } from '../../base/system/must.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Interruption } from '../../state/system/interruption.ts';
import type { ExportKind, ItemOf } from '../exports.ts';

/** What an adapter works with. */
export interface Carrying {
  readonly machine: Machine;
  readonly pair: ArchitecturePair;
  readonly plan: Plan;
  readonly interruption: Interruption;
  /** A line for the screen and the journal. */
  tell(text: string): void;
  progress(activity: 'export' | 'import', done: number, total: number): void;
}

/** How one kind of data gets from one word size to the other. Each method may be called again after a kill. */
export interface DataAdapter<Kind extends ExportKind> {
  /** With the source's program, into the item's folder, which is empty. The original is not changed. */
  exportItem(carrying: Carrying, item: ItemOf<Kind>): Promise<ItemOf<Kind>>;
  /** A text that is another one when somebody has written to the original. */
  stamp(machine: Machine, item: ItemOf<Kind>): Promise<string>;
  /** Takes the original to where no program writes to it. Does nothing where that is done. */
  setAside(machine: Machine, item: ItemOf<Kind>, pair: ArchitecturePair): Promise<void>;
  putBack(machine: Machine, item: ItemOf<Kind>, pair: ArchitecturePair): Promise<void>;
  /** With the target's program, and compared with what was exported. What fails leaves export and original alone. */
  importItem(carrying: Carrying, item: ItemOf<Kind>): Promise<ItemOf<Kind>>;
}

/** Programs that may run side by side. */
export async function processorCount(machine: Machine): Promise<number> {
  const { stdout } = await machine.run(['nproc']);
  return Math.min(8, Math.max(1, Number(stdout) || 1));
}

/** Sums of every file of an export, so that a damaged one is noticed before it is read. */
const sumsFile = 'SHA256SUMS';

export async function writeSums(machine: Machine, folder: `/${string}`): Promise<void> {
  const argv = ['sh', '-ec', sumsScript, 'sh', sumsFile];
  await must(machine, 'the sums of the export cannot be written', argv, { workingDirectory: folder });
}

export async function checkSums(machine: Machine, folder: `/${string}`): Promise<void> {
  await must(
    machine,
    'the export is damaged: its files are not as they were written',
    ['sha256sum', '--check', '--quiet', '--strict', sumsFile],
    { workingDirectory: folder },
  );
}
