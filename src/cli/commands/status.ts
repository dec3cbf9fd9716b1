import { hasDataLeft } from '../../core/data/outcome.ts';
import { networkChangesFile } from '../../core/paths.ts';
import { type NetworkChanges, readNetworkChanges } from '../../core/picture/reboot-picture.ts';
import { rollbackBegun, type State } from '../../core/state.ts';
import { readExportsOf } from '../../engine/data/carry.ts';
import { readHeldUnits } from '../../engine/data/held-units.ts';
import { phaseOf, readContext, replacedPackages } from '../../engine/run.ts';
import { StateStore } from '../../engine/state-store.ts';
import type { CommonOptions } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import { handsOver } from '../hand-over.ts';
import { nameRoot } from '../name-root.ts';
import type { Wiring } from '../session.ts';
import { formatStatus, type Status } from '../status-view.ts';
import { createLook } from '../terminal.ts';
import { watchRun } from '../watch.ts';
import { pairOf } from './resume.ts';

/** Where are we, what is next. Changes nothing, and needs no lock. */
export async function statusCommand(
  options: CommonOptions & { readonly json: boolean; readonly watch: boolean },
  wiring: Wiring,
): Promise<number> {
  const isAtWork = handsOver(options, wiring) && (await wiring.engineService.isActive());
  if (options.watch && isAtWork) return watchRun(options, wiring);
  const session = await wiring.openSession(options.root, 'read');
  try {
    const found = await readStatus(new StateStore(session.machine), session, wiring, isAtWork);
    const status: Status = { ...found, next: nameRoot(found.next, options.root) };
    const { stdout, environment } = wiring;
    if (options.json || options.output === 'json') {
      stdout.write(`${JSON.stringify(status)}\n`);
    } else {
      const look = createLook(stdout, environment, options.color);
      const lines = formatStatus(status, { look, columns: stdout.columns, verbose: options.verbose });
      stdout.write(`${lines.join('\n')}\n`);
    }
    return exitCodes.done;
  } finally {
    await session.close();
  }
}

async function readStatus(
  store: StateStore,
  { machine }: { machine: StateStoreMachine },
  { steps }: Wiring,
  isAtWork: boolean,
): Promise<Status> {
  const state = await store.load();
  if (!state) {
    return { schemaVersion: 1, state: 'none', next: 'crossgrade run' };
  }
  const held = await heldServicesIn(machine);
  if (state.finishedAt !== null) {
    return {
      schemaVersion: 1,
      state: 'finished',
      startedAt: state.startedAt,
      finishedAt: state.finishedAt,
      ...held,
      next: hasDataLeft(await readExportsOf(machine)) ? 'crossgrade resume' : 'crossgrade verify',
    };
  }
  const context = await readContext(machine, store, pairOf(state));
  const { running } = state;
  const isRunning = running !== null && (await machine.isAlive(running.process));
  const { bootId, machine: kernelMachine } = context.facts.runningKernel;
  const isOldKernel = !context.pair.targetKernelMachines.includes(kernelMachine);
  const waiting = state.reboot?.bootId === bootId && isOldKernel ? state.reboot : undefined;
  const changes = await networkChangesIn(machine, bootId);
  let isLater = false;
  const past = context.before !== undefined && replacedPackages(context).length > 0;
  return {
    schemaVersion: 1,
    state: 'in progress',
    startedAt: state.startedAt,
    pastPointOfNoReturn: past,
    ...(isRunning && { running: running.batch }),
    steps: steps.map((step) => {
      const skipped = (step.needs ?? []).some((need) => !machine.root.can.has(need));
      const remaining = skipped ? [] : step.remaining(context);
      const settled = isLater ? 'waiting' : 'done';
      isLater ||= remaining.length > 0;
      return {
        id: step.id,
        title: step.title,
        phase: phaseOf(step),
        state: skipped ? 'skipped' : remaining.length === 0 ? settled : 'open',
        remaining: remaining.slice(0, 3),
      };
    }),
    ...(waiting && { waitingForReboot: waiting.kernel }),
    ...(changes.length > 0 && { networkChanges: changes }),
    ...held,
    stoppedAt: state.stoppedAt,
    atWork: isAtWork || isRunning,
    next: isAtWork
      ? 'crossgrade status --watch'
      : isRunning
        ? 'wait until dpkg is done, then look again: crossgrade status'
        : nextOf(state, past, waiting),
  };
}

/** What the run has found after the last reboot, if this is still the boot. */
async function networkChangesIn(machine: StateStoreMachine, bootId: string): Promise<NetworkChanges['differences']> {
  const changes = readNetworkChanges(await machine.readTextIfThere(networkChangesFile));
  return changes?.bootId === bootId ? changes.differences : [];
}

async function heldServicesIn(machine: StateStoreMachine): Promise<Pick<Status, 'heldServices'>> {
  const heldServices = await readHeldUnits(machine);
  return heldServices.length > 0 ? { heldServices } : {};
}

/** What to type when nothing is at work. */
function nextOf(state: State, past: boolean, waiting: State['reboot']): string {
  if (rollbackBegun in state.milestones) return 'crossgrade rollback, which has not come to its end';
  if (waiting) return `reboot into the kernel ${waiting.kernel}, then crossgrade resume; or crossgrade rollback`;
  return past ? 'crossgrade resume' : 'crossgrade resume, or crossgrade rollback';
}

type StateStoreMachine = Parameters<typeof readContext>[0];
