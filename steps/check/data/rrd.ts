import type { Check } from '../../../src/check/check.ts';
import { carriedStores, carriedWords, nameStore } from './stores.ts';

/** Source: rrddump(1); seen on a real system as “created on another architecture”. */
export const rrd: Check = {
  id: 'data/rrd',
  title: 'Round-robin databases',
  looksAt: { parts: ['files'] },
  about: {
    'data/rrd': {
      text: 'RRDtool writes numbers as the processor has them. With another word size it says “This RRD was created on another architecture”. Munin, collectd, Cacti, Smokeping and others keep their history in such files. A run writes each as XML with rrdtool dump, makes it anew with rrdtool restore, compares the two dumps, and gives it its owner, mode and time. The XML of a 32-bit rrdtool has ten significant digits.',
      source: 'rrddump(1), rrdrestore(1): “transfer your files from one computer architecture to another”',
    },
  },
  findings: (input) => {
    const stores = carriedStores(input, 'rrd');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/rrd',
        severity: 'note',
        title: 'RRD files are carried over',
        detail: `Programs for ${input.pair.target.name} cannot read their files. ${carriedWords(input, stores)}`,
        affected: stores.map(nameStore).sort(),
        remedies: [
          { hint: 'Have a backup. What uses the data stands still from the export to the end of the import.' },
        ],
      },
    ];
  },
};
