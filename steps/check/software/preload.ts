import type { Check } from '../../../src/check/check.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';

/** Source: ld.so(8), /etc/ld.so.preload. */
export const preload: Check = {
  id: 'software/preload',
  title: 'Libraries in /etc/ld.so.preload',
  looksAt: { topics: ['/etc/ld.so.preload'] },
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
          { command: 'mv --backup=numbered /etc/ld.so.preload /etc/ld.so.preload.off' },
          ...[...entries].sort().map((entry) => ({ hint: whereNeeded(entry, pair) })),
        ],
      },
    ];
  },
};

/** On Debian, `$LIB` is `lib/` and the triplet. */
function whereNeeded(entry: string, { source, target }: ArchitecturePair): string {
  const folder = `lib/${source.triplet}`;
  return entry.includes(`/${folder}/`)
    ? `Where it is needed: write ${entry.replace(folder, '$LIB')} instead of ${entry}, with the library installed for both ` +
        'architectures. The loader takes the one that fits.'
    : `${entry} is in a folder for all architectures: take its line out, and, where it is needed, build it for ` +
        `${target.name} and write it there again when the crossgrade is done.`;
}
