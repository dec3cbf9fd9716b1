import { lendPrograms, returnPrograms } from '../../apt/system/stand-in.ts';
import { CrossgradeError } from '../../base/error.ts';
import type { Answers } from '../../base/finding.ts';
import type { Machine } from '../../base/machine.ts';
import { aptLoginFile, engineEnvironmentFile } from '../../base/own-paths.ts';
import type { Ability } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { holdPackages } from '../../dpkg/system/package-lock.ts';
import type { Plan, TargetSet } from '../../plan/plan.ts';
import { pointOfNoReturn } from '../../state/state.ts';
import type { Interruption } from '../../state/system/interruption.ts';
import { assertSameMachine } from '../../state/system/machine-id.ts';
import { notePointOfNoReturn } from '../../state/system/note-point-of-no-return.ts';
import { assertProgramIsThere } from '../../state/system/own-program.ts';
import type { Performance } from '../../state/system/performance.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import { failureOf, type Observer } from '../event.ts';
import { hasReplacedSomething, isPastPointOfNoReturn } from '../point-of-no-return.ts';
import type { Action, Phase, Step, StepContext } from '../step.ts';
import { awaitEarlier } from './await-earlier.ts';
import { assertAsPlanned } from './find-changes.ts';
import { perform } from './perform.ts';
import { readFacts } from './read-facts.ts';

export interface RunInput {
  readonly machine: Machine;
  readonly store: StateStore;
  readonly pair: ArchitecturePair;
  readonly steps: readonly Step[];
  readonly observe: Observer;
  readonly interruption: Interruption;
  /** Stop when this phase, or the wave of this name, is done. */
  readonly until?: string;
  /** As the administrator named it, for the screen. */
  readonly rootName: string;
  readonly resumed: boolean;
  /** What somebody else who works on the packages is waited for; absent: not at all. */
  readonly lockPatienceMs?: number;
}

/** What the program ends with when it waits for a reboot. */
const rebootExitCode = 4;

export type RunEnd = 'finished' | 'interrupted' | 'until';

/**
 * Goes through the steps, from the first one, whatever was done before: each is asked what remains, and does
 * only that. So there is no difference between a run and a resume.
 *
 * @throws {CrossgradeError} what an action threw; CG0202 when a step ran and something still remains
 */
export async function runSteps(input: RunInput): Promise<RunEnd> {
  const { machine, store, pair, steps, interruption } = input;
  const observe = safely(input.observe);
  const begun = Date.now();
  observe({
    type: 'run-started',
    root: input.rootName,
    resumed: input.resumed,
    steps: steps.map((step) => ({ id: step.id, title: step.title, phase: phaseOf(step) })),
  });
  await assertSameMachine(machine, store.state);
  const stop = (): RunEnd => {
    observe({ type: 'run-stopped', reason: 'interrupted', next: 'crossgrade resume' });
    return 'interrupted';
  };
  if (!(await awaitEarlier(machine, store, steps[0]?.id ?? '', observe, interruption))) return stop();
  const target = await store.target();
  if ((await store.plan()).takenOver) await lendPrograms(machine, pair, false);
  // Where only data is left to be imported, packages are the administrator's again.
  if (store.state.finishedAt === null) {
    await holdPackages(machine, steps[0]?.id ?? '', observe, interruption, input.lockPatienceMs);
  }
  await settleState(machine, store, pair);
  let context = await readContext(machine, store, pair);
  if (store.state.finishedAt === null) {
    await assertAsPlanned(store, context, steps[0]?.id ?? '', observe);
  }
  const border = borderOf(steps);
  if (border && isPastPointOfNoReturn(context)) {
    observe({ type: 'point-of-no-return', step: border.id });
  }
  let previous: Step | undefined;
  for (const step of steps) {
    if (input.until !== undefined && previous && endsAt(input.until, previous, step)) {
      observe({ type: 'run-stopped', reason: 'until', next: 'crossgrade resume' });
      return 'until';
    }
    previous = step;
    await returnPrograms(machine);
    context = await runStep(input, step, target, context, observe);
    if (interruption.requested) return stop();
  }
  await noteFinished(machine, store);
  observe({ type: 'run-finished', seconds: (Date.now() - begun) / 1000 });
  return 'finished';
}

async function noteFinished(machine: Machine, store: StateStore): Promise<void> {
  // They may hold a password, and nothing is fetched any more.
  await machine.remove(engineEnvironmentFile);
  await machine.remove(aptLoginFile);
  await store.update({ finishedAt: store.state.finishedAt ?? new Date().toISOString() });
}

/** Why a step is skipped. */
const lacks: Readonly<Record<Exclude<Ability, 'boot'>, string>> = {
  init: 'no services run in this root',
  live: 'this is not the running system',
  network: 'there is no network',
};

/** The running system boots, unless it is a container. */
function whyMissing(need: Ability, { can }: Machine['root']): string {
  if (need !== 'boot') return lacks[need];
  return can.has('live') ? 'a container has its host’s kernel' : 'this root is not booted';
}

