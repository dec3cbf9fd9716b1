import { listsFolder } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';
import { archivesToFetch } from './download-archives.ts';

/** Source: apt-get(8), `update`. */
export const updatePackageLists: Step = {
  id: 'prepare/update-package-lists',
  title: 'Fetch the package lists of the target architecture',
  why: 'apt downloads only what a signed list names.',
  purpose: 'Runs apt-get update, so that apt has the signed lists of both architectures.',
  remaining: (context) => {
    const { pair, facts } = context;
    // Some of them are there when fetching them was interrupted; only the moment after it tells that all are.
    const complete = facts.indexedArchitectures.includes(pair.target.name) && facts.milestones.lists !== undefined;
    return complete || archivesToFetch(context).length === 0
      ? []
      : [`apt has no package lists for ${pair.target.name}`];
  },
  plan: () => [{ do: 'update-lists' }, { do: 'milestone', name: 'lists' }],
  undo: ({ pair, record: before }) =>
    before?.foreignArchitectures.includes(pair.target.name)
      ? []
      : [{ do: 'command', argv: ['find', listsFolder, '-name', `*_binary-${pair.target.name}_*`, '-delete'] }],
};
