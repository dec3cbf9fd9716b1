import type { Check } from '../../../src/check/check.ts';
import { compareVersions } from '../../../src/debian/version.ts';

/** The first dpkg that can be told to remove a protected package: dpkg 1.20.1, released with Debian 11. */
const oldestDpkg = '1.20.1';

/** Source: dpkg(1), `--force-remove-protected`. */
export const release: Check = {
  id: 'packages/release',
  title: 'The release of Debian',
  decisive: true,
  about: {
    'packages/release-too-old': {
      text: 'dpkg must be able to replace protected and essential packages by builds for another architecture on request, which older ones are not.',
      source: 'dpkg(1), --force-remove-protected',
    },
  },
  findings: ({ facts }) => {
    const { id, version, codename } = facts.release;
    const dpkg = facts.inventory.packages.find((one) => one.name === 'dpkg')?.version ?? '';
    const name = [id, version, codename].filter(Boolean).join(' ');
    if (compareVersions(dpkg, oldestDpkg) < 0) {
      return [
        {
          id: 'packages/release-too-old',
          severity: 'blocker',
          title: `This release is too old (${name}, dpkg ${dpkg})`,
          detail: `crossgrade needs dpkg ${oldestDpkg} or newer, which came with Debian 11.`,
          affected: ['dpkg'],
          remedies: [
            { hint: 'Upgrade to a release of the time of Debian 11, or newer, within the old architecture first.' },
          ],
        },
      ];
    }
    return [];
  },
};
