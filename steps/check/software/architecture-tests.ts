import type { Check } from '../../../src/check/check.ts';

/** Source: uname(1), dpkg(1), --print-architecture; dpkg-query(1), on names with an architecture. */
export const architectureTests: Check = {
  id: 'software/architecture-tests',
  title: 'Scripts that ask for the architecture',
  looksAt: { parts: ['software'] },
  about: {
    'software/architecture-tests': {
      text: 'These lines of local scripts, jobs and units ask for the architecture, or name a package of it. Afterwards the answer is another one: uname -m already is under a 64-bit kernel. A script that goes by it may take another way, fetch another file, or find no package of that name.',
      source: 'uname(1); dpkg(1), --print-architecture; getconf(1), LONG_BIT',
    },
  },
  findings: ({ pair, survey }) => {
    const lines = survey?.software?.architectureTests ?? [];
    if (lines.length === 0) return [];
    return [
      {
        id: 'software/architecture-tests',
        severity: 'note',
        title: 'Local scripts ask for the architecture',
        detail: `On ${pair.target.name} these lines come to another result.`,
        affected: lines.map(({ file, line, path }) => `${file}, line ${line}: ${path}`),
        remedies: [{ hint: `Look whether these scripts do the right thing on ${pair.target.name}.` }],
      },
    ];
  },
};
