import type { Check } from '../../../src/check/check.ts';
import { keptPackages } from '../../../src/check/kept-packages.ts';
import type { Reference } from '../../../src/software/software-survey.ts';

const names: Readonly<Record<Reference['from'], string>> = {
  cron: 'cron job',
  unit: 'systemd unit',
  init: 'init script',
  configuration: 'configuration',
};

/** Source: crontab(5), systemd.exec(5): what they name is run as it is. */
export const references: Check = {
  id: 'software/references',
  title: 'Cron jobs, units and scripts that start such programs',
  looksAt: { parts: ['files', 'software'] },
  about: {
    'software/started': {
      text: 'Cron jobs, systemd units and init scripts that start a program which no package brought. They fail once its old libraries are removed, until the program is there for the new architecture.',
      source: 'crontab(5); systemd.service(5), ExecStart',
    },
    'software/configured': {
      text: 'Configuration that names a file which no package brought, often a module that a program loads. A program of the new architecture cannot load a module of the old one, and may refuse to start.',
      source: 'dlopen(3): the file must be of the class of the program',
    },
  },
  findings: (input) => {
    const { pair, survey } = input;
    const isKept = keptPackages(input).length > 0;
    const all = survey?.software?.references ?? [];
    const started = all.filter(({ from }) => from !== 'configuration');
    const configured = all.filter(({ from }) => from === 'configuration');
    return [
      ...(started.length === 0
        ? []
        : [
            {
              id: 'software/started',
              severity: 'warning' as const,
              title: `Jobs and services start ${pair.source.elfBits}-bit programs outside packages`,
              detail: isKept
                ? `They fail once the old libraries are gone, until these programs are there anew. Those that need only the ${pair.source.name} packages that stay, as decided, go on.`
                : 'They will fail from the moment the old libraries are gone until these programs are there anew.',
              affected: started.map(describe),
              remedies: [
                { hint: 'Stop them before the crossgrade, and start them again when the programs are there.' },
              ],
            },
          ]),
      ...(configured.length === 0
        ? []
        : [
            {
              id: 'software/configured',
              severity: 'warning' as const,
              title: `Configuration names ${pair.source.elfBits}-bit files outside packages`,
              detail: `Where it makes a program load such a file, the ${pair.target.name} program cannot, and may not start.`,
              affected: configured.map(describe),
              remedies: [{ hint: 'Take these lines out before the crossgrade, or have the new files ready.' }],
            },
          ]),
    ];
  },
};

function describe({ file, line, from, target }: Reference): string {
  return `${names[from]} ${file}, line ${line}: ${target}`;
}
