import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';

/** Source: ldconfig(8). */
export const libraryPath: Check = {
  id: 'software/library-path',
  title: 'Folders in which libraries are looked for',
  looksAt: { parts: ['software'] },
  about: {
    'software/library-path': {
      text: 'A line for the dynamic loader names a folder of the old architecture. Packages of the new one put the same libraries into another folder, which the loader does not look into by itself.',
      source: 'ldconfig(8), /etc/ld.so.conf',
    },
  },
  findings: ({ pair, survey }) => {
    const lines = survey?.software?.libraryPaths ?? [];
    if (lines.length === 0) {
      return [];
    }
    const { source, target } = pair;
    const byFile = new Map<string, Set<number>>();
    for (const { file, line } of lines) byFile.set(file, (byFile.get(file) ?? new Set()).add(line));
    return [
      {
        id: 'software/library-path',
        severity: 'warning',
        title: `The dynamic loader is told to look into folders of ${source.name}`,
        detail: `After the crossgrade these folders are empty or gone; the libraries are in those of ${target.triplet}.`,
        affected: lines.map(({ file, line, path }) => `${file}, line ${line}: ${path}`),
        remedies: [
          { hint: `Add a line with ${target.triplet} below each of them, now:` },
          ...[...byFile].map(([file, numbers]) => ({
            command: shellWords([
              'sed',
              '-i',
              [...numbers].map((line) => `${line}{p;s,${source.triplet},${target.triplet},g}`).join(';'),
              file,
            ]),
          })),
          { command: 'ldconfig' },
          { hint: 'Take the old ones out when the crossgrade is done.' },
        ],
      },
    ];
  },
};
