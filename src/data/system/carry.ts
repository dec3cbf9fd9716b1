import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { exportsFile, exportsFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { signsOfFullDisk } from '../../base/system/full-disk.ts';
import { DataTrouble, must } from '../../base/system/must.ts';
import { activeUnits, hasSystemd, holdUnits, releaseUnits } from '../../services/system/hold-units.ts';
import { inProgress, tellLogins } from '../../session/system/login-notice.ts';
import type { Performance } from '../../state/system/performance.ts';
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
} from '../exports.ts';
import { readUnit, unitsOf } from '../units.ts';
import type { Carrying, DataAdapter } from './adapter.ts';
import { postgresqlAdapter } from './carry-postgresql.ts';
import { rrdAdapter, listFile as rrdListFile } from './carry-rrd.ts';
import { slapdAdapter } from './carry-slapd.ts';
import { findItems } from './find-items.ts';
import { assertUnused } from './in-use.ts';

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
 * Stops what writes, exports everything and the sums of it with the programs that are still those of the source, and
 * takes the originals to where nobody writes to them. Where one item fails, all is as it was.
 *
 * @throws {CrossgradeError} CG0281 when something cannot be exported, CG0282 when the disk is full
 */
export async function exportData(performance: Performance): Promise<void> {
  const { machine, pair } = performance;
  const carrying = carryingOf(performance);
  const earlier = await readExportsOf(machine);
  let exports = earlier ?? (await begin(performance).catch(beginFailure));
  const put = async (item: ExportItem): Promise<void> => {
    exports = await save(machine, {
      ...exports,
      items: exports.items.map((one) => (one.id === item.id ? item : one)),
    });
  };
  try {
    if (earlier) exports = await lookAgain(performance, earlier);
    const running = await holdUnits(machine, exports.holds);
    await tellHeld(machine);
    if (running.length > 0) throw new DataTrouble(`these services do not stop: ${running.join(', ')}`);
    for (const item of exports.items) await assertUnused(machine, item, pair);
    for (const item of exports.items) {
      if (performance.interruption.requested) return;
      await exportOne(carrying, item, put);
    }
    for (const item of exports.items) {
      await assertUnused(machine, item, pair);
      await handlerOf({ machine, pair }, item).setAside();
    }
    await save(machine, { ...exports, complete: true });
  } catch (error) {
    const full = error instanceof DataTrouble ? await fullDisk(machine, error) : [];
    const left = await putBack(performance)
      .then(({ stuck, lame }) => [...stuck, ...lame])
      .catch((cause: unknown) => [`not everything could be put back: ${messageOf(cause)}`]);
    for (const text of left) carrying.tell(text);
    throw error instanceof DataTrouble ? exportFailure(error, full, left) : error;
  }
}

async function begin({ machine, context, pair }: Performance): Promise<Exports> {
  const items = await findItems(machine, context.facts, pair);
  return save(machine, { version: 1, complete: false, holds: await holdsFor(machine, items), items });
}

async function holdsFor(machine: Machine, items: readonly ExportItem[]): Promise<Hold[]> {
  const units = new Map<string, string[]>();
  for (const item of items) {
    const own = await serverUnit(machine, item);
    for (const unit of new Set([...unitsOf(item), ...own])) units.set(unit, [...(units.get(unit) ?? []), item.id]);
  }
  const active = await activeUnits(machine, [...units.keys()]);
  return [...units]
    .filter(([unit]) => active.has(unit) || unit.startsWith('postgresql@') || unit === 'slapd.service')
    .map(([unit, ids]) => ({ unit, wasActive: active.has(unit), items: ids }));
}

/** An interruption may have lasted for days, in which somebody has made more data. */
async function lookAgain({ machine, context, pair }: Performance, earlier: Exports): Promise<Exports> {
  await holdUnits(machine, earlier.holds);
  // What is aside already would not be found in its place.
  for (const item of earlier.items) await handlerOf({ machine, pair }, item).putBack();
  const found = await findItems(machine, context.facts, pair);
  const rrd = found.find(({ kind }) => kind === 'rrd');
  const newRrd = rrd !== undefined && (await haveRrdFilesChanged(machine)) ? rrd : undefined;
  const known = earlier.items.map((item) => (item.kind === 'rrd' ? (newRrd ?? item) : item));
  const fresh = found
    .filter((one) => !known.some((item) => isSame(item, one)))
    .map((one) => (known.some(({ id }) => id === one.id) ? { ...one, id: `${one.id}-later` } : one));
  const holds = new Map(earlier.holds.map((hold) => [hold.unit, hold]));
  for (const hold of await holdsFor(machine, fresh)) {
    const held = holds.get(hold.unit);
    holds.set(hold.unit, held ? { ...held, items: [...held.items, ...hold.items] } : hold);
  }
  return save(machine, { ...earlier, holds: [...holds.values()], items: [...known, ...fresh] });
}

