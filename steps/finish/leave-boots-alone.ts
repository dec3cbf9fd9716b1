import { engineAtBootLink, engineUnit } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';
import { etcCommitted } from '../../src/state/state.ts';

/** Source: systemctl(1), `disable`. */
export const leaveBootsAlone: Step = {
  id: 'finish/leave-boots-alone',
  title: 'Go on at no boot any more',
  why: 'All is done. Up to here, a power cut would have been followed by a boot that goes on.',
  purpose:
    'Disables crossgrade.service, also from outside, where systemctl could ask nobody. That is a link in /etc: where etckeeper was told of the rest, it is told of this as well.',
  remaining: ({ facts }) => (engineAtBootLink in facts.ownFiles ? [`${engineUnit} is started at boot`] : []),
  plan: ({ facts: { etckeeper, milestones } }) => [
    { do: 'remove', path: engineAtBootLink },
    ...(etckeeper && milestones[etcCommitted.after] !== undefined
      ? [{ do: 'commit-etc', when: 'after' } as const]
      : []),
  ],
  undo: 'point of no return',
};
