import { localSoftwareFile } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: ld.so(8); pip-freeze(1): what is installed in a virtualenv can only be asked of its own Python. */
export const recordLocalSoftware: Step = {
  id: 'prepare/record-local-software',
  title: 'Write down programs outside packages, and what is in virtualenvs',
  why: 'Which libraries a program finds, and which packages a virtualenv has, only the old loader and the old Python can tell.',
  purpose:
    'Looks for 32-bit programs that no package brought, asks the dynamic loader for their libraries, and each virtualenv with compiled packages for a list of all of them (pip freeze, as the owner of its files). The lists are in /var/lib/crossgrade/before.',
  remaining: ({ pair, facts }) =>
    facts.localSoftware || facts.inventory.nativeArchitecture === pair.target.name
      ? []
      : ['programs outside packages are not written down'],
  plan: () => [{ do: 'record-local-software' }],
  undo: ({ facts }) => (facts.localSoftware ? [{ do: 'remove', path: localSoftwareFile }] : []),
};
