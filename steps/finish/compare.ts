import type { Step } from '../../src/run/step.ts';

/** Source: the procedure's “compare the lists of installed packages; explain what came and what went”. */
export const compare: Step = {
  id: 'finish/compare',
  title: 'Compare with what was there before',
  why: 'Every difference is explained, or named as not explained.',
  purpose:
    'Compares packages, versions, marks, holds, data and /etc with the plan and with what was there before. The report is /var/log/crossgrade/report.txt; crossgrade verify shows it again.',
  remaining: ({ facts: { milestones, exports } }) => [
    ...(milestones.compared ? [] : ['before and after were not compared']),
    ...(milestones.compared && exports && exports.changedAt > milestones.compared
      ? ['data was imported since before and after were compared']
      : []),
  ],
  plan: () => [{ do: 'verify' }, { do: 'milestone', name: 'compared' }],
  undo: 'point of no return',
};
