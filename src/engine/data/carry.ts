import {
  describeItem,
  type ExportItem,
  type Exports,
  type Hold,
  idleHolds,
  itemFolder,
  openHolds,
  readExports,
  waiting,
} from '../../core/data/exports.ts';
import { readUnit, unitsOf } from '../../core/data/units.ts';
import { CrossgradeError } from '../../core/error.ts';
import type { Machine } from '../../core/machine.ts';
import { exportsFile, exportsFolder } from '../../core/paths.ts';
import type { Performance } from '../context.ts';
import { signsOfFullDisk } from '../full-disk.ts';
import { type Carrying, type DataAdapter, DataTrouble } from './adapter.ts';
import { findItems } from './find-items.ts';
import { postgresqlAdapter } from './postgresql.ts';
import { rrdAdapter } from './rrd.ts';
import { activeUnits, hasSystemd, holdUnits, releaseUnits } from './services.ts';
import { slapdAdapter } from './slapd.ts';

/** @throws {CrossgradeError} CG0280 when the manifest is damaged */
export async function readExportsOf(machine: Machine): Promise<Exports | undefined> {
  const text = await machine.readTextIfThere(exportsFile);
  return text === undefined ? undefined : readExports(text);
}

async function save(machine: Machine, exports: Omit<Exports, 'changedAt'>): Promise<Exports> {
  const changed = { ...exports, changedAt: new Date().toISOString() };
  await machine.makeDirectory(exportsFolder, 0o700);
  await machine.write(exportsFile, `${JSON.stringify(changed, undefined, 2)}\n`, { mode: 0o600 });
  return changed;
}

/** What is done for each kind. */
interface Handler {
  exportItem(carrying: Carrying): Promise<ExportItem>;
  stamp(): Promise<string>;
  setAside(): Promise<void>;
  putBack(): Promise<void>;
  importItem(carrying: Carrying): Promise<ExportItem>;
}

function bind<Kind extends ExportItem['kind'], Item extends Extract<ExportItem, { readonly kind: Kind }>>(
  { machine, pair }: Pick<Carrying, 'machine' | 'pair'>,
  adapter: DataAdapter<Kind>,
  item: Item & Parameters<DataAdapter<Kind>['exportItem']>[1],
): Handler {
  return {
    exportItem: (carrying) => adapter.exportItem(carrying, item),
    stamp: () => adapter.stamp(machine, item),
    setAside: () => adapter.setAside(machine, item, pair),
    putBack: () => adapter.putBack(machine, item, pair),
    importItem: (carrying) => adapter.importItem(carrying, item),
  };
}

function handlerOf(carrying: Pick<Carrying, 'machine' | 'pair'>, item: ExportItem): Handler {
  switch (item.kind) {
    case 'postgresql':
      return bind(carrying, postgresqlAdapter, item);
    case 'slapd':
      return bind(carrying, slapdAdapter, item);
    case 'rrd':
      return bind(carrying, rrdAdapter, item);
  }
}

/**
 * Stops what writes, exports everything with the programs that are still those of the source, reads it back, and takes
 * the originals to where nobody writes to them. Where one item fails, all is as it was.
 *
 * @throws {CrossgradeError} CG0281 when something cannot be exported, CG0282 when the disk is full
 */
export async function exportData(performance: Performance): Promise<void> {
  const { machine, pair } = performance;
  const carrying = carryingOf(performance);
  let exports = (await readExportsOf(machine)) ?? (await begin(performance).catch(beginFailure));
  const put = async (item: ExportItem): Promise<void> => {
    exports = await save(machine, {
      ...exports,
      items: exports.items.map((one) => (one.id === item.id ? item : one)),
    });
  };
  try {
    const running = await holdUnits(machine, exports.holds);
    if (running.length > 0) throw new DataTrouble(`these services do not stop: ${running.join(', ')}`);
    for (const item of exports.items) {
      if (performance.interruption.requested) return;
      await exportOne(carrying, item, put);
    }
    for (const item of exports.items) await handlerOf({ machine, pair }, item).setAside();
    await save(machine, { ...exports, complete: true });
  } catch (error) {
    const failure = await exportFailure(machine, error);
    await dropExports(performance).catch((cause: unknown) => {
      carrying.tell(`not everything could be put back: ${cause instanceof Error ? cause.message : String(cause)}`);
    });
    throw failure;
  }
}

