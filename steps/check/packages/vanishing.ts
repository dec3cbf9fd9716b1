import type { Check } from '../../../src/check/check.ts';

/** Source: the procedure's “compare the lists of installed packages; explain what came and what went”. */
export const vanishing: Check = {
  id: 'packages/vanishing',
  title: 'Packages that go',
  looksAt: { apt: 'target' },
  about: {
    'packages/vanishing': {
      text: 'These packages are installed now and will not be afterwards: kernels of the old architecture, packages whose name says the architecture, what only builds of the old architecture needed, and what came by itself, is needed by nothing any more, and cannot be installed together with the rest. Packages that have no counterpart are told, and decided, elsewhere.',
      source: 'apt-get(8), install; crossgrading instructions on the Debian wiki',
    },
  },
  findings: ({ solved }) => {
    const all = (solved?.plan.changes ?? []).filter(({ change }) => change === 'vanishing');
    const gone = all.filter(({ name }) => !solved?.target.missing.includes(name));
    const decided = all.length - gone.length;
    return gone.length === 0
      ? []
      : [
          {
            id: 'packages/vanishing',
            severity: 'note',
            title: 'Packages that go',
            detail: `Each with the reason.${decided > 0 ? ` ${decided} more would go by a decision, and are named with it.` : ''}`,
            affected: gone.map(({ name, reason }) => `${name} (${reason})`).sort(),
            remedies: [{ hint: 'Nothing to do: they are part of the plan.' }],
          },
        ];
  },
};
