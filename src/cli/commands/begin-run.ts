import type { Answers } from '../../base/finding.ts';
import type { Solved } from '../../check/check.ts';
import type { Assessment } from '../../check/system/assess.ts';
import type { Plan } from '../../plan/plan.ts';
import { basisOf } from '../../state/basis.ts';
import type { State } from '../../state/state.ts';
import type { StateStore } from '../../state/system/state-store.ts';

/** Writes down what is going to be done; nothing else is changed by it. */
export async function beginRun(
  store: StateStore,
  { pair, facts }: Assessment,
  solved: Solved,
  answers: Answers,
  more: Partial<Pick<State, 'until' | 'machineId'>> & Pick<Plan, 'givenMarks'> = {},
): Promise<void> {
  const { givenMarks, ...given } = more;
  const startedAt = new Date().toISOString();
  await store.begin(
    {
      tool: 'crossgrade',
      version: 2,
      runId: startedAt.replace(/[^0-9]/g, '').slice(0, 14),
      sourceArchitecture: pair.source.name,
      targetArchitecture: pair.target.name,
      startedAt,
      bootId: facts.runningKernel.bootId,
      running: null,
      finishedSteps: {},
      milestones: {},
      finishedAt: null,
      until: null,
      ...given,
    },
    { ...solved.plan, ...(givenMarks && { givenMarks }) },
    solved.target,
    answers,
    basisOf(facts),
  );
}
