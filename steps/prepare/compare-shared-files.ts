import type { Step } from '../../src/run/step.ts';

/** Source: dpkg refuses “shared” files that are “different from other instances” of a `Multi-Arch: same` package. */
export const compareSharedFiles: Step = {
  id: 'prepare/compare-shared-files',
  title: 'Look for files that differ between both builds',
  why: 'dpkg would refuse them; they are planned for before the first change instead.',
  purpose:
    'Compares the files of each downloaded library with those of the installed build, by their checksums. Packages with a file that differs go to a later dpkg call, and the plan is made anew with that.',
  remaining: ({ plan }) =>
    plan.differingFiles === null ? ['the archives were not compared with what is installed'] : [],
  plan: () => [{ do: 'compare-shared-files' }],
  undo: () => [],
};
