import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildDeb, type LiveHost, leftUndone, liveHost, smallHost } from '../support/booted/live-host.ts';

let deb: Awaited<ReturnType<typeof buildDeb>>;
let host: LiveHost;

beforeAll(async () => {
  deb = await buildDeb();
  host = await liveHost(smallHost, deb.deb);
});

afterAll(async () => {
  await host?.dispose();
  deb?.dispose();
});

/** The file of sources of the next release, whatever the mirror is called. */
const toTrixie = String.raw`sed -i -E 's/\bbookworm\b/trixie/g' /etc/apt/sources.list $(ls /etc/apt/sources.list.d/* 2>/dev/null)`;

test('a 32-bit bookworm goes over to 64 bit, and on to Debian 13, which has no 32-bit kernel', async () => {
  const { booted } = host;
  const run = await booted.exec(['crossgrade', 'run', '--yes'], { limitMs: 900_000 });
  expect(run, run.stderr).toMatchObject({ exitCode: 0 });
  expect(await leftUndone(booted)).toEqual([]);
  await booted.mustExec(['apt-get', '-y', 'purge', 'crossgrade']);
  await booted.mustExec(['sh', '-c', toTrixie]);
  await booted.mustExec(['apt-get', 'update']);
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-o', 'Dpkg::Options::=--force-confold', '-o', 'Dpkg::Options::=--force-confdef'];
  const upgrade = await booted.exec(['apt-get', '-y', ...options, 'full-upgrade'], { environment, limitMs: 1_200_000 });
  expect(upgrade, `${upgrade.stdout.slice(-3000)}\n${upgrade.stderr}`).toMatchObject({ exitCode: 0 });
  expect(await booted.readFile('/etc/debian_version')).toMatch(/^13/);
  expect(await booted.mustExec(['dpkg', '--print-architecture'])).toBe('amd64\n');
  expect(await booted.mustExec(['dpkg', '--audit'])).toBe('');
  await booted.powerOff();
  await booted.start();
  await booted.waitForSsh();
  expect(await booted.failedUnits()).toEqual([]);
});
