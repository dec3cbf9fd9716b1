import { aptGuardFile } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';
import { etcCommitted } from '../../src/state/state.ts';

/** Source: etckeeper(8), `pre-install`. */
export const commitEtc: Step = {
  id: 'prepare/commit-etc',
  title: 'Let etckeeper commit what is in /etc',
  why: 'What the run changes there shall not be in one commit with what somebody has changed before.',
  purpose:
    'Where etckeeper keeps /etc, runs etckeeper pre-install, as apt does before it calls dpkg: it commits what is not committed, writes down the packages, and puts its daily commit off. Where its settings say that it shall not commit, it refuses, and nothing begins.',
  // A run that had begun before this step came into the world has its own changes there already.
  remaining: ({ facts: { etckeeper, milestones, ownFiles } }) =>
    etckeeper && milestones[etcCommitted.before] === undefined && !(aptGuardFile in ownFiles)
      ? ['etckeeper was not told that packages will change']
      : [],
  plan: () => [
    { do: 'commit-etc', when: 'before' },
    { do: 'milestone', name: etcCommitted.before },
  ],
  undo: ({ facts: { etckeeper, milestones } }) =>
    etckeeper && milestones[etcCommitted.before] !== undefined ? [{ do: 'commit-etc', when: 'after' }] : [],
};
