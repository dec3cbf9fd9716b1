import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Booted, boot, bootableServer, bootableServices } from '../support/booted/booted.ts';
import { buildDeb, eventsIn, journalOf, leftUndone } from '../support/booted/live-host.ts';
import { fillData, manifestIn } from '../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn } from '../support/runs/conversion.ts';

let root: FreshRoot;
let booted: Booted;

beforeAll(async () => {
  const deb = await buildDeb();
  root = await freshRoot({ suite: 'bookworm', packages: [...bootableServer.packages, ...bootableServices.packages] });
  await fillData(root.directory, { rows: 2_000, entries: 200, rrdFiles: 50 });
  booted = await boot(root);
  await booted.isSystemRunning();
  await booted.mustExec(['apt-get', 'update']);
  // Its configuration stays: something to decide.
  await booted.mustExec(['apt-get', '-y', 'remove', 'zsh']);
  await booted.install(deb.deb);
  deb.dispose();
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

const up = '\u001b[A';
const down = '\u001b[B';

/** As an administrator would ask whether all of it works. */
const questions = `su postgres -c "psql --cluster 15/main -At -d app -c 'SELECT count(*), sum(price) FILTER (WHERE price <> 0.001) FROM shop.orders'"
su postgres -c "psql --cluster 15/second -At -d zweite -c 'SELECT count(*) FROM sorted'"
ldapsearch -x -LLL -H ldap://127.0.0.1 -b dc=nodomain '(uid=user7)' memberOf cn
rrdtool lastupdate /var/lib/munin/example/3.rrd
mariadb -e 'SELECT plugin, user FROM mysql.user ORDER BY 2'
redis-cli get kept
printf 'GET / HTTP/1.0\\r\\n\\r\\n' | socat - TCP:127.0.0.1:80 | head -1
for unit in ssh apache2 mariadb postgresql@15-main postgresql@15-second redis-server slapd postfix@- named smbd cron rsyslog; do
  echo $unit $(systemctl is-active $unit)
done`;

/** New logins at each boundary, until the run has come to its end. */
async function logInAtEachBatch(): Promise<string[]> {
  const seen = new Set<string>();
  for (;;) {
    const events = await eventsIn(journalOf(booted));
    const batches = events.flatMap((event) => (event.type === 'batch-finished' ? [event.batch] : []));
    for (const batch of batches.filter((one) => !seen.has(one))) {
      seen.add(batch);
      expect(await booted.newSshLogin(['cat', '/proc/self/cgroup']), batch).toContain('/session-');
    }
    if (events.some((event) => event.type === 'run-finished' || event.type === 'error')) return [...seen];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

test('a server with web, mail, names, shares and databases is led through it on 80×24, and all of it runs again', async () => {
  await booted.mustExec(['redis-cli', 'set', 'kept', 'yes']);
  const failedBefore = await booted.failedUnits();
  const before = await booted.mustExec(['sh', '-c', questions]);
  const terminal = await booted.sshTerminal(['crossgrade'], { environment: { LANG: 'C.UTF-8' } });

  console.info(await terminal.waitFor(/Decision 1 of 1: residual-config[\s\S]*❯/, 120_000));
  await terminal.type(`${down}\r`);
  const asked = await terminal.waitFor(/What now\?/, 120_000);
  console.info(asked);
  expect(asked).toContain('point of no return, after');
  expect(asked.replaceAll(/\s+/g, ' ')).toContain('What uses PostgreSQL, slapd, RRD files stands still');
  // A page at a time: the first one begins with the heading, and the last ends with the same question.
  await terminal.type('\r');
  const page = await terminal.waitFor(/More\?/, 10_000);
  expect(page.split('\n')[0]).toBe('From i386 to amd64');
  await terminal.type('n');
  await terminal.type('\r');
  await terminal.waitFor(/❯ Show the whole plan/, 10_000);
  await terminal.type(`${up}\r`);

  const logins = logInAtEachBatch();
  console.info(await terminal.waitFor(/Replace everything else.*\n.*rest-/, 300_000));
  expect(await terminal.waitForEnd(900_000)).toBe(0);
  const end = await terminal.screen();
  console.info(end);
  expect(end).toContain('This is a 64-bit system now.');
  expect((await logins).length).toBeGreaterThan(7);

  expect(await booted.mustExec(['sh', '-c', questions])).toBe(before);
  expect(await booted.failedUnits()).toEqual(failedBefore);
  expect(await leftUndone(booted)).toEqual([]);
  expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  const { items, holds } = manifestIn(root.directory);
  expect(items.map((item: { kind: string; state: string }) => `${item.kind} ${item.state}`).sort()).toEqual([
    ...['postgresql imported', 'postgresql imported', 'rrd imported', 'slapd imported', 'slapd imported'],
  ]);
  expect(holds).toEqual([]);
});

test('on a serial line that does not know its size the lines are as long as on 80 columns', async () => {
  const terminal = await booted.terminal(['sh', '-c', 'stty rows 0 cols 0; crossgrade explain data/rrd; sleep 3'], {
    environment: { TERM: 'vt220' },
  });
  const shown = await terminal.waitFor(/Source:/, 20_000);
  expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeGreaterThan(60);
});
