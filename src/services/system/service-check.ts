import { setTimeout as sleep } from 'node:timers/promises';
import type { Difference, PartComparison } from '../../base/difference.ts';
import type { Machine } from '../../base/machine.ts';
import { servicesBeforeFile } from '../../base/own-paths.ts';
import { type Exports, openHolds } from '../../data/exports.ts';
import type { InstalledPackage } from '../../debian/package.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Facts } from '../../run/facts.ts';
import type { Telling } from '../../state/system/performance.ts';
import { compareServices, compareSockets, servicesToStart } from '../compare-services.ts';
import { readServicesRecord, type Services } from '../services.ts';
import { activeUnits } from './hold-units.ts';
import { readServices } from './read-services.ts';

/** Keeps what runs and who listens, for the end of the run. Nothing where systemd is not the first process. */
export async function recordServices(machine: Machine, packages: readonly InstalledPackage[]): Promise<void> {
  const services = await readServices(machine, packages);
  if (services === undefined) return;
  await machine.write(servicesBeforeFile, `${JSON.stringify(services)}\n`, { mode: 0o600 });
}

async function readRecord(machine: Machine): Promise<Services | 'none' | 'damaged'> {
  const text = machine.root.can.has('init') ? await machine.readTextIfThere(servicesBeforeFile) : undefined;
  return text === undefined ? 'none' : (readServicesRecord(text) ?? 'damaged');
}

function heldUnits(exports: Exports | undefined): ReadonlySet<string> {
  return new Set(openHolds(exports).map(({ unit }) => unit));
}

/** Units that ran before, do not now, and should; undefined until that counts, near the end of a run. */
export async function findStoppedUnits(
  machine: Machine,
  packages: readonly InstalledPackage[],
  exports: Exports | undefined,
  milestones: Facts['milestones'],
): Promise<string[] | undefined> {
  if (!milestones.cleanup || milestones.servicesStarted) return undefined;
  const before = await readRecord(machine);
  const now = typeof before === 'string' ? undefined : await readServices(machine, packages);
  if (typeof before === 'string' || now === undefined) return [];
  return servicesToStart(before, now, { held: heldUnits(exports) });
}

/** Lines of its journal that say why a unit does not run. */
const journalLines = 8;

async function journalOf(machine: Machine, unit: string): Promise<string[]> {
  const argv = ['journalctl', '--boot', '--no-pager', '--output=cat', `--lines=${journalLines}`, `--unit=${unit}`];
  const { stdout } = await machine.run(argv);
  return stdout.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('-- '));
}

/** Services and sockets, at the beginning of the run and now. Those that do not run have their journal with them. */
export async function compareServicesWithBefore(
  machine: Machine,
  facts: { readonly packages: readonly InstalledPackage[]; readonly exports: Exports | undefined },
  plan: Plan,
): Promise<{ readonly services: PartComparison; readonly sockets: PartComparison }> {
  const nothing: PartComparison = { rows: [], differences: [] };
  const before = await readRecord(machine);
  if (before === 'none') return { services: nothing, sockets: nothing };
  const now = before === 'damaged' ? undefined : await readServices(machine, facts.packages);
  if (before === 'damaged' || now === undefined) {
    const why = before === 'damaged' ? `${servicesBeforeFile} is damaged` : 'systemd does not answer';
    const what = `services and listening addresses are not compared: ${why}`;
    return { services: { rows: [], differences: [{ what, explanation: null }] }, sockets: nothing };
  }
  const services = compareServices(before, now, { plan, held: heldUnits(facts.exports) });
  const differences: Difference[] = [];
  for (const one of services.differences) {
    const unit = /^systemctl (?:re)?start (\S+)$/.exec(one.command ?? '')?.[1];
    const details = unit === undefined ? [] : await journalOf(machine, unit);
    differences.push({ ...one, ...(details.length > 0 && { details }) });
  }
  return { services: { ...services, differences }, sockets: compareSockets(before, now) };
}

const startLimitMs = 120_000;
const lookAgainMs = 3000;

/**
 * Starts units that ran before; those that do not come up get a second chance, after what they need has been started
 * anew. What still does not run is said here, and again in the comparison.
 */
export async function startServices(
  { machine, step, observe }: Telling & { readonly machine: Machine },
  units: readonly string[],
  pauseMs = lookAgainMs,
): Promise<void> {
  const control = (...argv: string[]) => machine.run(['timeout', `${startLimitMs / 1000}`, 'systemctl', ...argv]);
  let open = [...units];
  for (const again of [false, true]) {
    for (const unit of open) {
      if (again) for (const needed of await failedNeeds(machine, unit)) await control('restart', '--', needed);
      await control('reset-failed', '--', unit);
      await control('start', '--', unit);
    }
    // Some come up, and end at once.
    if (open.length > 0) await sleep(pauseMs);
    const active = await activeUnits(machine, open);
    for (const unit of open.filter((one) => active.has(one))) {
      observe({ type: 'step-message', step, text: `${unit} runs again` });
    }
    open = open.filter((unit) => !active.has(unit));
  }
  for (const unit of open) {
    const details = [...(await journalOf(machine, unit)), `  systemctl status ${unit}`];
    observe({ type: 'step-warning', step, text: `${unit} ran before, and does not start`, details });
  }
}

/** What a unit needs or wants, directly, and has failed. */
async function failedNeeds(machine: Machine, unit: string): Promise<string[]> {
  const argv = ['systemctl', 'show', '--property=Requires,Requisite,BindsTo,Wants,After', '--', unit];
  const lines = (await machine.run(argv)).stdout.split('\n');
  const names = new Set(lines.flatMap((line) => line.slice(line.indexOf('=') + 1).split(' ')).filter(Boolean));
  if (names.size === 0) return [];
  const { stdout } = await machine.run(['systemctl', 'is-failed', '--', ...names]);
  const states = stdout.split('\n');
  return [...names].filter((_, index) => states[index] === 'failed');
}
