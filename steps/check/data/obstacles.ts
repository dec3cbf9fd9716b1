import type { Found } from '../../../src/base/finding.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import type { DataObstacle, DataStore } from '../../../src/data/data-survey.ts';
import { nameStore } from './stores.ts';

/** Source: pg_controldata(1), pg_basebackup(1); what the adapters of src/data need. */
export const dataObstacles: Check = {
  id: 'data/obstacles',
  title: 'Data that cannot be carried over as it is',
  looksAt: { parts: ['files', 'data'] },
  about: {
    'data/damaged': {
      text: 'This data cannot be exported as it is: files are missing or damaged, or the program that exports it is not installed. A 64-bit program could not read it either. Where a data directory that is configured is not there, its filesystem may not be mounted: what is mounted after the crossgrade was not carried over. Mend it, restore it from a backup, or have whoever knows that nobody needs it move it to another host, before the crossgrade.',
      source: 'pg_controldata(1), rrddump(1)',
    },
    'data/replica': {
      text: 'A replica has the same files as its primary, and they depend on the word size, so a 64-bit replica needs a 64-bit primary. A run leaves it alone. Afterwards its server does not start; make it anew.',
      source: 'PostgreSQL documentation, “Log-Shipping Standby Servers”, Planning; pg_basebackup(1)',
    },
    'data/without-program': {
      text: 'No installed program can read this data, so a run cannot export it. It stays as it is. If it matters, install its program before the crossgrade: afterwards only a 32-bit system can read it. The same goes for base backups of PostgreSQL: a run starts no server on them, which would spoil them.',
      source: 'pg_lsclusters(1); slapcat(8)',
    },
  },
  findings: (input) => [
    ...finding(input, 'mend', {
      id: 'data/damaged',
      severity: 'blocker',
      title: 'Data that cannot be carried over as it is',
      detail: 'A run would have to leave it behind, in a form that no program of the new system reads.',
      remedies: [{ hint: 'Mend what is said of each. RRD files need the package rrdtool: apt-get install rrdtool.' }],
    }),
    ...finding(input, 'rebuild', {
      id: 'data/replica',
      severity: 'warning',
      title: 'Replicas, which have to be rebuilt from their primary',
      detail: 'They are copies of another server’s files, which depend on the word size. The run leaves them alone.',
      remedies: [{ hint: 'Crossgrade the primary as well, then make the replica anew with pg_basebackup.' }],
    }),
    ...finding(input, 'idle', {
      id: 'data/without-program',
      severity: 'warning',
      title: 'Data that no installed program reads',
      detail: 'It stays as it is. After the crossgrade only a 32-bit system can read it.',
      remedies: [{ hint: 'Install its program before the crossgrade, if the data matters.' }],
    }),
  ],
};

function finding({ survey }: CheckInput, what: DataObstacle['what'], found: Omit<Found, 'affected'>): Found[] {
  const stores = (survey?.data ?? []).filter(({ trouble }) => trouble?.what === what);
  return stores.length === 0 ? [] : [{ ...found, affected: stores.map(describe).sort() }];
}

function describe(store: DataStore): string {
  return `${nameStore(store)}: ${store.trouble?.text ?? ''}`;
}
