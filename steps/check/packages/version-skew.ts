import type { Check } from '../../../src/core/check.ts';
import { compareVersions } from '../../../src/core/version.ts';

/** Source: dpkg(1) and the multi-arch specification: co-installable builds must have the same version. */
export const versionSkew: Check = {
  id: 'packages/version-skew',
  about: {
    'packages/version-skew': {
      text: 'dpkg has two builds of one library side by side only in exactly the same version. For these the versions differ, often only by a rebuild for one architecture. So they cannot wait beside each other: the new build is unpacked, the old one removed and the new one configured in one go, together with what depends on it, late in the crossgrade.',
      source: 'dpkg(1); Debian wiki, Multiarch; Debian Policy 4.4, binary-only rebuilds',
    },
  },
  findings: ({ pair, facts, solved }) => {
    const libraries = new Set(
      facts.inventory.packages
        .filter((one) => one.multiArch === 'same' && one.architecture === pair.source.name)
        .map(({ name }) => name),
    );
    const skewed = (solved?.plan.changes ?? []).filter(
      ({ name, change, before, after }) =>
        change === 'crossgraded' &&
        libraries.has(name) &&
        compareVersions(before?.version ?? '', after?.version ?? '') !== 0,
    );
    if (skewed.length === 0) {
      return [];
    }
    return [
      {
        id: 'packages/version-skew',
        severity: 'note',
        title: 'Libraries whose builds differ in their version',
        detail:
          'Builds of different versions do not stand side by side. These, and what depends on them, go over in one go near ' +
          'the end.',
        affected: skewed.map(({ name, before, after }) => `${name} (${before?.version}, ${after?.version})`).sort(),
        remedies: [{ hint: 'Nothing to do: the plan has an order that works.' }],
      },
    ];
  },
};
