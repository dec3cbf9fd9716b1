import type { Found } from '../../../src/base/finding.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { ofThirdArchitectures, unfinishedPackages } from '../../../src/debian/package-states.ts';

/** Source: the model of dpkg; dpkg(1). */
export const dpkgRefuses: Check = {
  id: 'packages/dpkg-refuses',
  title: 'Each dpkg call, tried on a model of dpkg',
  looksAt: { apt: 'target' },
  about: {
    'packages/dpkg-refuses': {
      text: 'Every dpkg call of the plan is tried beforehand on a model of dpkg, which knows dependencies, conflicts, Multi-Arch and what may be removed. A call that dpkg would refuse is found here, not in the middle of the crossgrade.',
      source: 'dpkg(1); Debian Policy, chapter 7',
    },
    'packages/unsafe-plan': {
      text: 'Whoever makes a plan, it is held to laws before it is shown: what dpkg, apt, the start of the system, logins and the network need is there in some build after every dpkg call; nothing leaves before its new build is there, unless the plan says why; dpkg is forced to nothing that is not needed. A plan that breaks one of them is not carried out.',
      source: 'Debian Policy 3.8, essential packages; dpkg(1), --force-things',
    },
  },
  findings: (input) => [
    ...found(input, false, {
      id: 'packages/dpkg-refuses',
      title: 'dpkg would refuse a part of the plan',
      remedies: [{ hint: 'Remove one of the packages that stand against each other, then start again.' }],
    }),
    ...found(input, true, {
      id: 'packages/unsafe-plan',
      title: 'The plan would endanger the system',
      remedies: [
        {
          hint: 'Bring the packages that are named to versions that the repositories have for both architectures, then start again.',
        },
      ],
    }),
  ],
};

/**
 * Packages that dpkg has not finished with, and those of a third architecture, are findings of their own, and make calls
 * fail for no other reason.
 */
function found(
  { pair, facts, solved }: CheckInput,
  isLaw: boolean,
  what: Pick<Found, 'id' | 'title' | 'remedies'>,
): Found[] {
  const thirds = ofThirdArchitectures(facts.inventory.packages, pair).map(instanceKey);
  const problems = (solved?.problems ?? []).filter(
    ({ law = false, text }) => law === isLaw && !thirds.some((key) => text.includes(key)),
  );
  return problems.length === 0 || unfinishedPackages(facts.inventory).length > 0
    ? []
    : [
        {
          ...what,
          severity: 'blocker',
          detail: `The plan was tried on a model of dpkg: ${problems[0]?.text ?? ''}.`,
          affected: [...new Set(problems.map(({ text }) => text))].sort(),
        },
      ];
}
