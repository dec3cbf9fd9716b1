import { extendedStatesFile } from '../../src/base/own-paths.ts';
import { wantedMarks } from '../../src/compare/comparison.ts';
import { rewriteMarks } from '../../src/debian/marks.ts';
import type { InstanceKey } from '../../src/debian/package.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: apt-mark(8); apt files the marks of arch:all packages under its native architecture. */
export const restoreMarks: Step = {
  id: 'finish/restore-marks',
  title: 'Restore the automatic marks',
  why: 'dpkg makes everything manual; without its marks apt can never clean up again.',
  purpose:
    'Writes apt’s file of marks, /var/lib/apt/extended_states: what was installed automatically is so again, under the new architecture.',
  remaining: (context) =>
    wantedText(context) === context.facts.extendedStates ? [] : ['apt’s marks are not as before'],
  plan: (context) => [{ do: 'write', path: extendedStatesFile, content: wantedText(context), mode: 0o644 }],
  undo: 'point of no return',
};

function wantedText({ pair, plan, record: before, facts }: StepContext): string {
  if (!before) {
    return facts.extendedStates;
  }
  return rewriteMarks(before.extendedStates ?? '', extendedStatesFile, {
    source: pair.source.name,
    target: pair.target.name,
    after: Object.keys(plan.endState) as InstanceKey[],
    automatic: wantedMarks(pair, plan, before),
  });
}
