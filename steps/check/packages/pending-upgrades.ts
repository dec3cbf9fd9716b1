import type { Check } from '../../../src/check/check.ts';

/** Source: the procedure's “no pending updates”. */
export const pendingUpgrades: Check = {
  id: 'packages/pending-upgrades',
  title: 'Upgrades that are still to be installed',
  looksAt: { apt: 'target' },
  about: {
    'packages/pending-upgrades': {
      text: 'The repositories have newer versions than those installed. Libraries of both architectures can only be installed side by side in exactly the same version, and a mirror keeps only the newest.',
      source: 'Debian Policy; dpkg(1), Multi-Arch: same',
    },
  },
  findings: ({ solved }) =>
    solved === undefined || solved.pendingUpgrades.length === 0
      ? []
      : [
          {
            id: 'packages/pending-upgrades',
            severity: 'blocker',
            title: 'Upgrades are pending',
            detail:
              'Both architectures must have the same versions, and the mirror only keeps the newest: ' +
              'a crossgrade of an outdated system would be an upgrade at the same time.',
            affected: [...solved.pendingUpgrades].sort(),
            remedies: [{ command: 'apt-get update && apt-get upgrade --with-new-pkgs' }],
          },
        ],
};
