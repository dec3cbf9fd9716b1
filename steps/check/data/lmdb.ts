import type { Check } from '../../../src/core/check.ts';
import { describeStore, exportFirst, storesOf } from './stores.ts';

/** Source: LMDB's midl.h, `typedef size_t MDB_ID`; tried with mdb_dump 0.9.24 of both word sizes. */
export const lmdb: Check = {
  id: 'data/lmdb',
  about: {
    'data/lmdb': {
      text: 'LMDB files have numbers in them that are as wide as a word: programs of another word size say “MDB_INVALID: File is not an LMDB file”. Knot DNS, Postfix (lmdb maps), PowerDNS and Samba can keep such files. mdb_dump and mdb_load, of the package lmdb-utils, carry them over.',
      source: 'LMDB, midl.h (MDB_ID is a size_t) and mdb.c (the header of a page); mdb_dump(1), mdb_load(1)',
    },
  },
  findings: (input) => {
    const { target } = input.pair;
    const stores = storesOf(input, 'lmdb');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/lmdb',
        severity: 'warning',
        title: `Programs for ${target.name} cannot read these LMDB databases`,
        detail:
          `The files depend on the word size. ${exportFirst} ` +
          'A mere cache, or a map that is made from a text, needs no export: delete it and have it made anew.',
        affected: stores.map(describeStore).sort(),
        remedies: [
          ...stores.map(({ path }) => ({ command: dumpCommand(path) })),
          {
            hint: 'mdb_dump is in the package lmdb-utils. Stop the program that uses the database first. Where mdb_dump -l lists databases in it, add -a.',
          },
        ],
      },
    ];
  },
};

function dumpCommand(path: string): string {
  const isFolder = path.endsWith('/data.mdb');
  return `mdb_dump ${isFolder ? '' : '-n '}-f ${path}.dump ${isFolder ? path.slice(0, -'/data.mdb'.length) : path}`;
}
