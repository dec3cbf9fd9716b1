import type { Step } from '../../src/run/step.ts';

/** A moment that leaves no trace: what was built before it was built from the old system. */
export const noteReplaced: Step = {
  id: 'finish/note-replaced',
  title: 'Note that every program is replaced',
  why: 'An initramfs that is older than this moment has to be built again.',
  purpose: 'Writes the time into the state file. Nothing else is changed.',
  remaining: ({ facts }) => (facts.milestones.replaced ? [] : ['the moment is not noted']),
  plan: () => [{ do: 'milestone', name: 'replaced' }],
  undo: 'point of no return',
};
