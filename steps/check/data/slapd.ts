import type { Check } from '../../../src/check/check.ts';
import { carriedStores, carriedWords, nameStore } from './stores.ts';

/** Source: `MDB_ID` is a `size_t`; seen on a real system as “MDB_INVALID: File is not an LMDB file”. */
export const slapd: Check = {
  id: 'data/slapd',
  title: 'OpenLDAP databases',
  looksAt: { parts: ['data'] },
  about: {
    'data/slapd': {
      text: 'The databases of slapd have numbers in them that are as wide as a word. With another word size slapd says “MDB_INVALID: File is not an LMDB file” and does not start. A run writes each database as LDIF with slapcat, reads it with the new slapadd, and compares all entries. The configuration is text, and stays.',
      source: 'OpenLDAP, midl.h (MDB_ID is a size_t) and mdb.c (the header of a page); slapcat(8), slapadd(8)',
    },
  },
  findings: (input) => {
    const stores = carriedStores(input, 'slapd');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/slapd',
        severity: 'note',
        title: 'Databases of slapd are carried over',
        detail: `Programs for ${input.pair.target.name} cannot read their files. ${carriedWords(input, stores)}`,
        affected: stores.map(nameStore).sort(),
        remedies: [
          { hint: 'Have a backup. What uses the data stands still from the export to the end of the import.' },
        ],
      },
    ];
  },
};
