import type { Check } from '../../../src/check/check.ts';
import type { ClusterLibrary, DataStore } from '../../../src/data/data-survey.ts';
import { nameStore } from './stores.ts';

/** Source: PostgreSQL documentation, “CREATE FUNCTION”, obj_file: the server loads it when the function is called. */
export const extensions: Check = {
  id: 'data/extensions',
  title: 'Libraries that PostgreSQL databases need',
  looksAt: { apt: 'target', parts: ['files', 'data'] },
  about: {
    'data/extension': {
      text: 'Databases call functions in a shared library that no package brings for the new architecture. They cannot be restored there: the run would stop at the export, before anything is replaced. Install a package that has it, put the library for the new architecture where it belongs afterwards by a package of your own, or have whoever keeps the database do without it.',
      source: 'PostgreSQL documentation, “CREATE EXTENSION” and “CREATE FUNCTION”',
    },
    'data/extension-unasked': {
      text: 'A library that databases could use has no build for the new architecture, and the server, which knows whether any does, is not running. If one does, the run stops at the export, before anything is replaced.',
      source: 'PostgreSQL documentation, “CREATE EXTENSION”',
    },
  },
  findings: ({ pair, survey, solved }) => {
    if (!solved) return [];
    const { endState } = solved.plan;
    const stays = ({ package: owner }: ClusterLibrary): boolean =>
      [pair.target.name, 'all'].some((architecture) => `${owner}:${architecture}` in endState);
    const lost = (survey?.data ?? []).flatMap((store) =>
      (store.libraries ?? []).filter((one) => !stays(one)).map((library) => ({ store, library })),
    );
    const describe = ({ store, library }: { store: DataStore; library: ClusterLibrary }): string =>
      `${library.file} (${library.package === undefined ? 'in no package' : `package ${library.package}`}), ${nameStore(store)}`;
    const used = lost.filter(({ library }) => library.used === true);
    const unasked = lost.filter(({ library }) => library.used === null);
    return [
      ...(used.length === 0
        ? []
        : [
            {
              id: 'data/extension',
              severity: 'blocker' as const,
              title: `Databases need libraries without a build for ${pair.target.name}`,
              detail: 'What they define could not be restored.',
              affected: used.map(describe).sort(),
              remedies: [
                { hint: 'Find what uses it, in each database: SELECT proname FROM pg_proc WHERE probin IS NOT NULL;' },
                {
                  hint: 'Install a package that has it for both architectures, or have whoever keeps the database do without it.',
                },
              ],
            },
          ]),
      ...(unasked.length === 0
        ? []
        : [
            {
              id: 'data/extension-unasked',
              severity: 'warning' as const,
              title: `Databases may need libraries without a build for ${pair.target.name}`,
              detail:
                'The server is not running, so nobody could ask it. If one does, the run stops before anything is replaced.',
              affected: unasked.map(describe).sort(),
              remedies: [{ hint: 'Start the cluster, and check again: pg_ctlcluster VERSION NAME start.' }],
            },
          ]),
    ];
  },
};
