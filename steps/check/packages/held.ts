import type { Check } from '../../../src/check/check.ts';

/** Source: apt-mark(8), hold. */
export const held: Check = {
  id: 'packages/held',
  title: 'Packages on hold',
  about: {
    'packages/held': {
      text: 'A hold keeps apt from changing a package. A crossgrade has to: it takes the build for the target in the same version, if there is one, and puts the hold back at the end. Where there is no such version, another finding names it.',
      source: 'apt-mark(8), hold; dpkg(1), --set-selections',
    },
  },
  findings: ({ facts }) => {
    const names = facts.inventory.packages.filter(({ want }) => want === 'hold').map(({ name }) => name);
    return names.length === 0
      ? []
      : [
          {
            id: 'packages/held',
            severity: 'note',
            title: 'Packages are on hold',
            detail:
              'They go over in the version that they have, wherever the target has it, and are on hold again afterwards.',
            affected: [...new Set(names)].sort(),
            remedies: [{ hint: 'Nothing to do: the holds are put back at the end.' }],
          },
        ];
  },
};
