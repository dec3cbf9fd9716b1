import { aptWithoutLists } from '../../src/apt/apt-without-lists.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: apt-get(8), `check`. */
export const checkApt: Step = {
  id: 'finish/check-apt',
  title: 'Let apt and dpkg check the result',
  why: 'Both must find nothing to complain of.',
  purpose: 'Runs apt-get check on the installed packages.',
  remaining: ({ facts }) => (facts.milestones.checked ? [] : ['apt has not looked at the result']),
  plan: () => [
    // dpkg's frontend lock is ours: apt can give it on, but is not given it.
    {
      do: 'command',
      argv: ['apt-get', '-qq', ...aptWithoutLists('/nonexistent'), '-o', 'Debug::NoLocking=true', 'check'],
    },
    { do: 'milestone', name: 'checked' },
  ],
  undo: 'point of no return',
};
