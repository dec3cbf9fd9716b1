import type { Check } from '../../../src/check/check.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { isTakenOver } from '../../../src/plan/way.ts';

/** Source: dpkg(1), `--add-architecture`. */
export const foreignPackages: Check = {
  id: 'packages/foreign-packages',
  title: 'Packages of the target that are there already',
  about: {
    'packages/foreign-packages': {
      text: 'Packages of the target architecture are installed already, beside those of the old one. They are part of the plan: those that are up to date stay as they are.',
      source: 'dpkg(1), --add-architecture and --print-foreign-architectures',
    },
  },
  findings: ({ pair, facts }) => {
    const there = facts.inventory.packages.filter(
      (one) => one.architecture === pair.target.name && one.state !== 'config-files',
    );
    // What others have begun is told as what it is.
    return there.length === 0 || isTakenOver(facts.inventory, pair)
      ? []
      : [
          {
            id: 'packages/foreign-packages',
            severity: 'note',
            title: `Packages for ${pair.target.name} are installed already`,
            detail: 'They stay, or are brought up to date.',
            affected: there.map(instanceKey).sort(),
            remedies: [{ command: `dpkg --get-selections '*:${pair.target.name}'` }],
          },
        ];
  },
};
