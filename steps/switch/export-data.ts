import type { Step } from '../../src/run/step.ts';

/** Source: the procedure's “data in a platform-specific format”; pg_dump(1), slapcat(8), rrddump(1). */
export const exportData: Step = {
  id: 'switch/export-data',
  title: 'Export data that only the old programs can read',
  why: 'The programs that are still here are the ones that read it; this is the last moment at which all can be taken back.',
  purpose:
    'Stops what writes to PostgreSQL clusters, slapd’s databases and RRD files, exports them into /var/lib/crossgrade/exports, and takes databases to where nothing writes to them.',
  remaining: ({ pair, facts }) =>
    facts.exports?.complete || facts.inventory.nativeArchitecture === pair.target.name
      ? []
      : ['data was not looked for, and not exported'],
  plan: () => [{ do: 'export-data' }],
  undo: ({ facts }) => (facts.exports ? [{ do: 'drop-exports' }] : []),
};
