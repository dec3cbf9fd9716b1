import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { journalFile } from '../../src/base/own-paths.ts';
import type { CheckReport } from '../../src/check/check-report-schema.ts';
import { type Booted, boot, bootableServer } from '../support/booted/booted.ts';
import { dataPackages, fillData, manifestIn } from '../support/roots/data-root.ts';
import { freshRoot } from '../support/roots/roots.ts';
import { comparisonIn } from '../support/runs/conversion.ts';

/** A library that somebody built: named while a database uses it, or while nobody can say whether one does. */
async function expectOwnLibraryFound(booted: Booted): Promise<void> {
  const psql = (sql: string) =>
    booted.mustExec(['su', 'postgres', '-c', `psql -q --cluster 15/main -d app -c "${sql}"`]);
  const findings = async () => {
    const { stdout } = await booted.exec(['crossgrade', 'check', '--json'], { limitMs: 300_000 });
    const report = JSON.parse(stdout) as CheckReport;
    return report.findings
      .filter(({ id }) => id.startsWith('data/extension'))
      .map(({ id, affected }) => [id, affected]);
  };
  const folder = '/usr/lib/postgresql/15/lib';
  await booted.mustExec(['cp', `${folder}/hstore.so`, `${folder}/ours.so`]);
  await psql("CREATE FUNCTION ours(hstore) RETURNS int LANGUAGE c AS '\\$libdir/ours', 'hstore_hash'");
  const second = ['data/extension-unasked', [expect.stringMatching(/ours\.so \(in no package\), cluster 15\/second/)]];
  expect(await findings()).toEqual([
    ['data/extension', [expect.stringMatching(/ours\.so \(in no package\), cluster 15\/main/)]],
    second,
  ]);
  await psql('DROP FUNCTION ours(hstore)');
  expect(await findings()).toEqual([second]);
  await booted.mustExec(['rm', `${folder}/ours.so`]);
  expect(await findings()).toEqual([]);
}

/** On a system that runs: services are stopped as late as possible, and are back with their data in 64 bit. */
test('the data of running services is carried over, and they run again', async () => {
  const work = mkdtempSync(join(tmpdir(), 'crossgrade-deb-'));
  const { stdout } = await promisify(execFile)('bash', ['scripts/deb.sh', work]);
  const root = await freshRoot({ suite: 'bookworm', packages: [...bootableServer.packages, ...dataPackages] });
  await fillData(root.directory, { rows: 2_000, entries: 200, rrdFiles: 50 });
  const booted = await boot(root);
  try {
    await booted.isSystemRunning();
    const ask = (argv: string) => booted.mustExec(['sh', '-c', argv]);
    const state = () =>
      ask(`su postgres -c "psql --cluster 15/main -At -d app -c 'SELECT count(*), sum(price) FILTER (WHERE price <> 0.001) FROM shop.orders'"
ldapsearch -x -LLL -H ldap://127.0.0.1 -b dc=nodomain '(uid=user7)' memberOf cn
rrdtool lastupdate /var/lib/munin/example/3.rrd
systemctl is-active postgresql@15-main slapd rrdcached; systemctl is-active postgresql@15-second || true`);
    // One cluster is down, and stays so.
    await ask('systemctl stop postgresql@15-second; systemctl disable postgresql@15-second 2>/dev/null || true');
    // At any moment a job of cron is at work, which cron does not end with itself.
    await ask(`rrdtool create /var/lib/munin/job.rrd --step 1 --start 1600000000 DS:a:GAUGE:5:U:U RRA:LAST:0.5:1:5000
printf '#!/bin/sh\\nfor i in $(seq 70); do echo "update /var/lib/munin/job.rrd N:$i"; sleep 1; done | rrdtool - >/dev/null\\n' >/usr/local/bin/job
chmod 755 /usr/local/bin/job; echo '* * * * * root /usr/local/bin/job' >/etc/cron.d/job`);
    await ask('apt-get update');
    const before = await state();
    await booted.install(stdout.trimEnd());
    await expectOwnLibraryFound(booted);
    const run = await booted.exec(['crossgrade', 'run', '--yes'], { limitMs: 1_200_000 });
    console.info(run.stdout.split('\n').slice(-60).join('\n'), run.stderr.split('\n').slice(-80).join('\n'));
    expect(run.exitCode).toBe(0);
    expect(await state()).toBe(before);
    expect(
      await ask('dpkg --print-architecture; file -L /usr/lib/postgresql/15/bin/postgres 2>/dev/null || true'),
    ).toMatch(/^amd64/);
    const { items, holds } = manifestIn(root.directory);
    expect(holds).toEqual([]);
    expect(new Set(items.map((item: { state: string }) => item.state))).toEqual(new Set(['imported']));
    const units = join(root.directory, 'etc/systemd/system');
    expect(
      readdirSync(units, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('crossgrade.conf')),
    ).toEqual([]);
    expect(existsSync(join(root.directory, 'srv/pg/second.crossgrade-i386'))).toBe(true);
    expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
    expect(readFileSync(join(root.directory, journalFile), 'utf8')).toMatch(
      /waiting for programs of stopped services: .*rrdtool \(pid \d+ of cron\.service\)/,
    );
    expect(await booted.failedUnits()).toEqual([]);
  } finally {
    await booted.close();
    await root.dispose();
    rmSync(work, { recursive: true });
  }
});
