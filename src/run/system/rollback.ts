import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { holdPackages } from '../../dpkg/system/package-lock.ts';
import { pointOfNoReturn, type State } from '../../state/state.ts';
import type { Interruption } from '../../state/system/interruption.ts';
import type { Performance } from '../../state/system/performance.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import type { Observer } from '../event.ts';
import { failureOf } from '../event.ts';
import { isPastPointOfNoReturn } from '../point-of-no-return.ts';
import type { Step, StepContext } from '../step.ts';
import { awaitEarlier } from './await-earlier.ts';
import { assertNothingOnTop } from './find-changes.ts';
import { perform } from './perform.ts';
import { phaseOf, readContext } from './run.ts';

export type RollbackEnd = 'taken-back' | 'interrupted';

/**
 * Takes back what was done, in the reverse order, as long as no program of the old system was replaced. What is left is
 * crossgrade's own state.
 *
 * @param stop that it shall stop: heeded as long as nothing is taken back yet
 * @throws {CrossgradeError} CG0260, CG0265, CG0360 past the point of no return
 */
export async function rollback(
  machine: Machine,
  store: StateStore,
  pair: ArchitecturePair,
  steps: readonly Step[],
  observe: Observer,
  rootName: string,
  stop: Interruption,
): Promise<RollbackEnd> {
  const started = Date.now();
  // What was begun is taken back to its end.
  const interruption = { requested: false };
  const undoable = steps.filter((step) => step.undo !== 'point of no return');
  observe({
    type: 'run-started',
    root: rootName,
    resumed: true,
    steps: [...undoable]
      .reverse()
      .map((step) => ({ id: step.id, title: `Take back: ${step.title}`, phase: phaseOf(step) })),
  });
  if (!(await awaitEarlier(machine, store, undoable.at(-1)?.id ?? '', observe, stop))) {
    observe({ type: 'run-stopped', reason: 'interrupted', next: 'crossgrade rollback' });
    return 'interrupted';
  }
  const found = await readContext(machine, store, pair);
  assertReversible(found, store.state);
  await assertNothingOnTop(store, found);
  await holdPackages(machine, undoable.at(-1)?.id ?? '', observe, interruption);
  await takeBack({ machine, store, pair, observe, interruption }, undoable);
  observe({ type: 'run-finished', seconds: (Date.now() - started) / 1000 });
  return 'taken-back';
}

/** Takes back steps, the last one first; those that cannot be taken back are left out. */
async function takeBack(
  given: Pick<Performance, 'machine' | 'store' | 'pair' | 'observe' | 'interruption'>,
  steps: readonly Step[],
): Promise<void> {
  const { machine, store, pair, observe } = given;
  const target = await store.target();
  for (const step of [...steps].reverse()) {
    const context = await readContext(machine, store, pair);
    const actions = step.undo === 'point of no return' ? [] : step.undo(context);
    if (actions.length === 0) {
      observe({ type: 'step-unneeded', step: step.id, title: `Take back: ${step.title}` });
      continue;
    }
    const begun = Date.now();
    observe({ type: 'step-started', step: step.id, title: `Take back: ${step.title}` });
    try {
      for (const action of actions) {
        await perform({ ...given, target, step: step.id, context }, action);
      }
    } catch (error) {
      const failure = goingBack(error);
      observe({ type: 'step-failed', step: step.id, failure: failureOf(failure) });
      throw failure;
    }
    observe({ type: 'step-finished', step: step.id, seconds: (Date.now() - begun) / 1000 });
  }
}

/** What fails on the way back is gone on with by another rollback. */
function goingBack(error: unknown): unknown {
  if (!(error instanceof CrossgradeError)) return error;
  const { message, code, hint, details, exitCode, cause } = error;
  return new CrossgradeError(message, {
    code,
    details,
    exitCode,
    cause,
    ...(hint !== undefined && { hint: hint.replaceAll('crossgrade resume', 'crossgrade rollback') }),
  });
}

/** What was looked at, and brought, by the old plan; the downloads, and a kernel that may be running, stay. */
const ofThePlan: ReadonlySet<string> = new Set([
  'prepare/level-versions',
  'prepare/record-local-software',
  'prepare/save-rescue-programs',
]);

/**
 * Takes back what has to be done anew with another plan: all that was brought beside the old system. The rest of the
 * preparations is the same for every plan.
 *
 * @throws {CrossgradeError} CG0261
 */
export async function takeBackForNewPlan(
  machine: Machine,
  store: StateStore,
  pair: ArchitecturePair,
  steps: readonly Step[],
  observe: Observer,
  rootName: string,
): Promise<void> {
  const ours = steps.filter(
    (step) => step.undo !== 'point of no return' && (phaseOf(step) === 'switch' || ofThePlan.has(step.id)),
  );
  const summary = [...ours].reverse().map(({ id, title }) => ({ id, title: `Take back: ${title}`, phase: 'switch' }));
  observe({ type: 'run-started', root: rootName, resumed: true, steps: summary });
  const interruption = { requested: false };
  await holdPackages(machine, ours.at(-1)?.id ?? '', observe, interruption);
  try {
    await takeBack({ machine, store, pair, observe, interruption }, ours);
  } finally {
    // apt is asked next, which takes it for a moment.
    await machine.unlockPackages();
  }
}

/** For who wants to go on forward. */
export function rollbackUnfinished(): CrossgradeError {
  return new CrossgradeError('A rollback of this root has begun, and has not come to its end.', {
    code: 'CG0154',
    hint: 'Nothing was changed. Type crossgrade rollback again; after it, a new crossgrade can begin.',
  });
}

/**
 * @param state as it was read
 * @throws {CrossgradeError} CG0260 past the point of no return; CG0265 where that is judged from what is installed; CG0360
 *   where what others had begun was taken over
 */
export function assertReversible(context: StepContext, { milestones, startedAt }: State): void {
  if (!isPastPointOfNoReturn(context)) return;
  if (context.plan.takenOver) {
    throw new CrossgradeError('A crossgrade that was begun by other means was taken over.', {
      code: 'CG0360',
      details: [
        'packages of the new architecture had taken the place of old ones before crossgrade run: there was no way back then, either',
      ],
      hint: 'Nothing was changed. Go on with crossgrade resume; going back means restoring your backup.',
    });
  }
  if ((milestones[pointOfNoReturn] ?? startedAt) === startedAt) {
    throw new CrossgradeError('Packages of the new architecture have taken the place of old ones.', {
      code: 'CG0265',
      details: ['the crossgrade was begun by an older version, which did not write down when'],
      hint: 'Nothing was changed. Go on with crossgrade resume; going back means restoring your backup.',
    });
  }
  throw new CrossgradeError('The point of no return is passed: packages of the old system were replaced.', {
    code: 'CG0260',
    details: [`since ${context.facts.milestones[pointOfNoReturn]}`],
    hint: 'Nothing was changed. Go on with crossgrade resume; going back means restoring your backup.',
  });
}
