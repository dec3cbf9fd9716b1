import { dataPackages, fillPostgresql, fillRrd, fillSlapd, shell } from '../roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../roots/roots.ts';
import { crossgrade, type Ending, tail } from './faults.ts';

/**
 * How long a run takes for data, beside the programs that an administrator would type: on the same data, in the same
 * root, one after the other. Ours includes sums of the exports and the comparison of the content.
 */
const most = 1.2;
const rows = Number(process.env.CROSSGRADE_ROWS ?? 300_000);
const entries = 10_000;
const rrdFiles = 2_000;

interface Kind {
  readonly name: string;
  readonly packages: readonly string[];
  readonly fill: (root: FreshRoot) => Promise<void>;
  /** With the programs of 32 bit: into /var/hand. */
  readonly exportByHand: string;
  /** With those of 64 bit: out of it. */
  readonly importByHand: string;
}

const asPostgres = 'setpriv --reuid=postgres --regid=postgres --init-groups';
/** A database that is set to be read-only could not be loaded by what pg_dumpall writes. */
const withoutReadOnly = "env PGOPTIONS='-c default_transaction_read_only=off'";
const asOpenldap = 'setpriv --reuid=openldap --regid=openldap --init-groups';
const rrds = "find /var/lib/munin /srv/graphs -name '*.rrd' ! -name torn.rrd -print0";

const kinds: readonly Kind[] = [
  {
    name: 'PostgreSQL: pg_dumpall, psql',
    packages: ['postgresql', 'locales'],
    fill: ({ directory }) => fillPostgresql(directory, { rows }),
    exportByHand: `for c in main second; do
  pg_ctlcluster 15 $c start; ${asPostgres} pg_dumpall --cluster 15/$c > /var/hand/$c.sql; pg_ctlcluster 15 $c stop
done`,
    importByHand: `port=5800; for c in main second; do port=$((port + 1))
  mkdir -p /srv/hand; chown postgres /srv/hand
  pg_createcluster --locale de_DE.UTF-8 --datadir /srv/hand/$c -p $port 15 hand$c > /dev/null
  sed -i "s|LOCATION '/srv/fast'|LOCATION '/srv/hand/fast'|" /var/hand/$c.sql; install -d -o postgres /srv/hand/fast
  pg_ctlcluster 15 hand$c start; ${withoutReadOnly} ${asPostgres} psql -X -q --cluster 15/hand$c -d postgres -f /var/hand/$c.sql > /dev/null 2>&1; pg_ctlcluster 15 hand$c stop
done`,
  },
  {
    name: 'slapd: slapcat, slapadd',
    packages: ['slapd', 'ldap-utils'],
    fill: ({ directory }) => fillSlapd(directory, { entries }),
    exportByHand: `for n in 1 2; do ${asOpenldap} slapcat -n $n > /var/hand/$n.ldif; done`,
    importByHand: `mkdir /var/hand/aside; mv /var/lib/ldap/data.mdb /var/lib/ldap/lock.mdb /var/hand/aside/ 2>/dev/null || true
mkdir /var/hand/aside2; mv /var/lib/ldap/second/data.mdb /var/lib/ldap/second/lock.mdb /var/hand/aside2/ 2>/dev/null || true
for n in 1 2; do ${asOpenldap} slapadd -n $n < /var/hand/$n.ldif; done`,
  },
  {
    name: 'RRD files: rrdtool dump, rrdtool restore',
    packages: ['rrdtool', 'rrdcached'],
    fill: ({ directory }) => fillRrd(directory, { rrdFiles }),
    exportByHand: `n=0; ${rrds} | while IFS= read -r -d '' f; do n=$((n + 1)); rrdtool dump "$f" > /var/hand/$n.xml; done`,
    importByHand: `for f in /var/hand/*.xml; do rrdtool restore "$f" "$f.rrd"; done`,
  },
];

interface Times {
  readonly export: number;
  readonly import: number;
}

async function seconds(directory: string, script: string): Promise<number> {
  const begun = process.hrtime.bigint();
  await shell(directory, `cd /; mkdir -p /var/hand; chmod 1777 /var/hand\n${script}\nsync`);
  return Number(process.hrtime.bigint() - begun) / 1e9;
}

/** Of our steps, by the journal. */
function stepSeconds({ events }: Pick<Ending, 'events'>, step: string): number {
  const found = events.find((event) => event.type === 'step-finished' && event.step === step);
  if (found?.type !== 'step-finished') throw new Error(`${step} was not done`);
  return found.seconds;
}

async function measure({ packages, fill, exportByHand, importByHand }: Kind): Promise<{ hand: Times; ours: Times }> {
  const root = await freshRoot({ suite: 'bookworm', packages: packages.filter((name) => dataPackages.includes(name)) });
  try {
    await fill(root);
    const handExport = await seconds(root.directory, exportByHand);
    const end = await crossgrade(root.directory, 'run', '--yes');
    if (end.code !== 0) throw new Error(tail(end));
    const handImport = await seconds(root.directory, importByHand);
    return {
      hand: { export: handExport, import: handImport },
      ours: { export: stepSeconds(end, 'switch/export-data'), import: stepSeconds(end, 'switch/import-data') },
    };
  } finally {
    await root.dispose();
  }
}

const lines = ['| | | by hand s | crossgrade s | ratio |', '|-|-|-|-|-|'];
const wrong: string[] = [];
for (const kind of kinds) {
  const { hand, ours } = await measure(kind);
  const both: [string, number, number][] = [
    ['export', hand.export, ours.export],
    ['import', hand.import, ours.import],
    ['both', hand.export + hand.import, ours.export + ours.import],
  ];
  for (const [what, by, our] of both) {
    lines.push(`| ${kind.name} | ${what} | ${by.toFixed(1)} | ${our.toFixed(1)} | ${(our / by).toFixed(2)} |`);
  }
  const ratio = (ours.export + ours.import) / (hand.export + hand.import);
  if (ratio > most) wrong.push(`${kind.name}: ${ratio.toFixed(2)} times the time by hand, more than ${most}`);
  console.info(lines.slice(-3).join('\n'));
}
console.info(`\n${lines.join('\n')}`);
if (wrong.length > 0) {
  console.error(`\n${wrong.join('\n')}`);
  process.exitCode = 1;
}