/** @returns what the next step finds: the same as this one did, where it had nothing to do */
async function runStep(
  { machine, store, pair, steps, interruption }: RunInput,
  step: Step,
  target: TargetSet,
  context: StepContext,
  observe: Observer,
): Promise<StepContext> {
  const { id, title } = step;
  const missing = (step.needs ?? []).filter((need) => !machine.root.can.has(need));
  if (missing.length > 0) {
    observe({
      type: 'step-skipped',
      step: id,
      title,
      reason: missing.map((need) => whyMissing(need, machine.root)).join(', '),
    });
    return context;
  }
  if (step.remaining(context).length === 0) {
    observe({ type: 'step-unneeded', step: id, title });
    return context;
  }
  const begun = Date.now();
  let after = context;
  observe({ type: 'step-started', step: id, title });
  if (step === borderOf(steps) && !isPastPointOfNoReturn(context)) {
    observe({ type: 'point-of-no-return', step: id });
  }
  try {
    await assertSomebodyCanGoOn(machine, step, context);
    const performance = { machine, store, pair, target, step: id, context, observe, interruption };
    for (const action of step.plan(context)) {
      if (interruption.requested) {
        return context;
      }
      await performOne(performance, step, action);
    }
    after = await readContext(machine, store, pair);
    const left = step.remaining(after);
    if (left.length > 0 && interruption.requested) {
      return after;
    }
    if (left.length > 0) {
      throw new CrossgradeError(`Step ${id} ran, but still: ${left.slice(0, 3).join('; ')}`, {
        code: 'CG0202',
        hint: 'Nothing after this step has started. Look at crossgrade status, then type crossgrade resume.',
      });
    }
  } catch (error) {
    observe(
      awaitsReboot(error)
        ? { type: 'run-stopped', reason: 'reboot', next: error.hint ?? 'crossgrade resume' }
        : { type: 'step-failed', step: id, failure: failureOf(error) },
    );
    throw error;
  }
  await store.update({ finishedSteps: { ...store.state.finishedSteps, [id]: new Date().toISOString() } });
  observe({ type: 'step-finished', step: id, seconds: (Date.now() - begun) / 1000 });
  return after;
}

/** The first step that cannot be taken back. */
function borderOf(steps: readonly Step[]): Step | undefined {
  return steps.find((step) => step.undo === 'point of no return');
}

async function performOne(performance: Performance, step: Step, action: Action): Promise<void> {
  // A batch writes it right before its dpkg call: an archive that is damaged is found before.
  if (step.undo === 'point of no return' && action.do !== 'batch') await notePointOfNoReturn(performance.store);
  await perform(performance, action);
}

/** Past the point of no return there is no other way than on, with whom there is. */
async function assertSomebodyCanGoOn(machine: Machine, step: Step, context: StepContext): Promise<void> {
  if (phaseOf(step) === 'switch' && !isPastPointOfNoReturn(context)) await assertProgramIsThere(machine);
}

/** A step that waits for a reboot has not failed. */
function awaitsReboot(error: unknown): error is CrossgradeError {
  return error instanceof CrossgradeError && error.exitCode === rebootExitCode;
}

/** Everything a step may look at, fresh from the root. */
export async function readContext(machine: Machine, store: StateStore, pair: ArchitecturePair): Promise<StepContext> {
  const [plan, record, answers]: [Plan, StepContext['record'], Answers] = [
    await store.plan(),
    await store.record(),
    await store.answers(),
  ];
  const { milestones, version } = store.state;
  const context = { pair, plan, record, answers, facts: await readFacts(machine, milestones) };
  if (version > 1 || pointOfNoReturn in milestones || !hasReplacedSomething(context)) return context;
  const facts = { ...context.facts, milestones: { ...milestones, [pointOfNoReturn]: store.state.startedAt } };
  return { ...context, facts };
}

/** What an older crossgrade did not write down is derived once, and then written down. */
export async function settleState(machine: Machine, store: StateStore, pair: ArchitecturePair): Promise<void> {
  if (store.state.version > 1) return;
  const { milestones } = (await readContext(machine, store, pair)).facts;
  await store.update({ version: 2, milestones: { ...milestones } });
}

export function phaseOf(step: Pick<Step, 'id'>): Phase {
  return step.id.slice(0, step.id.indexOf('/')) as Phase;
}

/** A broken terminal must not stop a crossgrade. */
function safely(observe: Observer): Observer {
  return (event) => {
    try {
      observe(event);
    } catch {
      // Nobody is left to be told.
    }
  };
}

const waveSteps: Readonly<Record<string, string>> = {
  libraries: 'switch/install-libraries',
  core: 'switch/replace-core',
  rest: 'switch/replace-rest',
};

function endsAt(until: string, previous: Step, next: Step): boolean {
  const last = waveSteps[until];
  return last === undefined ? phaseOf(previous) === until && phaseOf(next) !== until : previous.id === last;
}
