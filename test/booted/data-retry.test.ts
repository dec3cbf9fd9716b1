import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Booted, boot } from '../support/booted/booted.ts';
import { buildDeb, journalOf, leftUndone, smallHost, waitForLiveEvent } from '../support/booted/live-host.ts';
import { fillSlapd } from '../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn } from '../support/runs/conversion.ts';

/** A directory that is in use. */
let root: FreshRoot;
let booted: Booted;
let before: string;

beforeAll(async () => {
  const deb = await buildDeb();
  root = await freshRoot({ ...smallHost, packages: [...smallHost.packages, 'slapd', 'ldap-utils'] });
  await fillSlapd(root.directory, { entries: 200 });
  booted = await boot(root);
  await booted.isSystemRunning();
  await booted.mustExec(['apt-get', 'update']);
  await booted.install(deb.deb);
  deb.dispose();
  before = await entry();
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

const sh = (script: string) => booted.mustExec(['sh', '-ec', script]);
/** slapd's script of init has ended before slapd listens. */
const entry = () =>
  sh(`for try in $(seq 50); do
  ldapsearch -x -LLL -H ldap://127.0.0.1 -b dc=nodomain '(uid=user7)' cn memberOf && exit 0
  sleep 0.2
done
exit 1`);
const isActive = async () => (await booted.exec(['systemctl', 'is-active', 'slapd'])).stdout.trim();
const resume = async () => {
  const { exitCode, stdout, stderr } = await booted.exec(['crossgrade', 'resume', '--yes'], { limitMs: 600_000 });
  return { exitCode, said: `${stdout}\n${stderr}`.replace(/\s+/g, ' ') };
};

test('an import that failed is tried again by a resume, and what somebody mended by hand meanwhile is left alone', async () => {
  const ldif = join(root.directory, 'var/lib/crossgrade/exports/slapd-1/database.ldif');
  const run = booted.exec(['crossgrade', 'run', '--yes'], { limitMs: 1_200_000 });
  await waitForLiveEvent(
    journalOf(booted),
    (event) => event.type === 'step-finished' && event.step === 'switch/export-data',
  );
  const good = readFileSync(ldif);
  writeFileSync(ldif, good.subarray(0, good.length >> 1));
  const end = await run;
  console.info(end.stdout, end.stderr);
  expect(end.exitCode).toBe(1);
  expect(end.stderr).toContain('NOT carried over');
  expect(await isActive()).toBe('inactive');
  // Nobody has to look for the reason.
  const held = /These services do not start until their data is imported:\n +slapd\.service\n/;
  expect(await sh('crossgrade status')).toMatch(held);
  expect(await booted.readFile('/etc/motd.d/crossgrade')).toMatch(held);
  const unexplained = comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null);
  expect(unexplained.map(({ what }) => what)).toEqual([expect.stringMatching(/^slapd’s database 1 .* NOT imported/)]);
  expect((await booted.exec(['dpkg', '--purge', 'crossgrade'])).stderr).toContain("type 'crossgrade resume'");
  // dpkg remembers the wish.
  await sh('echo crossgrade install | dpkg --set-selections');

  const damaged = await resume();
  expect(damaged).toMatchObject({ exitCode: 1, said: expect.stringContaining('the export is damaged') });
  expect(damaged.said).not.toContain('CG0270');

  writeFileSync(ldif, good);
  await sh(`rm /etc/systemd/system/slapd.service.d/crossgrade.conf
systemctl daemon-reload
sed 's/^cn: User 7$/cn: By hand/' /var/lib/crossgrade/exports/slapd-1/database.ldif > /tmp/by-hand.ldif
setpriv --reuid=openldap --regid=openldap --init-groups slapadd -q -n 1 -l /tmp/by-hand.ldif
systemctl start slapd`);
  const byHand = await entry();
  expect(byHand).toContain('cn: By hand');
  const refused = await resume();
  expect(refused).toMatchObject({ exitCode: 1, said: expect.stringContaining('somebody has made a database') });
  expect(await isActive()).toBe('active');
  expect(await entry()).toBe(byHand);

  await sh('systemctl stop slapd; mkdir /root/ours; mv /var/lib/ldap/*.mdb /root/ours');
  const again = await resume();
  expect(again, again.said).toMatchObject({ exitCode: 0 });
  expect(await isActive()).toBe('active');
  expect(await entry()).toBe(before);
  expect(await leftUndone(booted)).toEqual([]);
});
