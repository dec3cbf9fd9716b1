import type { Check } from '../../../src/check/check.ts';

const mebibyte = 1024 * 1024;

/** Source: deb-control(5), Installed-Size; statfs(2). */
export const space: Check = {
  id: 'machine/space',
  title: 'Space on each filesystem at the worst moment',
  looksAt: { apt: 'target' },
  about: {
    'machine/space': {
      text: 'For a time libraries of both architectures are installed, dpkg unpacks new files beside the old ones, and all archives are there at once.',
      source: 'deb-control(5), Installed-Size',
    },
  },
  findings: ({ solved }) =>
    (solved?.space ?? [])
      .filter((state) => state.freeBytes < state.neededBytes)
      .map((state) => ({
        id: 'machine/space',
        severity: 'blocker',
        title: `Too little room in ${state.paths.join(', ')}`,
        detail:
          `At the worst moment the crossgrade needs ${Math.ceil(state.neededBytes / mebibyte)} MiB there; ` +
          `${Math.floor(state.freeBytes / mebibyte)} MiB are free.`,
        affected: [...state.paths],
        remedies: [{ command: 'apt-get clean' }, { hint: 'Remove what is not needed, or enlarge the filesystem.' }],
      })),
};
