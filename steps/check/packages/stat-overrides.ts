import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';

/** Source: dpkg-statoverride(1). */
export const statOverrides: Check = {
  id: 'packages/stat-overrides',
  title: 'Owners and modes set with dpkg-statoverride',
  about: {
    'packages/stat-override-old-path': {
      text: 'You have told dpkg the owner and the mode of a file in a folder of the old architecture. The new build brings the file in its own folder, with the owner and the mode that the package gives it: a set-user-ID bit that you took away is there again.',
      source: 'dpkg-statoverride(1)',
    },
  },
  findings: ({ pair, facts }) => {
    const renew = (path: string): string => path.replaceAll(pair.source.triplet, pair.target.triplet);
    const all = new Set(facts.inventory.statOverrides.map(({ path }) => path));
    const old = facts.inventory.statOverrides.filter(
      ({ path }) => path.includes(pair.source.triplet) && !all.has(renew(path)),
    );
    return old.length === 0
      ? []
      : [
          {
            id: 'packages/stat-override-old-path',
            severity: 'warning',
            title: `Overridden file modes in folders of ${pair.source.name}`,
            detail:
              `After the crossgrade these files are in the folders of ${pair.target.name}, with the mode that the package ` +
              'gives them. An override for the new place works as soon as the file comes.',
            affected: old.map(({ path }) => path).sort(),
            remedies: [
              ...old.map(({ user, group, mode, path }) => ({
                command: shellWords(['dpkg-statoverride', '--add', user, group, mode, renew(path)]),
              })),
              { hint: 'The old ones may go when the crossgrade is done: dpkg-statoverride --remove PATH' },
            ],
          },
        ];
  },
};
