import type { Step } from '../../src/run/step.ts';
import { etcCommitted } from '../../src/state/state.ts';

/** Source: etckeeper(8), `post-install`. */
export const commitEtcAfterwards: Step = {
  id: 'finish/commit-etc',
  title: 'Let etckeeper commit what has changed in /etc',
  why: 'The history of /etc shows what the crossgrade has changed, with the packages that came and went.',
  purpose:
    'Where etckeeper was told before, runs etckeeper post-install, as apt does when dpkg has ended. That it fails keeps no run from its end: then it is told.',
  remaining: ({ facts: { etckeeper, milestones } }) =>
    etckeeper && milestones[etcCommitted.before] !== undefined && milestones[etcCommitted.after] === undefined
      ? ['etckeeper was not told that packages have changed']
      : [],
  plan: () => [
    { do: 'commit-etc', when: 'after' },
    { do: 'milestone', name: etcCommitted.after },
  ],
  undo: 'point of no return',
};
