import type { Step } from '../../src/core/step.ts';

/** What is installed does not depend on what could be: the package lists take long to read. */
const withoutLists = [
  'Dir::State::lists=/nonexistent',
  'APT::Default-Release=',
  'Dir::Cache::pkgcache=',
  'Dir::Cache::srcpkgcache=',
].flatMap((setting) => ['-o', setting]);

/** Source: apt-get(8), `check`. */
export const checkApt: Step = {
  id: 'finish/check-apt',
  title: 'Let apt and dpkg check the result',
  why: 'Both must find nothing to complain of.',
  purpose: 'Runs apt-get check on the installed packages.',
  remaining: ({ facts }) => (facts.milestones.checked ? [] : ['apt has not looked at the result']),
  plan: () => [
    { do: 'command', argv: ['apt-get', '-qq', ...withoutLists, 'check'] },
    { do: 'milestone', name: 'checked' },
  ],
  undo: 'point of no return',
};
