import type { Check } from '../../../src/check/check.ts';
import { carriedStores, carriedWords, nameStore } from './stores.ts';

/** Source: the manual's words on log shipping; seen on a real system as “incorrect checksum in control file”. */
export const postgresql: Check = {
  id: 'data/postgresql',
  title: 'PostgreSQL clusters',
  looksAt: { parts: ['files', 'data'] },
  about: {
    'data/postgresql': {
      text: 'PostgreSQL keeps its data as its own programs hold them in memory. A server of another word size refuses to start on them: “incorrect checksum in control file”. A run dumps every cluster, running or not, with its roles, tablespaces, extensions, large objects and sequences, with a private server that nobody else reaches; it makes a new cluster with the same locale, checksums and settings, restores the dump, and compares every table’s content and the catalogue with sums that the old server made.',
      source:
        'PostgreSQL documentation, “Log-Shipping Standby Servers”, Planning: shipping from a 32-bit to a 64-bit system will not work; pg_dumpall(1), pg_restore(1)',
    },
  },
  findings: (input) => {
    const stores = carriedStores(input, 'postgresql');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/postgresql',
        severity: 'note',
        title: 'PostgreSQL clusters are carried over',
        detail: `Programs for ${input.pair.target.name} cannot read their files. ${carriedWords(input, stores)}`,
        affected: stores.map(nameStore).sort(),
        remedies: [
          { hint: 'Have a backup. What uses the data stands still from the export to the end of the import.' },
        ],
      },
    ];
  },
};
