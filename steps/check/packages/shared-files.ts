import type { Check } from '../../../src/check/check.ts';
import { knownToDiffer } from '../../../src/plan/known-to-differ.ts';

/** Source: dpkg(1), `--force-overwrite`; measured on real systems. */
export const sharedFiles: Check = {
  id: 'packages/shared-files',
  title: 'Files that two builds of a package share',
  looksAt: { apt: 'target' },
  about: {
    'packages/shared-files': {
      text: 'Both builds of these packages can be installed at once, but a file that both bring is not the same in them, which dpkg refuses. crossgrade installs them late, and lets the new build overwrite the file. These are the packages that are known for it; after the download, and before the first change, all others are compared as well.',
      source: 'dpkg(1), --force-overwrite; Debian wiki, Multiarch/Hints',
    },
  },
  findings: ({ pair, solved }) => {
    const affected = (solved?.plan.changes ?? [])
      .filter(({ change, before }) => change === 'crossgraded' && before?.architecture === pair.source.name)
      .flatMap(({ name }) => (knownToDiffer[name] === undefined ? [] : [`${name} (${knownToDiffer[name]})`]));
    if (affected.length === 0) {
      return [];
    }
    return [
      {
        id: 'packages/shared-files',
        severity: 'note',
        title: 'Packages whose builds share a file that differs',
        detail: 'They go over late instead of standing side by side for a while, and the file of the new build counts.',
        affected: affected.sort(),
        remedies: [{ hint: 'Nothing to do: the plan has an order that works.' }],
      },
    ];
  },
};
