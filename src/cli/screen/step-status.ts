import type { Ability } from '../../base/root.ts';
import type { Phase, Step, StepContext } from '../../run/step.ts';
import { phaseOf } from '../../run/system/run.ts';

export interface StepStatus {
  readonly id: string;
  readonly title: string;
  readonly phase: Phase;
  /** `waiting`: its turn comes later. */
  readonly state: 'done' | 'open' | 'waiting' | 'skipped';
  /** Of a step that is done: what is not so any more. The next resume does it again. */
  readonly remaining: readonly string[];
}

/**
 * @param finished what the run has come to the end of, by its own account: a step that something has undone meanwhile
 * keeps neither itself nor what comes after it from being done
 */
export function describeSteps(
  steps: readonly Step[],
  context: StepContext,
  can: ReadonlySet<Ability>,
  finished: ReadonlySet<string>,
): StepStatus[] {
  let isLater = false;
  return steps.map((step) => {
    const about = { id: step.id, title: step.title, phase: phaseOf(step) };
    if ((step.needs ?? []).some((need) => !can.has(need))) return { ...about, state: 'skipped', remaining: [] };
    const remaining = step.remaining(context).slice(0, 3);
    if (finished.has(step.id)) return { ...about, state: 'done', remaining };
    const settled = isLater ? 'waiting' : 'done';
    isLater ||= remaining.length > 0;
    return { ...about, state: remaining.length === 0 ? settled : 'open', remaining };
  });
}