/** An export may have found out where the data really is. */
function isSame(item: ExportItem, found: ExportItem): boolean {
  return item.kind === found.kind && (item.path === found.path || (item.name !== '' && item.name === found.name));
}

/** In an export files are called by their number in the list of that time. */
const exportedListFile: RootPath = `${itemFolder({ id: 'rrd' })}/files.json`;

async function haveRrdFilesChanged(machine: Machine): Promise<boolean> {
  return (await machine.readTextIfThere(rrdListFile)) !== (await machine.readTextIfThere(exportedListFile));
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
    if (item.kind === 'rrd') {
      await must(machine, 'the list of RRD files cannot be copied', ['cp', '--', rrdListFile, exportedListFile]);
    }
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
  throw exportFailure(error, [], []);
}

/** What signs of a full disk there are, before the exports are removed. */
async function fullDisk(machine: Machine, { message, details }: DataTrouble): Promise<string[]> {
  return signsOfFullDisk(machine, [message, ...details].join('\n'), [exportsFolder]);
}

/** @param left what could not be put back as it was */
function exportFailure(
  { message, details }: DataTrouble,
  full: readonly string[],
  left: readonly string[],
): CrossgradeError {
  const state =
    left.length === 0 ? 'The data is as it was, and what uses it runs again' : 'Not everything is as it was: see above';
  return full.length > 0
    ? new CrossgradeError('The disk is full: the data could not be exported.', {
        code: 'CG0282',
        details: [message, ...full, ...left],
        hint: `${state}. Make room, then type crossgrade resume.`,
      })
    : new CrossgradeError(`Data cannot be exported: ${message}`, {
        code: 'CG0281',
        details: [...details, ...left],
        hint: `${state}; no program was replaced. Mend the cause and type crossgrade resume, or type crossgrade rollback.`,
      });
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
  for (const text of await release(machine, free)) carrying.tell(text);
  await save(machine, { ...exports, holds: [...openHolds(exports)] });
  // What could not be imported leaves the system as it was found.
  const left = held.filter((hold) => running.has(hold.unit) && !free.includes(hold));
  for (const text of await release(machine, left.map(ran))) carrying.tell(text);
  await tellHeld(machine);
}

/** Whoever logs in while services are off, also after a power cut, has to know why. On a full disk nobody can be told. */
async function tellHeld(machine: Machine): Promise<void> {
  await tellLogins(machine, inProgress).catch(() => undefined);
}

/** @returns which units did not start again, in words */
async function release(machine: Machine, holds: readonly Hold[]): Promise<string[]> {
  const lame = await releaseUnits(machine, holds);
  return lame.map((unit) => `${unit} did not start again: look at systemctl status ${unit}`);
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
    await assertUnused(machine, item, pair);
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

/**
 * The way back: everything is where it was, what ran runs again, and the exports are gone.
 *
 * @throws {CrossgradeError} CG0283 when something cannot be put back
 */
export async function dropExports(performance: Performance): Promise<void> {
  const { stuck, lame } = await putBack(performance);
  for (const text of lame) carryingOf(performance).tell(text);
  if (stuck.length === 0) return;
  throw new CrossgradeError('Not all data could be put back.', {
    code: 'CG0283',
    details: stuck,
    hint: 'Everything else is as it was. Mend the cause, then type crossgrade rollback again.',
  });
}

/**
 * One thing that cannot be put back keeps neither the others nor their services from it. Exports stay as long as
 * something is not as it was.
 *
 * @returns what is not, and which services did not start again
 */
async function putBack({ machine, pair }: Performance): Promise<{ stuck: string[]; lame: string[] }> {
  const exports = await readExportsOf(machine);
  if (!exports) return { stuck: [], lame: [] };
  const stuck = new Map<string, string>();
  for (const item of exports.items) {
    try {
      await handlerOf({ machine, pair }, item).putBack();
    } catch (error) {
      const why = error instanceof DataTrouble ? [error.message, ...error.details].join('; ') : messageOf(error);
      stuck.set(item.id, `${describeItem(item)} could not be put back: ${why}`);
    }
  }
  const free = exports.holds.filter(({ items }) => !items.some((id) => stuck.has(id)));
  const lame = await release(machine, free);
  if (stuck.size === 0) {
    await machine.removeTree(exportsFolder);
    return { stuck: [], lame };
  }
  // What is exported is not what is there any more.
  if (exports.complete) await save(machine, { ...exports, complete: false });
  const held = unitsIn(exports.holds.filter((hold) => !free.includes(hold)));
  return { stuck: [...stuck.values(), ...(held.length > 0 ? [`kept from running: ${held.join(', ')}`] : [])], lame };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
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
