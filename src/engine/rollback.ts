import type { ArchitecturePair } from '../core/architecture.ts';
import { CrossgradeError } from '../core/error.ts';
import type { Observer } from '../core/event.ts';
import type { Machine } from '../core/machine.ts';
import type { Step, StepContext } from '../core/step.ts';
import { awaitEarlier } from './await-earlier.ts';
import type { Interruption } from './context.ts';
import { perform } from './perform.ts';
import { failureOf, phaseOf, readContext, replacedPackages } from './run.ts';
import type { StateStore } from './state-store.ts';

export type RollbackEnd = 'taken-back' | 'interrupted';

/**
 * Takes back what was done, in the reverse order, as long as no program of the old system was replaced. What is left is
 * crossgrade's own state.
 *
 * @param wish that it shall stop: heeded as long as nothing is taken back yet
 * @throws {CrossgradeError} CG0260 past the point of no return
 */
export async function rollback(
  machine: Machine,
  store: StateStore,
  pair: ArchitecturePair,
  steps: readonly Step[],
  observe: Observer,
  rootName: string,
  wish: Interruption,
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
  if (!(await awaitEarlier(machine, store, undoable.at(-1)?.id ?? '', observe, wish))) {
    observe({ type: 'run-stopped', reason: 'interrupted', next: 'crossgrade rollback' });
    return 'interrupted';
  }
  assertReversible(await readContext(machine, store, pair));
  const target = await store.target();
  for (const step of [...undoable].reverse()) {
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
        await perform({ machine, store, pair, target, step: step.id, context, observe, interruption }, action);
      }
    } catch (error) {
      const failure = goingBack(error);
      observe({ type: 'step-failed', step: step.id, failure: failureOf(failure) });
      throw failure;
    }
    observe({ type: 'step-finished', step: step.id, seconds: (Date.now() - begun) / 1000 });
  }
  observe({ type: 'run-finished', seconds: (Date.now() - started) / 1000 });
  return 'taken-back';
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

/** @throws {CrossgradeError} CG0260 past the point of no return */
export function assertReversible(context: StepContext): void {
  const replaced = replacedPackages(context);
  if (replaced.length > 0) {
    throw new CrossgradeError('The point of no return is passed: packages of the old system were replaced.', {
      code: 'CG0260',
      details: [replaced.slice(0, 8).join(' ') + (replaced.length > 8 ? ` and ${replaced.length - 8} more` : '')],
      hint: 'Nothing was changed. Go on with crossgrade resume; going back means restoring your backup.',
    });
  }
}
