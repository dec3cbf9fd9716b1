import { CrossgradeError } from '../../base/error.ts';
import { shellWords } from '../../base/shell-word.ts';
import { changesBefore, changesPast, describeChange, type PlanChange } from '../../state/changes.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import type { Observer } from '../event.ts';
import { isPastPointOfNoReturn } from '../point-of-no-return.ts';
import type { StepContext } from '../step.ts';

/** What somebody has changed since the plan was made, while there still is a way back. */
export async function findChanges(store: StateStore, context: StepContext): Promise<PlanChange[]> {
  const basis = await store.basis();
  return basis === undefined || isPastPointOfNoReturn(context) ? [] : changesBefore(basis, context);
}

/**
 * A plan is for what it was made from. What a run that has gone on nevertheless would do, nobody has seen.
 *
 * @throws {CrossgradeError} CG0251 before the point of no return, CG0262 past it
 */
export async function assertAsPlanned(
  store: StateStore,
  context: StepContext,
  step: string,
  observe: Observer,
): Promise<void> {
  // From the clean-up on, apt is free again, and packages are the administrator's.
  if (context.facts.milestones.cleanup !== undefined) return;
  const changes = await findChanges(store, context);
  if (changes.length > 0) throw changedError(changes);
  const basis = await store.basis();
  if (basis === undefined || !isPastPointOfNoReturn(context)) return;
  const { obstacles, rest } = changesPast(basis, context);
  if (obstacles.length > 0) {
    throw new CrossgradeError('Since the plan was made, somebody has changed what it goes by.', {
      code: 'CG0262',
      details: obstacles.slice(0, 12).map(({ change, command }) => `${describeChange(change)}: type \`${command}\``),
      hint: 'Nothing was changed now. Past the point of no return there is no other plan: type the commands above, then crossgrade resume.',
      exitCode: 3,
    });
  }
  if (rest.length === 0) return;
  const text =
    'somebody has changed packages since the plan was made; it is gone on with, and the comparison at the end names what is different';
  observe({ type: 'step-warning', step, text, details: rest.map(describeChange) });
}

/** The error of a run that may not plan anew by itself. */
export function changedError(changes: readonly PlanChange[]): CrossgradeError {
  return new CrossgradeError('Since the plan was made, somebody has changed what it was made from.', {
    code: 'CG0251',
    details: listChanges(changes),
    hint:
      'Nothing was changed now. crossgrade resume plans anew and shows what is different (with --yes where nobody can be ' +
      'asked); crossgrade rollback takes back what was prepared.',
    exitCode: 3,
  });
}

export function listChanges(changes: readonly PlanChange[]): string[] {
  const told = changes.slice(0, 12).map(describeChange);
  return changes.length > told.length ? [...told, `and ${changes.length - told.length} more`] : told;
}

/**
 * What somebody has put on top of what is to be taken back: dpkg would refuse, in the middle.
 *
 * @throws {CrossgradeError} CG0263
 */
export async function assertNothingOnTop(store: StateStore, context: StepContext): Promise<void> {
  const target = `:${context.pair.target.name}`;
  const strangers = (await findChanges(store, context)).flatMap((change) =>
    change.kind === 'installed' && change.key.endsWith(target) ? [change.key] : [],
  );
  if (strangers.length === 0) return;
  throw new CrossgradeError(`Somebody has installed packages of ${context.pair.target.name} since the plan was made.`, {
    code: 'CG0263',
    details: [`\`${shellWords(['dpkg', '--purge', ...strangers])}\``],
    hint: 'Nothing was taken back. They need what is to go: purge them, then type crossgrade rollback.',
    exitCode: 3,
  });
}
