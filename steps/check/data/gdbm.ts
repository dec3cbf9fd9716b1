import { shellWords } from '../../../src/base/shell-word.ts';
import type { Check } from '../../../src/check/check.ts';
import { otherDataQuestion, otherDataSeverity } from './other-data.ts';
import { describeStore, dumpPlace, storesOf } from './stores.ts';

/** Source: the file NOTE-WARNING of GDBM; tried with gdbmtool 1.23 of both word sizes. */
export const gdbm: Check = {
  id: 'data/gdbm',
  title: 'GDBM files',
  looksAt: { parts: ['files'] },
  about: {
    'data/gdbm': {
      text: 'GDBM writes structures as the compiler lays them out: the files are not portable between architectures. Another word size says “Malformed database file header”. gdbm_dump and gdbm_load, of the package gdbmtool, carry them over.',
      source:
        'GDBM, NOTE-WARNING: files have never been portable between system architectures; gdbm_dump(1), gdbm_load(1)',
    },
  },
  findings: (input) => {
    const { target } = input.pair;
    const stores = storesOf(input, 'gdbm');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/gdbm',
        severity: otherDataSeverity(input),
        title: `Programs for ${target.name} cannot read these GDBM databases`,
        detail: `The format depends on the architecture. Export it before the crossgrade, with the program that is here now, and import it afterwards; crossgrade does not know what is in it.`,
        affected: stores.map(describeStore).sort(),
        remedies: [
          { decision: otherDataQuestion },
          ...stores.map(({ path }) => ({
            command: `umask 077 && ${shellWords(['gdbm_dump', path, dumpPlace(path)])}`,
          })),
          { hint: 'gdbm_dump and gdbm_load are in the package gdbmtool.' },
        ],
      },
    ];
  },
};
