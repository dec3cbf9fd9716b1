import type { Check } from '../../../src/check/check.ts';
import { type Virtualenv, virtualenvQuestion } from '../../../src/software/local-software.ts';

/** Source: venv in Python's documentation: its Python is the system's, by a symlink. */
export const virtualenvs: Check = {
  id: 'software/virtualenvs',
  title: 'Virtual environments of Python',
  looksAt: { parts: ['files', 'libraries'] },
  about: {
    'software/virtualenvs': {
      text: 'A virtualenv’s Python is a link to the system’s, which becomes a 64-bit one. Packages in pure Python go on; those that were compiled cannot be loaded any more. crossgrade writes down what is installed in each of these before anything is changed (/var/lib/crossgrade/before/virtualenvs), and can have pip install the compiled packages anew.',
      source: 'venv and importlib in Python’s documentation; pip-freeze(1)',
    },
  },
  decisions: {
    [virtualenvQuestion]: {
      text: 'What becomes of virtualenvs with packages that were compiled for the old Python. “leave”: they stay as they are, and you install their compiled packages anew. “rebuild”: at the end of the run pip does it, at the same versions, as the owner of the files, from where pip is configured to take them; compiling needs compilers and headers. Each is copied before, to a folder beside it, NAME.crossgrade-ARCHITECTURE with the old architecture, and comes back where that fails, which is told in the report.',
      source: 'pip-install(1), --force-reinstall; venv in Python’s documentation',
    },
  },
  findings: ({ pair, survey, answers }) => {
    const found = survey?.dependent?.virtualenvs ?? [];
    if (found.length === 0) return [];
    const answer = answers[virtualenvQuestion];
    const sentences: Readonly<Record<string, string>> = {
      leave: 'As decided, they stay as they are; what is installed in them is written down before.',
      rebuild: 'As decided, pip installs these packages anew at the end of the run.',
    };
    return [
      {
        id: 'software/virtualenvs',
        severity: answer === 'rebuild' ? 'note' : answer === 'leave' ? 'warning' : 'blocker',
        title: 'Virtualenvs have packages that were compiled for the old Python',
        detail:
          `The ${pair.target.elfBits}-bit Python cannot load them; what is pure Python goes on. ${sentences[answer ?? ''] ?? ''}`.trim(),
        affected: found.map(describe).sort(),
        remedies: [
          { decision: virtualenvQuestion },
          ...(answer === 'rebuild'
            ? [{ hint: 'See that pip can get the packages, and compile where there is no wheel: gcc, python3-dev.' }]
            : []),
        ],
      },
    ];
  },
  questions: ({ survey }) => {
    const found = survey?.dependent?.virtualenvs ?? [];
    return found.length === 0
      ? []
      : [
          {
            id: virtualenvQuestion,
            text: 'What shall become of virtualenvs with compiled packages?',
            why: 'The new Python cannot load what was compiled for the old one.',
            affected: found.map(({ path }) => path).sort(),
            choices: [
              {
                value: 'leave',
                title: 'Leave them as they are',
                consequence:
                  'They fail until you install their compiled packages anew. A list of all packages is kept.',
              },
              {
                value: 'rebuild',
                title: 'Install their compiled packages anew',
                consequence:
                  'At the end pip does it, at the same versions, as the owner of the files; it needs its package index, or wherever it is configured to look. The old ones are kept beside; where it fails, they stay.',
                recommended: true,
              },
            ],
          },
        ];
  },
};

function describe({ path, files, owner }: Virtualenv): string {
  return `${path}: ${files.length === 1 ? 'a compiled file' : `${files.length} compiled files`} (${owner})`;
}