async function begin(performance: Performance): Promise<Exports> {
  const { machine, context, pair } = performance;
  const items = await findItems(machine, context.facts, pair);
  const units = new Map<string, string[]>();
  for (const item of items) {
    const own = await serverUnit(machine, item);
    for (const unit of new Set([...unitsOf(item), ...own])) units.set(unit, [...(units.get(unit) ?? []), item.id]);
  }
  const active = await activeUnits(machine, [...units.keys()]);
  const holds: Hold[] = [...units]
    .filter(([unit]) => active.has(unit) || unit.startsWith('postgresql@') || unit === 'slapd.service')
    .map(([unit, ids]) => ({ unit, wasActive: active.has(unit), items: ids }));
  return save(machine, { version: 1, complete: false, holds, items });
}

/** The unit that a cluster's server runs in, whoever has made it. */
async function serverUnit(machine: Machine, item: ExportItem): Promise<string[]> {
  if (item.kind !== 'postgresql' || !(await hasSystemd(machine))) return [];
  const pid = (await machine.readTextIfThere(`${item.path}/postmaster.pid`))?.split('\n')[0]?.trim() ?? '';
  if (!/^\d+$/.test(pid) || (await machine.readTextIfThere(`/proc/${pid}/comm`))?.trim() !== 'postgres') return [];
  const unit = readUnit((await machine.readTextIfThere(`/proc/${pid}/cgroup`)) ?? '');
  if (unit === undefined)
    throw new DataTrouble(`the server on ${item.path} was started by no unit of systemd: stop it`);
  return [unit];
}

async function exportOne(
  carrying: Carrying,
  item: ExportItem,
  put: (item: ExportItem) => Promise<void>,
): Promise<void> {
  const { machine, pair } = carrying;
  const handler = handlerOf({ machine, pair }, item);
  if (item.state === 'exported') {
    const now = await handler.stamp();
    // '': it is aside already.
    if (now === '' || now === item.stamp) return;
    carrying.tell(`${describeItem(item)} was written to since it was exported: once more`);
  }
  const folder = itemFolder(item);
  await machine.removeTree(folder);
  await machine.makeDirectory(folder, 0o700);
  const begun = Date.now();
  try {
    const exported = await handler.exportItem(carrying);
    const stamp = await handlerOf({ machine, pair }, exported).stamp();
    await put({ ...exported, stamp, state: 'exported' });
  } catch (error) {
    throw error instanceof DataTrouble
      ? new DataTrouble(`${describeItem(item)}: ${error.message}`, error.details)
      : error;
  }
  carrying.tell(`exported ${describeItem(item)} (${mebibytes(item.bytes)} on disk) in ${seconds(begun)}`);
}

async function beginFailure(error: unknown): Promise<never> {
  if (!(error instanceof DataTrouble)) throw error;
  throw cannotExport(error);
}

function cannotExport({ message, details }: DataTrouble): CrossgradeError {
  return new CrossgradeError(`Data cannot be exported: ${message}`, {
    code: 'CG0281',
    details,
    hint: 'The data is as it was, what uses it runs again, and no program was replaced. Mend the cause and type crossgrade resume, or type crossgrade rollback.',
  });
}

async function exportFailure(machine: Machine, error: unknown): Promise<unknown> {
  if (!(error instanceof DataTrouble)) return error;
  const said = [error.message, ...error.details].join('\n');
  const full = await signsOfFullDisk(machine, said, [exportsFolder]);
  if (full.length > 0) {
    return new CrossgradeError('The disk is full: the data could not be exported.', {
      code: 'CG0282',
      details: [error.message, ...full],
      hint: 'The data is as it was, and what uses it runs again. Make room, then type crossgrade resume.',
    });
  }
  return cannotExport(error);
}

