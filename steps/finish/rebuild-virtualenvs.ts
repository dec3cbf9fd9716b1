import type { Step } from '../../src/run/step.ts';
import { virtualenvQuestion, waitingVirtualenvs } from '../../src/software/local-software.ts';

/** Source: venv in Python's documentation; pip-install(1), `--force-reinstall`. */
export const rebuildVirtualenvs: Step = {
  id: 'finish/rebuild-virtualenvs',
  title: 'Install the compiled packages of virtualenvs anew',
  why: 'Their Python is a 64-bit one now, and cannot load what was compiled for the old one.',
  purpose:
    'Copies each virtualenv that has compiled packages to a folder beside it, NAME.crossgrade-ARCHITECTURE with the old architecture, and has its pip install these packages anew, at the same versions, as the owner of its files. Then the modules are imported. Where one fails, the copy takes its old place, and the run goes on and says so at the end.',
  remaining: ({ answers, facts }) =>
    answers[virtualenvQuestion] === 'rebuild'
      ? waitingVirtualenvs(facts.localSoftware, facts.rebuilt).map(
          ({ path }) => `${path} has packages of the old Python`,
        )
      : [],
  plan: () => [{ do: 'rebuild-virtualenvs' }],
  undo: 'point of no return',
};
