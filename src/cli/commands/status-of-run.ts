import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { journalFile, networkChangesFile, refusalFile } from '../../base/own-paths.ts';
import { hasDataLeft } from '../../data/outcome.ts';
import { readExportsOf } from '../../data/system/carry.ts';
import { type NetworkChanges, readNetworkChanges } from '../../network/reboot-record.ts';
import type { Failure } from '../../run/event.ts';
import { isPastPointOfNoReturn } from '../../run/point-of-no-return.ts';
import type { Step, StepContext } from '../../run/step.ts';
import { readContext } from '../../run/system/run.ts';
import { lastErrorIn } from '../../run/system/run-journal.ts';
import { readHeldUnits } from '../../services/system/held-units.ts';
import { pairOf } from '../../state/pair-of.ts';
import { rollbackBegun, type State } from '../../state/state.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import type { Status } from '../report/status-view.ts';
import { describeSteps } from '../screen/step-status.ts';

/** Where a run is that was begun on this root. Changes nothing. */
export async function statusOfRun(
  machine: Machine,
  store: StateStore,
  state: State,
  steps: readonly Step[],
  isAtWork: boolean,
): Promise<Status> {
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
  return readProgress(machine, state, await readContext(machine, store, pairOf(state)), steps, isAtWork);
}

async function readProgress(
  machine: Machine,
  state: State,
  context: StepContext,
  steps: readonly Step[],
  isAtWork: boolean,
): Promise<Status> {
  const { running } = state;
  const isRunning = running !== null && (await machine.isAlive(running.process));
  const { bootId, machine: kernelMachine } = context.facts.runningKernel;
  const isOldKernel = !context.pair.target.kernelMachines.includes(kernelMachine);
  const waiting = state.reboot?.bootId === bootId && isOldKernel ? state.reboot : undefined;
  const changes = await networkChangesIn(machine, bootId);
  const past = isPastPointOfNoReturn(context);
  // What is taken back stays written down until all of it is.
  const finished = rollbackBegun in state.milestones ? [] : Object.keys(state.finishedSteps);
  const lastError = isAtWork || isRunning ? undefined : await readLastError(machine);
  return {
    schemaVersion: 1,
    state: 'in progress',
    startedAt: state.startedAt,
    pastPointOfNoReturn: past,
    ...(isRunning && { running: running.batch }),
    ...(await refusalIn(machine)),
    steps: describeSteps(steps, context, machine.root.can, new Set(finished)),
    ...(waiting && { waitingForReboot: waiting.kernel }),
    ...(lastError && { lastError }),
    ...(changes.length > 0 && { networkChanges: changes }),
    ...(await heldServicesIn(machine)),
    stoppedAt: state.stoppedAt,
    atWork: isAtWork || isRunning,
    next: isAtWork
      ? 'crossgrade status --watch'
      : isRunning
        ? 'wait until dpkg is done, then look again: crossgrade status'
        : nextOf(state, past, waiting),
  };
}

/** What ended the last run, if it failed. A run that waits for a reboot has not. */
async function readLastError(machine: Machine): Promise<Failure | undefined> {
  const error = lastErrorIn((await machine.readTextIfThere(journalFile)) ?? '');
  return error?.exitCode === exitCodes.reboot ? undefined : error?.failure;
}

/** What the run has found after the last reboot, if this is still the boot. */
async function networkChangesIn(machine: Machine, bootId: string): Promise<NetworkChanges['differences']> {
  const changes = readNetworkChanges(await machine.readTextIfThere(networkChangesFile));
  return changes?.bootId === bootId ? changes.differences : [];
}

async function refusalIn(machine: Machine): Promise<Pick<Status, 'refusesShutdown'>> {
  return machine.root.kind === 'host' && (await machine.exists(refusalFile)) ? { refusesShutdown: true } : {};
}

async function heldServicesIn(machine: Machine): Promise<Pick<Status, 'heldServices'>> {
  const heldServices = await readHeldUnits(machine);
  return heldServices.length > 0 ? { heldServices } : {};
}

/** What to type when nothing is at work. */
function nextOf(state: State, past: boolean, waiting: State['reboot']): string {
  if (rollbackBegun in state.milestones) return 'crossgrade rollback, which has not come to its end';
  if (waiting) return `reboot into the kernel ${waiting.kernel}, then crossgrade resume; or crossgrade rollback`;
  return past ? 'crossgrade resume' : 'crossgrade resume, or crossgrade rollback';
}
