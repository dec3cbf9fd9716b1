import type { Check } from '../../../src/core/check.ts';

/** Source: ld.so(8), /etc/ld.so.preload. */
export const preload: Check = {
  id: 'software/preload',
  about: {
    'software/preload': {
      text: 'Every program loads the libraries in /etc/ld.so.preload before all others. Where one is of another class, or not there, each program says so on its error output and goes on without it. What the library does then does not happen, and scripts may take the message for a failure.',
      source: 'ld.so(8), /etc/ld.so.preload',
    },
  },
  findings: ({ pair, survey }) => {
    const entries = survey?.software?.preloads ?? [];
    if (entries.length === 0) {
      return [];
    }
    return [
      {
        id: 'software/preload',
        severity: 'warning',
        title: `/etc/ld.so.preload names libraries that ${pair.target.name} programs cannot load`,
        detail:
          `Each ${pair.target.name} program would complain about it on its error output. ` +
          'Scripts of packages read such output, and can fail because of it.',
        affected: [...entries].sort(),
        remedies: [
          { command: 'mv /etc/ld.so.preload /etc/ld.so.preload.off' },
          {
            hint: `Where it is needed, write the path with $LIB instead of ${pair.source.triplet}, and have the library there for both architectures.`,
          },
        ],
      },
    ];
  },
};
