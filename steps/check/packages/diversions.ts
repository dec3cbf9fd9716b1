import type { Check } from '../../../src/core/check.ts';
import { shellWords } from '../../../src/core/shell-word.ts';

const divert = ['dpkg-divert', '--local', '--rename'];

/** Source: dpkg-divert(1). */
export const diversions: Check = {
  id: 'packages/diversions',
  about: {
    'packages/diversion-old-path': {
      text: 'You have diverted a file in a folder of the old architecture. The new build brings the file in its own folder, where nothing is diverted: your change is without effect there.',
      source: 'dpkg-divert(1)',
    },
  },
  findings: ({ pair, facts }) => {
    // Those of packages are made anew by their own scripts.
    const old = facts.inventory.diversions.filter(
      (one) => one.package === ':' && one.path.includes(pair.source.triplet),
    );
    const renew = (path: string): string => path.replaceAll(pair.source.triplet, pair.target.triplet);
    return old.length === 0
      ? []
      : [
          {
            id: 'packages/diversion-old-path',
            severity: 'warning',
            title: `Diversions in folders of ${pair.source.name}`,
            detail:
              `After the crossgrade these files are in the folders of ${pair.target.name}, and not diverted there. The commands ` +
              'add the new diversion, before or after it, and remove the old one, after it.',
            affected: old.map(({ path }) => path).sort(),
            remedies: old.flatMap(({ path, divertedTo }) => [
              { command: shellWords([...divert, '--divert', renew(divertedTo), '--add', renew(path)]) },
              { command: shellWords([...divert, '--remove', path]) },
            ]),
          },
        ];
  },
};
