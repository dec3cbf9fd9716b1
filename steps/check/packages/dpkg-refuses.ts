import type { Check } from '../../../src/core/check.ts';
import { unfinishedPackages } from '../../../src/core/package-states.ts';

/** Source: the model of dpkg; dpkg(1). */
export const dpkgRefuses: Check = {
  id: 'packages/dpkg-refuses',
  about: {
    'packages/dpkg-refuses': {
      text: 'Every dpkg call of the plan is tried beforehand on a model of dpkg, which knows dependencies, conflicts, Multi-Arch and what may be removed. A call that dpkg would refuse is found here, not in the middle of the crossgrade.',
      source: 'dpkg(1); Debian Policy, chapter 7',
    },
  },
  findings: ({ facts, solved }) =>
    // Packages that dpkg has not finished with are a finding of their own, and make calls fail for no other reason.
    solved === undefined || solved.problems.length === 0 || unfinishedPackages(facts.inventory).length > 0
      ? []
      : [
          {
            id: 'packages/dpkg-refuses',
            severity: 'blocker',
            title: 'dpkg would refuse a part of the plan',
            detail: `The plan was tried on a model of dpkg: ${solved.problems[0]?.text ?? ''}.`,
            affected: [...new Set(solved.problems.map((problem) => problem.text))].sort(),
            remedies: [{ hint: 'Remove one of the packages that stand against each other, then start again.' }],
          },
        ],
};
