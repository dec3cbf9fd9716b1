import type { Remedy } from '../../../src/base/finding.ts';
import type { RootPath } from '../../../src/base/root.ts';
import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';

/** Source: chattr(1); link(2), rename(2), EPERM. */
export const immutable: Check = {
  id: 'machine/immutable',
  title: 'Immutable files where dpkg writes',
  looksAt: { topics: ['attributes of files'] },
  about: {
    'machine/immutable': {
      text:
        'chattr(1) can make a file or a folder immutable, or such that it can only be appended to; hardening guides do. ' +
        'Then not even root can replace, rename or remove it, and dpkg stops in the middle with “Operation not ' +
        'permitted”. crossgrade looks at the folders of programs and libraries, at /boot, and at what packages have in /etc.',
      source: 'chattr(1); rename(2), EPERM',
    },
  },
  findings: ({ survey }) => {
    const files = survey?.hardware?.immutable ?? [];
    if (files.length === 0) return [];
    const kinds = [...new Set(files.map(({ attributes }) => attributes))];
    const again = kinds.map((attributes) => `chattr +${attributes}`).join(', ');
    return [
      {
        id: 'machine/immutable',
        severity: 'blocker',
        title: 'Files that packages replace cannot be changed',
        detail:
          'They have the attribute i (immutable) or a (append only), and dpkg stops in the middle at the first of them.',
        affected: files.map(({ path }) => path),
        remedies: [
          ...kinds.flatMap((attributes) =>
            clear(
              attributes,
              files.filter((one) => one.attributes === attributes).map(({ path }) => path),
            ),
          ),
          { hint: `The new files come without it: set it again (${again}) when the crossgrade is finished.` },
        ],
      },
    ];
  },
};

/** So many paths are still to be read and copied. */
const readable = 20;

/** Where there are too many of one folder to name them, all that is directly in it. */
function clear(attributes: string, paths: readonly RootPath[]): Remedy[] {
  const byFolder = new Map<string, RootPath[]>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/')) || '/';
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), path]);
  }
  const groups = [...byFolder];
  const named = groups.flatMap(([, inside]) => (inside.length > readable ? [] : inside));
  const change = ['chattr', `-${attributes}`];
  return [
    ...(named.length > 0 ? [{ command: shellWords([...change, '--', ...named]) }] : []),
    ...groups
      .filter(([, inside]) => inside.length > readable)
      .map(([folder]) => ({
        command: shellWords(['find', folder, '-maxdepth', '1', '!', '-type', 'l', '-exec', ...change, '{}', '+']),
      })),
  ];
}
