import type { Check, CheckInput } from '../../../src/check/check.ts';
import { type InstalledPackage, instanceKey } from '../../../src/debian/package.ts';

export const residualConfigQuestion = 'residual-config';

/** Source: the procedure's “look at residual-config ones; purge them only if their configuration is not needed”. */
export const residualConfig: Check = {
  id: 'packages/residual-config',
  title: 'Configuration of removed packages',
  about: {
    'packages/residual-config': {
      text: 'These packages were removed, but not purged: their configuration files, and sometimes their data, are still there. dpkg cannot forget the old architecture before they are purged.',
      source: 'dpkg(1), config-files and --remove-architecture',
    },
  },
  decisions: {
    'residual-config': {
      text: 'What becomes of the configuration that removed packages left behind. “keep”: it stays as it is, and dpkg goes on accepting the old architecture until you purge these packages. “purge”: their configuration, and data that they own, are deleted at the end.',
      source: 'dpkg(1), config-files and --remove-architecture',
    },
  },
  findings: (input) => {
    const residual = residualOf(input);
    if (residual.length === 0) {
      return [];
    }
    return [
      {
        id: 'packages/residual-config',
        severity: input.answers[residualConfigQuestion] === undefined ? 'blocker' : 'note',
        title: 'Removed packages have left configuration behind',
        detail:
          `dpkg knows them as packages of ${input.pair.source.name}. It forgets that architecture only when they are purged, ` +
          'with their configuration and, for some, their data.',
        affected: residual.map(instanceKey).sort(),
        remedies: [{ decision: residualConfigQuestion }],
      },
    ];
  },
  questions: (input) =>
    residualOf(input).length === 0
      ? []
      : [
          {
            id: residualConfigQuestion,
            text: 'Purge the configuration of packages that were removed before?',
            why: `As long as it is there, dpkg cannot forget the architecture ${input.pair.source.name}.`,
            affected: residualOf(input).map(instanceKey).sort(),
            assumed: 'purge',
            choices: [
              {
                value: 'keep',
                title: 'Keep it',
                consequence: `Nothing is lost; dpkg goes on accepting ${input.pair.source.name} packages until you purge them.`,
                recommended: true,
              },
              {
                value: 'purge',
                title: 'Purge it',
                consequence: 'The configuration, and data that these packages own, are deleted.',
              },
            ],
          },
        ],
};

function residualOf({ pair, facts }: CheckInput): InstalledPackage[] {
  return facts.inventory.packages.filter(
    (one) => one.state === 'config-files' && one.architecture === pair.source.name,
  );
}
