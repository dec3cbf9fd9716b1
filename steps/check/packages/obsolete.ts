import type { Check } from '../../../src/check/check.ts';

/** Source: apt-cache(8), policy; aptitude's “obsolete and locally created packages”. */
export const obsolete: Check = {
  id: 'packages/obsolete',
  title: 'Packages that are in no repository',
  looksAt: { apt: 'repositories' },
  about: {
    'packages/obsolete': {
      text: 'No repository has these packages any more, in any version: they were installed from a file, or are left over from an earlier release, and get no security updates. Those for all architectures stay as they are.',
      source: 'apt-cache(8), policy; release notes of Debian, on obsolete packages',
    },
  },
  findings: ({ facts, repositories }) => {
    const nowhere = facts.inventory.packages.filter(
      ({ name, architecture, state }) =>
        state !== 'config-files' &&
        architecture === 'all' &&
        // Our own package is installed from a file, as it is meant to be.
        name !== 'crossgrade' &&
        !repositories?.conflict?.blamed.includes(name) &&
        repositories?.ownVersions?.[name]?.length === 0 &&
        !repositories.availability.has(name),
    );
    return nowhere.length === 0
      ? []
      : [
          {
            id: 'packages/obsolete',
            severity: 'note',
            title: 'Packages that are in no repository',
            detail: 'They are for all architectures and stay as they are, but nothing updates them.',
            affected: nowhere.map(({ name }) => name).sort(),
            remedies: [{ hint: 'Remove those that are not needed any more.' }],
          },
        ];
  },
};
