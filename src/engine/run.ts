import type { ArchitecturePair } from '../core/architecture.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Failure, Observer } from '../core/event.ts';
import type { Answers } from '../core/finding.ts';
import type { Capability, Machine } from '../core/machine.ts';
import { type InstanceKey, instanceKey } from '../core/package.ts';
import { aptLoginFile, engineEnvironmentFile } from '../core/paths.ts';
import type { Plan, TargetSet } from '../core/plan.ts';
import type { Phase, Step, StepContext } from '../core/step.ts';
import { awaitEarlier } from './await-earlier.ts';
import type { Interruption } from './context.ts';
import { assertSameMachine } from './machine-id.ts';
import { assertProgramIsThere } from './own-program.ts';
import { perform } from './perform.ts';
import { readFacts } from './probe.ts';
import type { StateStore } from './state-store.ts';

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
  let context = await readContext(machine, store, pair);
  // Where only data is left to be imported, packages are the administrator's again.
  if (store.state.finishedAt === null) assertNoStrangers(context, machine.root.kind === 'host');
  const border = steps.find((step) => step.undo === 'point of no return');
  if (border && replacedPackages(context).length > 0) {
    observe({ type: 'point-of-no-return', step: border.id });
  }
  let previous: Step | undefined;
  for (const step of steps) {
    if (input.until !== undefined && previous && endsAt(input.until, previous, step)) {
      observe({ type: 'run-stopped', reason: 'until', next: 'crossgrade resume' });
      return 'until';
    }
    previous = step;
    context = await runStep(input, step, target, context, observe);
    if (interruption.requested) return stop();
  }
  // They may hold a password, and nothing is fetched any more.
  for (const path of [engineEnvironmentFile, aptLoginFile]) await machine.remove(path);
  await store.update({ finishedAt: store.state.finishedAt ?? new Date().toISOString() });
  observe({ type: 'run-finished', seconds: (Date.now() - begun) / 1000 });
  return 'finished';
}

/** Why a step is skipped. */
const lacks: Readonly<Record<Exclude<Capability, 'boot'>, string>> = {
  init: 'no services run in this root',
  live: 'this is not the running system',
  network: 'there is no network',
};

/** The running system boots, unless it is a container. */
function whyMissing(need: Capability, { can }: Machine['root']): string {
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
  if (step === steps.find((one) => one.undo === 'point of no return')) {
    observe({ type: 'point-of-no-return', step: id });
  }
  try {
    await assertSomebodyCanGoOn(machine, step, context);
    for (const action of step.plan(context)) {
      if (interruption.requested) {
        return context;
      }
      await perform({ machine, store, pair, target, step: id, context, observe, interruption }, action);
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

/** Past the point of no return there is no other way than on, with whom there is. */
async function assertSomebodyCanGoOn(machine: Machine, step: Step, context: StepContext): Promise<void> {
  if (phaseOf(step) === 'switch' && replacedPackages(context).length === 0) await assertProgramIsThere(machine);
}

/** A step that waits for a reboot has not failed. */
function awaitsReboot(error: unknown): error is CrossgradeError {
  return error instanceof CrossgradeError && error.exitCode === rebootExitCode;
}

/** Everything a step may look at, fresh from the root. */
export async function readContext(machine: Machine, store: StateStore, pair: ArchitecturePair): Promise<StepContext> {
  const [plan, before, answers]: [Plan, StepContext['before'], Answers] = [
    await store.plan(),
    await store.before(),
    await store.answers(),
  ];
  return { pair, plan, before, answers, facts: await readFacts(machine, store.state.milestones) };
}

/**
 * Somebody installed a package since the plan was made: dpkg would stumble over it past the point of no return.
 *
 * @throws {CrossgradeError} CG0251
 */
function assertNoStrangers({ pair, plan, before, facts }: StepContext, isHost: boolean): void {
  if (!before) {
    return;
  }
  const known = new Set([...Object.keys(before.packages), ...before.residualConfig, ...Object.keys(plan.endState)]);
  const strangers = facts.inventory.packages
    .filter((one) => one.architecture !== pair.target.name || one.state !== 'config-files')
    .map(instanceKey)
    .filter((key) => !known.has(key));
  if (strangers.length > 0) {
    throw new CrossgradeError('Packages were installed since the crossgrade was planned.', {
      code: 'CG0251',
      details: [strangers.slice(0, 8).join(' ') + (strangers.length > 8 ? ` and ${strangers.length - 8} more` : '')],
      hint: `Nothing was changed now. Purge them (dpkg --purge${isHost ? '' : ', inside the root'}), then type crossgrade resume.`,
    });
  }
}

/** Instances of the old system that are not there any more, or only in part: then there is no way back. */
export function replacedPackages({ before, facts, pair }: StepContext): string[] {
  const there = new Map(facts.inventory.packages.map((one) => [instanceKey(one), one]));
  return Object.entries(before?.packages ?? {})
    .filter(([key, version]) => {
      const now = there.get(key as InstanceKey);
      return key.endsWith(`:${pair.source.name}`) && (!now || now.reinstallRequired || now.version !== version);
    })
    .map(([key]) => key);
}

export function phaseOf(step: Pick<Step, 'id'>): Phase {
  return step.id.slice(0, step.id.indexOf('/')) as Phase;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CrossgradeError) {
    return {
      code: error.code,
      message: error.message,
      details: error.details,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
  return { code: 'CG0000', message: error instanceof Error ? error.message : String(error), details: [] };
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
