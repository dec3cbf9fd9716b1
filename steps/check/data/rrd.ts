import type { Check } from '../../../src/core/check.ts';
import { describeStore, exportFirst, storesOf } from './stores.ts';

/** Source: rrddump(1); seen on a real system as “created on another architecture”. */
export const rrd: Check = {
  id: 'data/rrd',
  about: {
    'data/rrd': {
      text: 'RRDtool writes numbers as the processor has them. With another word size it says “This RRD was created on another architecture”. Munin, collectd, Cacti, Smokeping and others keep their history in such files. The XML of rrdtool dump can be read by both.',
      source: 'rrddump(1), rrdrestore(1): “transfer your files from one computer architecture to another”',
    },
  },
  findings: (input) => {
    const { target } = input.pair;
    const stores = storesOf(input, 'rrd');
    if (stores.length === 0) {
      return [];
    }
    return [
      {
        id: 'data/rrd',
        severity: 'warning',
        title: `RRDtool for ${target.name} cannot read the RRD files of this system`,
        detail: `The format depends on the architecture. ${exportFirst}`,
        affected: stores.map(describeStore).sort(),
        remedies: [
          ...stores.map(({ path }) => ({ command: `find ${path} -name '*.rrd' -exec rrdtool dump {} {}.xml ';'` })),
          {
            hint: 'Stop what writes to them first. Afterwards read each back with rrdtool restore --force-overwrite, and give it its owner again.',
          },
        ],
      },
    ];
  },
};
