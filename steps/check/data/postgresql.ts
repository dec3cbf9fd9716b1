import type { Check } from '../../../src/core/check.ts';
import { describeStore, exportFirst, storesOf } from './stores.ts';

/** Source: the manual's words on log shipping; seen on a real system as “incorrect checksum in control file”. */
export const postgresql: Check = {
  id: 'data/postgresql',
  about: {
    'data/postgresql': {
      text: 'PostgreSQL keeps its data as its own programs hold them in memory. A server of another word size refuses to start on them: “incorrect checksum in control file”. A dump can be read by both.',
      source:
        'PostgreSQL documentation, “Log-Shipping Standby Servers”, Planning: shipping from a 32-bit to a 64-bit system will not work; pg_dumpall(1)',
    },
  },
  findings: (input) => {
    const { target } = input.pair;
    const clusters = storesOf(input, 'postgresql');
    if (clusters.length === 0) {
      return [];
    }
    const named = clusters.filter((one) => one.name !== '');
    return [
      {
        id: 'data/postgresql',
        severity: 'warning',
        title: `PostgreSQL for ${target.name} cannot read the database clusters of this system`,
        detail: `Their files depend on the word size. ${exportFirst}`,
        affected: clusters
          .map((one) => (one.name === '' ? describeStore(one) : `cluster ${one.name}: ${describeStore(one)}`))
          .sort(),
        remedies: [
          ...named.map(({ name }) => ({
            command: `su postgres -c "pg_dumpall --cluster ${name} --file /var/lib/postgresql/${name.replace('/', '-')}.sql"`,
          })),
          ...(named.length < clusters.length
            ? [{ hint: 'A cluster without a name was made by hand: dump it with the pg_dumpall of its own version.' }]
            : []),
          {
            hint: 'Afterwards make each cluster anew with pg_dropcluster and pg_createcluster, and read the dump with psql --file. Keep the old folder until you have seen that all is there.',
          },
        ],
      },
    ];
  },
};
