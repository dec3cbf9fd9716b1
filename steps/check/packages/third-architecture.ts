import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { ofThirdArchitectures } from '../../../src/debian/package-states.ts';

/** Source: dpkg(1), `--print-foreign-architectures`. */
export const thirdArchitecture: Check = {
  id: 'packages/third-architecture',
  title: 'Packages of a third architecture',
  about: {
    'packages/third-architecture': {
      text: 'Besides the old and the new architecture, the system has packages of a third one. Their dependencies are not part of the plan.',
      source: 'dpkg(1), --print-foreign-architectures',
    },
  },
  findings: ({ pair, facts }) => {
    const others = ofThirdArchitectures(facts.inventory.packages, pair);
    if (others.length === 0) {
      return [];
    }
    return [
      {
        id: 'packages/third-architecture',
        severity: 'blocker',
        title: 'Packages of a third architecture are installed',
        detail: `crossgrade only knows ${pair.source.name} and ${pair.target.name}, and would not carry these over.`,
        affected: others.map(instanceKey).sort(),
        remedies: [
          {
            hint: 'Find out what they are there for, and who needs them. What nobody needs can be removed by its name.',
          },
          { command: shellWords(['apt-cache', 'rdepends', '--installed', ...others.map(instanceKey).sort()]) },
        ],
      },
    ];
  },
};
