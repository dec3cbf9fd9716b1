import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import type { FileLine } from '../../../src/software/software-survey.ts';

/** Source: Debian's multiarch specification: a library's folder is named after its architecture. */
export const architecturePaths: Check = {
  id: 'software/architecture-paths',
  about: {
    'software/architecture-paths': {
      text: 'These lines name a folder of the old architecture. dpkg brings new versions of the files that nobody changed; these were changed, or written by hand, and would go on naming a path that is gone.',
      source: 'Debian policy, 9.1.1 (multiarch library folders) and 10.7.3 (changed configuration is kept)',
    },
  },
  findings: ({ pair, survey }) => {
    const { source, target } = pair;
    const told = new Set((survey?.hooks ?? []).filter(({ why }) => why === 'folder').map(({ file }) => file));
    const lines = (survey?.software?.architecturePaths ?? []).filter(({ file }) => !told.has(file));
    if (lines.length === 0) {
      return [];
    }
    const files = [...new Set(lines.map(({ file }) => file))].sort();
    const others = files.filter((file) => !file.startsWith('/etc/pam'));
    const inPam = others.length < files.length;
    return [
      {
        id: 'software/architecture-paths',
        severity: 'warning',
        title: `Configuration names folders of ${source.name}`,
        detail:
          `What lies in ${source.triplet} moves to ${target.triplet}. Packages don't change these lines, for somebody wrote them by hand.` +
          (inPam ? ' One is PAM’s: when a module of it is not found, nobody may be able to log in.' : ''),
        affected: lines.map(describe),
        remedies: [
          ...(inPam
            ? [{ hint: 'In /etc/pam.d name the module without its folder, now: PAM finds it in both architectures.' }]
            : []),
          ...(others.length === 0
            ? []
            : [
                { hint: 'Look at the lines, and change them right after the crossgrade:' },
                { command: shellWords(['sed', '-i', `s,/${source.triplet},/${target.triplet},g`, ...others]) },
              ]),
        ],
      },
    ];
  },
};

function describe({ file, line, path }: FileLine): string {
  return `${file}, line ${line}: ${path}`;
}
