import { dpkgFolder } from '../../src/base/own-paths.ts';
import type { Step } from '../../src/run/step.ts';

/** Source: dpkg(1), `--add-architecture`. */
export const addForeignArchitecture: Step = {
  id: 'prepare/add-foreign-architecture',
  title: 'Let dpkg accept packages of the target architecture',
  why: 'dpkg refuses packages of an architecture that it was not told about.',
  purpose: 'Runs dpkg --add-architecture. No package is changed by it.',
  remaining: ({ pair, facts: { inventory } }) =>
    inventory.nativeArchitecture === pair.target.name || inventory.foreignArchitectures.includes(pair.target.name)
      ? []
      : [`dpkg does not accept ${pair.target.name} packages`],
  plan: ({ pair }) => [{ do: 'command', argv: ['dpkg', '--add-architecture', pair.target.name] }],
  undo: ({ pair, facts, record: before }) => {
    if (!facts.inventory.foreignArchitectures.includes(pair.target.name)) {
      return [];
    }
    if (before?.foreignArchitectures.includes(pair.target.name)) {
      return [];
    }
    return [
      { do: 'command', argv: ['dpkg', '--remove-architecture', pair.target.name] },
      // dpkg leaves a list of one architecture behind where there was none. One that somebody added since is theirs.
      ...(before?.architectureFile === null && facts.inventory.foreignArchitectures.length === 1
        ? [{ do: 'remove', path: `${dpkgFolder}/arch` } as const]
        : []),
    ];
  },
};
