import type { Check, CheckInput } from '../../../src/core/check.ts';
import type { Found } from '../../../src/core/finding.ts';
import type { PackageChange } from '../../../src/core/plan.ts';
import { compareVersions, withoutRebuild } from '../../../src/core/version.ts';

type Kind = 'local' | 'older' | 'newer';

/** Source: dpkg(1), `--force-downgrade`; apt_preferences(5). */
export const versions: Check = {
  id: 'packages/versions',
  about: {
    'packages/local-version': {
      text: 'These packages were installed in a version that no repository has: built here, or from a file. The target has the package in another version, which takes the place of yours. What you changed in it is lost, unless you build it for the target as well and offer it in a repository.',
      source: 'apt-cache(8), policy; apt_preferences(5)',
    },
    'packages/older-version': {
      text: 'For the target there is only an older version of these packages. Many maintainer scripts cannot go back: they do not know what a newer version has made of the configuration and the data.',
      source: 'dpkg(1), --force-downgrade; Debian Policy, chapter 6',
    },
    'packages/newer-version': {
      text: 'For the target there is only a newer version of these packages: they are upgraded while they are crossgraded.',
      source: 'apt_preferences(5)',
    },
  },
  findings: (input) => {
    const changes = changedVersions(input);
    const of = (kind: Kind): PackageChange[] => changes.filter((change) => kindOf(change, input) === kind);
    return [
      ...finding(of('local'), {
        id: 'packages/local-version',
        severity: 'warning',
        title: 'Locally built versions are replaced by those of a repository',
        detail: `No repository has the versions that are installed; for ${input.pair.target.name} there are only others.`,
        remedies: [
          { hint: `Build them for ${input.pair.target.name} and offer them in a repository, if yours are needed.` },
        ],
      }),
      ...finding(of('older'), {
        id: 'packages/older-version',
        severity: 'warning',
        title: `Packages of which ${input.pair.target.name} only has an older version`,
        detail:
          'They are downgraded. Their configuration and data may be of a kind that the older version does not know.',
        remedies: [{ hint: 'Go back to the older version before the crossgrade, and see whether all works.' }],
      }),
      ...finding(of('newer'), {
        id: 'packages/newer-version',
        severity: 'warning',
        title: `Packages of which ${input.pair.target.name} only has a newer version`,
        detail: 'They are upgraded at the same time, those on hold as well.',
        remedies: [{ hint: 'Upgrade them before the crossgrade, and see whether all works.' }],
      }),
    ];
  },
};

/** Rebuilds differ between architectures in nothing else; pending upgrades are told by another check. */
function changedVersions({ solved }: CheckInput): PackageChange[] {
  return (solved?.plan.changes ?? []).filter(
    ({ name, change, before, after }) =>
      (change === 'crossgraded' || change === 'replaced') &&
      before !== undefined &&
      after !== undefined &&
      !solved?.pendingUpgrades.includes(name) &&
      compareVersions(withoutRebuild(before.version), withoutRebuild(after.version)) !== 0,
  );
}

function kindOf({ name, before, after }: PackageChange, { offers }: CheckInput): Kind {
  const own = offers?.ownVersions?.[name];
  if (own !== undefined && !own.includes(before?.version ?? '')) {
    return 'local';
  }
  return compareVersions(before?.version ?? '', after?.version ?? '') > 0 ? 'older' : 'newer';
}

function finding(changes: readonly PackageChange[], found: Omit<Found, 'affected'>): Found[] {
  const affected = changes.map(({ name, before, after }) => `${name} (${before?.version} becomes ${after?.version})`);
  return changes.length === 0 ? [] : [{ ...found, affected: affected.sort() }];
}
