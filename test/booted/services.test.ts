import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VerifyReport } from '../../src/compare/verify-report.ts';
import {
  buildDeb,
  journalOf,
  type LiveHost,
  leftUndone,
  liveHost,
  smallHost,
  waitForLiveEvent,
} from '../support/booted/live-host.ts';
import { makeOwnServices, ownServicePackages } from '../support/booted/own-services.ts';

let host: LiveHost;

beforeAll(async () => {
  const deb = await buildDeb();
  host = await liveHost({ ...smallHost, packages: [...smallHost.packages, ...ownServicePackages] }, deb.deb);
  deb.dispose();
  await makeOwnServices(host.booted);
});

afterAll(async () => host?.dispose());

/** As the administrator sees it. */
const questions = `systemctl is-active port443 a-fragile b-base echo.socket often.timer stays-off ssh cron
systemctl is-enabled port443 stays-off unwanted.service often.timer
socat - TCP:127.0.0.1:443 < /dev/null
echo back | socat -t1 - TCP:127.0.0.1:7777`;

test('what ran before runs again, if need be at the second try; what does not is named with its journal', async () => {
  const { booted } = host;
  const before = (await booted.exec(['sh', '-c', questions])).stdout;
  expect(before).toMatch(
    /^active\nactive\nactive\nactive\nactive\ninactive\nactive\nactive\nenabled\ndisabled\nmasked\n/,
  );
  expect(before).toMatch(/\nserved\nback\n$/);

  await booted.mustExec(['crossgrade', 'run', '--yes', '--until', 'libraries']);
  const running = booted.exec(['crossgrade', 'resume', '--yes']);
  await waitForLiveEvent(
    journalOf(booted),
    (event) => event.type === 'batch-finished' && event.batch.startsWith('core'),
  );
  await booted.mustExec(['touch', '/root/no']);
  await booted.mustExec(['systemctl', 'kill', '--signal=KILL', 'a-fragile', 'b-base', 'never']);
  const ended = await running;
  console.info(ended.stdout);
  expect(ended.exitCode).toBe(0);

  expect((await booted.exec(['sh', '-c', questions])).stdout).toBe(before);
  expect(await booted.failedUnits()).toEqual(['never.service']);
  const seen = await booted.exec(['crossgrade', 'verify', '--json']);
  expect(seen.exitCode).toBe(1);
  const report = JSON.parse(seen.stdout) as VerifyReport;
  expect(report.differences.filter(({ explanation }) => explanation === null)).toEqual([
    {
      area: 'services',
      what: 'never.service has failed',
      explanation: null,
      details: expect.arrayContaining(['The file /root/no is there']),
      command: 'systemctl restart never.service',
    },
  ]);
  expect(report.rows.find(({ label }) => label === 'listening addresses')).toMatchObject({ before: '4', after: '4' });

  await booted.mustExec(['rm', '/root/no']);
  await booted.mustExec(['systemctl', 'restart', 'never.service']);
  expect(await leftUndone(booted)).toEqual([]);
});

test('what was set differently since is named, with the command that sets it back', async () => {
  const { booted } = host;
  const commands = [
    'systemctl disable --now port443.service',
    'systemctl start stays-off.service',
    'systemctl unmask unwanted.service',
    'rm /etc/systemd/system/port443.service.d/capability.conf',
    'systemctl daemon-reload',
  ];
  for (const command of commands) await booted.mustExec(command.split(' '));
  const { stdout } = await booted.exec(['crossgrade', 'verify', '--json']);
  const { differences } = JSON.parse(stdout) as VerifyReport;
  const open = differences.filter(({ explanation, area }) => explanation === null && /services|sockets/.test(area));
  expect(open.map(({ what }) => what)).toEqual([
    'port443.service does not run; it did before',
    'stays-off.service runs; it did not before',
    'port443.service is disabled; it was enabled',
    'unwanted.service is gone; it was masked',
    'nobody listens on 0.0.0.0:443/tcp; before: socat',
  ]);
});
