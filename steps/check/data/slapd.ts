import type { Check } from '../../../src/core/check.ts';
import { describeStore, exportFirst, storesOf } from './stores.ts';

/** Source: `MDB_ID` is a `size_t`; seen on a real system as “MDB_INVALID: File is not an LMDB file”. */
export const slapd: Check = {
  id: 'data/slapd',
  about: {
    'data/slapd': {
      text: 'The databases of slapd have numbers in them that are as wide as a word. With another word size slapd says “MDB_INVALID: File is not an LMDB file” and does not start. LDIF, which slapcat writes, can be read by both.',
      source: 'OpenLDAP, midl.h (MDB_ID is a size_t) and mdb.c (the header of a page); slapcat(8), slapadd(8)',
    },
  },
  findings: (input) => {
    const { target } = input.pair;
    const databases = storesOf(input, 'slapd');
    if (databases.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/slapd',
        severity: 'warning',
        title: `slapd for ${target.name} cannot read the directory databases of this system`,
        detail: `Their files depend on the word size. ${exportFirst}`,
        affected: databases.map((one) => `database ${one.name}: ${describeStore(one)}`).sort(),
        remedies: [
          ...databases.map(({ name }) => ({ command: `slapcat -n ${name} -l /root/slapd-${name}.ldif` })),
          {
            hint: 'Afterwards stop slapd, move the old files of each folder aside, read the LDIF with slapadd -n, and give the new files to the user openldap.',
          },
        ],
      },
    ];
  },
};
