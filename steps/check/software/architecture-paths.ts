import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import type { ArchitecturePair } from '../../../src/debian/architecture.ts';
import { isInHome } from '../../../src/software/named-paths.ts';
import type { FileLine } from '../../../src/software/software-survey.ts';

/** Source: Debian's multiarch specification: a library's folder is named after its architecture. */
export const architecturePaths: Check = {
  id: 'software/architecture-paths',
  title: 'Configuration with paths of the old architecture',
  looksAt: { parts: ['software'] },
  about: {
    'software/architecture-paths': {
      text: 'These lines name a folder of the old architecture. dpkg brings new versions of the files that nobody changed; these were changed, or written by hand, and would go on naming a path that is gone.',
      source: 'Debian policy, 9.1.1 (multiarch library folders) and 10.7.3 (changed configuration is kept)',
    },
  },
  findings: (input) => {
    const { pair, survey } = input;
    const { source, target } = pair;
    const told = new Set((survey?.hooks ?? []).filter(({ why }) => why === 'folder').map(({ file }) => file));
    const lines = (survey?.software?.architecturePaths ?? []).filter(({ file }) => !told.has(file));
    if (lines.length === 0) {
      return [];
    }
    const files = [...new Set(lines.map(({ file }) => file))].sort();
    const others = files.filter((file) => !file.startsWith('/etc/pam') && !isInHome(file));
    const inPam = files.some((file) => file.startsWith('/etc/pam'));
    return [
      {
        id: 'software/architecture-paths',
        severity: 'warning',
        title: `Configuration names folders of ${source.name}`,
        detail:
          `What lies in ${source.triplet} moves to ${target.triplet}, and other folders that are named after ${source.name} have another name. Packages don't change these lines, for somebody wrote them by hand.` +
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
                ...substitutions(lines, input.pair).map(([substitution, of]) => ({
                  command: shellWords([
                    'sed',
                    '-i',
                    substitution,
                    ...of.filter((file) => !file.startsWith('/etc/pam') && !isInHome(file)),
                  ]),
                })),
              ]),
          ...(files.some(isInHome)
            ? [{ hint: 'What is in a home folder is for its owner to change: tell them of these lines.' }]
            : []),
        ],
      },
    ];
  },
};

/** What sed(1) has to replace, with the files where that stands. */
function substitutions(lines: readonly FileLine[], { source, target }: ArchitecturePair): [string, string[]][] {
  const files = new Map<string, string[]>();
  for (const { file, path, becomes } of lines) {
    const what = becomes === undefined ? `s,/${source.triplet},/${target.triplet},g` : `s,${path},${becomes},g`;
    files.set(what, [...new Set([...(files.get(what) ?? []), file])].sort());
  }
  return [...files].filter(([, some]) => some.some((file) => !file.startsWith('/etc/pam') && !isInHome(file)));
}

function describe({ file, line, path, becomes }: FileLine): string {
  return `${file}, line ${line}: ${path}${becomes === undefined ? '' : `; afterwards ${becomes}`}`;
}