/** Reads what was exported with the programs of the target. What fails is noted, and does not keep the rest from it. */
export async function importData(performance: Performance): Promise<void> {
  const { machine, interruption } = performance;
  const carrying = carryingOf(performance);
  let exports = await readExportsOf(machine);
  if (!exports) return;
  const due = new Set(waiting(exports).map(({ id }) => id));
  const held = exports.holds.filter((hold) => hold.items.some((id) => due.has(id)));
  // After an import that failed, somebody may have mended the data by hand, and let them run.
  const running = await activeUnits(machine, unitsIn(held));
  const stubborn = await holdUnits(machine, held);
  if (stubborn.length > 0) carrying.tell(`these services do not stop: ${stubborn.join(', ')}`);
  for (const item of waiting(exports)) {
    if (interruption.requested) break;
    const done = await importOne(carrying, item);
    exports = await save(machine, { ...exports, items: exports.items.map((one) => (one.id === done.id ? done : one)) });
  }
  const free = idleHolds(exports);
  await release(carrying, free);
  await save(machine, { ...exports, holds: [...openHolds(exports)] });
  // What could not be imported leaves the system as it was found.
  await release(carrying, held.filter((hold) => running.has(hold.unit) && !free.includes(hold)).map(ran));
}

async function release({ machine, tell }: Pick<Carrying, 'machine' | 'tell'>, holds: readonly Hold[]): Promise<void> {
  const lame = await releaseUnits(machine, holds);
  for (const unit of lame) tell(`${unit} did not start again: look at systemctl status ${unit}`);
}

function unitsIn(holds: readonly Hold[]): string[] {
  return holds.map(({ unit }) => unit);
}

function ran(hold: Hold): Hold {
  return { ...hold, wasActive: true };
}

async function importOne(carrying: Carrying, item: ExportItem): Promise<ExportItem> {
  const { machine, pair } = carrying;
  const begun = Date.now();
  try {
    const { trouble: _, ...imported } = await handlerOf({ machine, pair }, item).importItem(carrying);
    carrying.tell(`imported and compared: ${describeItem(item)}, in ${seconds(begun)}`);
    return { ...imported, state: 'imported' };
  } catch (error) {
    if (!(error instanceof DataTrouble) && !(error instanceof CrossgradeError)) throw error;
    const trouble = [error.message, ...error.details].join('; ');
    carrying.tell(`${describeItem(item)} could NOT be imported: ${trouble}`);
    return { ...item, state: 'failed', trouble };
  }
}

/** What failed is tried once more. */
export async function retryImports(machine: Machine): Promise<void> {
  const exports = await readExportsOf(machine);
  if (!exports) return;
  const again = (item: ExportItem): ExportItem => (item.state === 'failed' ? { ...item, state: 'exported' } : item);
  await save(machine, { ...exports, items: exports.items.map(again) });
}

/** The way back: everything is where it was, what ran runs again, and the exports are gone. */
export async function dropExports({ machine, pair }: Pick<Performance, 'machine' | 'pair'>): Promise<void> {
  const exports = await readExportsOf(machine);
  if (exports) {
    for (const item of exports.items) await handlerOf({ machine, pair }, item).putBack();
    await releaseUnits(machine, exports.holds);
  }
  await machine.removeTree(exportsFolder);
}

function carryingOf({ machine, pair, context, interruption, step, observe }: Performance): Carrying {
  return {
    machine,
    pair,
    plan: context.plan,
    interruption,
    tell: (text) => observe({ type: 'step-message', step, text }),
    progress: (activity, done, total) =>
      observe({ type: 'step-progress', step, progress: { activity, done, total, unit: 'files' } }),
  };
}

function mebibytes(bytes: number): string {
  return `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;
}

function seconds(begun: number): string {
  return `${((Date.now() - begun) / 1000).toFixed(1)} s`;
}
