import type { Check } from '../../../src/check/check.ts';

/** Servers whose files both word sizes read, as seen on whole converted systems (docs/DATA.md). */
const readByBoth: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^mariadb-server(-\d|$)/, 'MariaDB'],
  [/^redis-server$/, 'Redis'],
];

/** Source: docs/DATA.md, what was seen on whole converted systems. */
export const sameFiles: Check = {
  id: 'data/same-files',
  title: 'Databases that need nothing',
  about: {
    'data/same-files': {
      text: 'These servers write their files in a format that does not depend on the word size. Nothing is exported or imported, and they stop only as long as their own package is replaced.',
      source: 'MariaDB’s and Redis’ manuals on files that are copied between machines; seen on whole converted systems',
    },
  },
  findings: ({ facts }) => {
    const servers = facts.inventory.packages.filter(({ state }) => state === 'installed').map(({ name }) => name);
    const found = readByBoth.filter(([pattern]) => servers.some((name) => pattern.test(name))).map(([, name]) => name);
    return found.length === 0
      ? []
      : [
          {
            id: 'data/same-files',
            severity: 'note',
            title: `${found.join(' and ')}: the same files on both`,
            detail: 'The new programs go on with the files that are there: nothing is exported or imported.',
            affected: found,
            remedies: [{ hint: 'Nothing to do, but to have a backup.' }],
          },
        ];
  },
};
