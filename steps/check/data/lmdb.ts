import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import { otherDataQuestion, otherDataQuestions, otherDataSeverity } from './other-data.ts';
import { describeStore, dumpPlace, storesOf } from './stores.ts';

/** Source: LMDB's midl.h, `typedef size_t MDB_ID`; tried with mdb_dump 0.9.24 of both word sizes. */
export const lmdb: Check = {
  id: 'data/lmdb',
  title: 'LMDB files',
  looksAt: { parts: ['files'] },
  about: {
    'data/lmdb': {
      text: 'LMDB files have numbers in them that are as wide as a word: programs of another word size say “MDB_INVALID: File is not an LMDB file”. Knot DNS, Postfix (lmdb maps), PowerDNS and Samba can keep such files. mdb_dump and mdb_load, of the package lmdb-utils, carry them over.',
      source: 'LMDB, midl.h (MDB_ID is a size_t) and mdb.c (the header of a page); mdb_dump(1), mdb_load(1)',
    },
  },
  decisions: {
    'other-data': {
      text: 'What becomes of LMDB and GDBM databases whose content crossgrade does not know. “stop”: nothing begins. “leave”: they stay as they are, and you care for them: export them before and import them afterwards, or have their programs make them anew.',
      source: 'mdb_dump(1), mdb_load(1); gdbm_dump(1), gdbm_load(1)',
    },
  },
  questions: otherDataQuestions,
  findings: (input) => {
    const { target } = input.pair;
    const stores = storesOf(input, 'lmdb');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/lmdb',
        severity: otherDataSeverity(input),
        title: `Programs for ${target.name} cannot read these LMDB databases`,
        detail:
          `The files depend on the word size. Export it before the crossgrade, with the program that is here now, and import it afterwards; crossgrade does not know what is in it. ` +
          'A mere cache, or a map that is made from a text, needs no export: its program makes it anew.',
        affected: stores.map(describeStore).sort(),
        remedies: [
          { decision: otherDataQuestion },
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
  const database = isFolder ? path.slice(0, -'/data.mdb'.length) : path;
  return `umask 077 && ${shellWords(['mdb_dump', ...(isFolder ? [] : ['-n']), '-f', dumpPlace(path), database])}`;
}
