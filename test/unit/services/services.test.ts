import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { compareServices, compareSockets, servicesToStart } from '../../../src/services/compare-services.ts';
import {
  type ListeningSocket,
  parseListening,
  parseOwners,
  parseUnitFiles,
  parseUnits,
  type Services,
  type Unit,
} from '../../../src/services/services.ts';

/** What a Debian 12 server said; see fixtures/README.md. */
const said = new Map(
  readFileSync(new URL('../../../fixtures/services/bookworm.txt', import.meta.url), 'utf8')
    .split(/^\$ /m)
    .map((part): [string, string] => [
      part.split(' ').slice(0, 2).join(' ').split('\n')[0] ?? '',
      part.slice(part.indexOf('\n') + 1),
    ]),
);
const units = parseUnits(said.get('systemctl show') ?? '');

describe('a recorded Debian 12', () => {
  test('has its services with state, program and what starts them', () => {
    const find = (name: string) => units.find((one) => one.name === name);
    expect(find('ssh.service')).toEqual({
      name: 'ssh.service',
      state: 'active',
      passing: false,
      onDemand: false,
      unwanted: false,
      program: '/usr/sbin/sshd',
      dropIns: [],
    });
    expect(find('apt-daily.service')).toMatchObject({ state: 'inactive', passing: true, onDemand: true });
    expect(find('apt-daily.timer')).toMatchObject({ state: 'active' });
    expect(find('networking.service')).toMatchObject({ state: 'active', passing: true });
  });

  test('has nothing that comes and goes by itself', () => {
    const names = units.map(({ name }) => name);
    expect(names.filter((name) => /^(session-|user@|user-runtime|run-)|\.(scope|slice|device)$/.test(name))).toEqual(
      [],
    );
    expect(names.filter((name) => name.endsWith('.mount'))).toEqual([]);
  });

  test('has what is started at boot', () => {
    const files = parseUnitFiles(said.get('systemctl list-unit-files') ?? '');
    expect(files).toMatchObject({ 'ssh.service': 'enabled', 'systemd-networkd.service': 'disabled' });
    expect(files['cryptdisks.service']).toBe('masked');
    expect(Object.keys(files).filter((name) => name.endsWith('.scope'))).toEqual([]);
  });

  test('has who listens', () => {
    expect(parseListening(said.get('ss -H') ?? '')).toEqual([
      { protocol: 'tcp', address: '0.0.0.0', port: 22, programs: ['sshd'] },
      { protocol: 'tcp', address: '::', port: 22, programs: ['sshd'] },
    ]);
  });

  test('has the packages of the programs, with /usr and without it', () => {
    const build = (name: string) =>
      ({ name, architecture: 'i386', version: '1', state: 'installed' }) as InstalledPackage;
    const owners = parseOwners(said.get('dpkg-query --search') ?? '', ['openssh-server', 'cron', 'systemd'].map(build));
    expect(owners.get('/usr/sbin/sshd')).toEqual({ package: 'openssh-server:i386', version: '1' });
    expect(owners.get('/usr/lib/systemd/systemd-journald')?.package).toBe('systemd:i386');
    expect(owners.get('/lib/systemd/systemd-journald')?.package).toBe('systemd:i386');
    expect(owners.size).toBe(6);
  });
});

test('addresses are read with their interfaces, and programs that share one come together', () => {
  const text = `udp UNCONN 0 0 [fe80::1]%eth0:546 [::]:* users:(("dhclient",pid=9,fd=20))
tcp LISTEN 0 511 *:80 *:* users:(("apache2",pid=3,fd=4),("apache2",pid=2,fd=4))
tcp LISTEN 0 64 0.0.0.0%mgmt:2049 0.0.0.0:*
raw UNCONN 0 0 *:58 *:*`;
  expect(parseListening(text)).toEqual([
    { protocol: 'udp', address: 'fe80::1', device: 'eth0', port: 546, programs: ['dhclient'] },
    { protocol: 'tcp', address: '*', port: 80, programs: ['apache2'] },
    { protocol: 'tcp', address: '0.0.0.0', device: 'mgmt', port: 2049, programs: [] },
  ]);
});

const unit = (name: string, more: Partial<Unit> = {}): Unit => ({
  name,
  state: 'active',
  passing: false,
  onDemand: false,
  unwanted: false,
  dropIns: [],
  ...more,
});
const services = (some: readonly Unit[], more: Partial<Services> = {}): Services => ({
  version: 1,
  bootId: 'a',
  units: some,
  unitFiles: Object.fromEntries(some.map(({ name }) => [name, 'enabled'])),
  sockets: [],
  anyPorts: [32_768, 60_999],
  ...more,
});
const build = (version: string) => ({ architecture: 'i386', version });
const plan = {
  changes: [
    { name: 'old', change: 'vanishing', reason: 'there is no build', before: build('1') },
    { name: 'new', change: 'added', reason: 'daemon needs it', after: build('1') },
    { name: 'daemon', change: 'replaced', reason: 'only 2 is there', before: build('1'), after: build('2') },
  ],
} as unknown as Plan;
const held = new Set<string>();

const compared = (before: Services, now: Services, options = { plan, held: held as ReadonlySet<string> }) =>
  compareServices(before, now, options).differences.map(
    ({ what, explanation, command }) =>
      `${what} | ${explanation ?? '?'}${command === undefined ? '' : ` | ${command}`}`,
  );
const one = (before: Unit, now: Unit | undefined, more: Partial<Services> = {}) =>
  compared(services([before]), services(now ? [now] : [], more));

describe('what ran before', () => {
  test('and runs now, is no difference', () => {
    expect(one(unit('a.service'), unit('a.service'))).toEqual([]);
  });

  test('and does not now, is to be started, and named', () => {
    const stopped = unit('a.service', { state: 'inactive' });
    expect(one(unit('a.service'), stopped)).toEqual([
      'a.service does not run; it did before | ? | systemctl start a.service',
    ]);
    const failed = unit('a.service', { state: 'failed' });
    expect(one(unit('a.service'), failed)).toEqual(['a.service has failed | ? | systemctl restart a.service']);
    for (const now of [stopped, failed]) {
      expect(servicesToStart(services([unit('a.service')]), services([now]), { held })).toEqual(['a.service']);
    }
  });

  test('had failed before, is as it was', () => {
    const failed = unit('a.service', { state: 'failed' });
    expect(one(failed, failed)).toEqual([]);
    expect(servicesToStart(services([failed]), services([failed]), { held })).toEqual([]);
  });

  test('is done, or waits to be asked for, may rest', () => {
    for (const more of [{ onDemand: true }, { passing: true, unwanted: true }]) {
      const now = unit('a.service', { ...more, state: 'inactive' });
      expect(one(unit('a.service', more), now), JSON.stringify(more)).toEqual([]);
      expect(servicesToStart(services([unit('a.service', more)]), services([now]), { held })).toEqual([]);
    }
    const failed = unit('a.service', { onDemand: true, state: 'failed' });
    expect(one(unit('a.service', { onDemand: true }), failed)).toHaveLength(1);
  });

  test('does something at boot that stays done, and is undone now, is named', () => {
    const done = unit('networking.service', { passing: true });
    expect(one(done, { ...done, state: 'inactive' })).toHaveLength(1);
  });

  test('went with its package, as planned', () => {
    expect(one(unit('old.service', { package: 'old:i386' }), undefined, { unitFiles: {} })).toEqual([
      'old.service is gone | old went: there is no build',
    ]);
    expect(one(unit('a.service'), undefined, { unitFiles: {} })).toEqual(['a.service is gone; it ran before | ?']);
  });

  test('stands still while its data waits', () => {
    const options = { plan, held: new Set(['slapd.service']) };
    const now = services([unit('slapd.service', { state: 'inactive' })]);
    expect(compared(services([unit('slapd.service')]), now, options)).toEqual([
      'slapd.service stands still | its data is not imported yet: see there',
    ]);
    expect(servicesToStart(services([unit('slapd.service')]), now, options)).toEqual([]);
  });

  test('is of another version: only as planned', () => {
    const daemon = (version: string) =>
      unit('daemon.service', { program: '/usr/sbin/daemon', package: 'daemon:i386', version });
    expect(one(daemon('1'), daemon('2'))).toEqual([
      'daemon.service starts /usr/sbin/daemon of daemon:i386 2, before of daemon:i386 1 | only 2 is there',
    ]);
    expect(one(daemon('1'), daemon('3'))[0]).toMatch(/\| \?$/);
    expect(one(daemon('1'), unit('daemon.service', { program: '/bin/other' }))[0]).toMatch(/starts \/bin\/other now/);
  });

  test('has lost a file that adds to it', () => {
    expect(one(unit('a.service', { dropIns: ['/etc/a.conf'] }), unit('a.service'))).toEqual([
      '/etc/a.conf no longer adds to a.service | ?',
    ]);
  });
});

describe('what did not run before', () => {
  const stopped = unit('a.service', { state: 'inactive' });

  test('and runs now, is named', () => {
    expect(one(stopped, unit('a.service'))).toEqual([
      'a.service runs; it did not before | ? | systemctl stop a.service',
    ]);
  });

  test('but is started at each boot, is explained by a boot', () => {
    expect(one(stopped, unit('a.service'), { bootId: 'b' })).toEqual([
      'a.service runs; it did not before | it is started at each boot',
    ]);
  });

  test('and came with a package, is explained by that', () => {
    const now = services([unit('new.service', { package: 'new:amd64' })]);
    expect(compared(services([]), now)).toEqual(['new.service runs; it did not before | new came: daemon needs it']);
  });

  test('and is started when somebody asks for it, is nothing', () => {
    expect(one(stopped, unit('a.service'), { unitFiles: { 'a.service': 'static' } })).toEqual([
      'a.service is static; it was enabled | ? | systemctl enable a.service',
    ]);
    expect(compared(services([]), services([unit('x.service', { onDemand: true })]))).toEqual([]);
  });
});

test('what is started at boot is compared', () => {
  const files = (unitFiles: Services['unitFiles']) => services([], { unitFiles });
  expect(compared(files({ 'a.service': 'masked' }), files({ 'a.service': 'disabled' }))).toEqual([
    'a.service is disabled; it was masked | ? | systemctl mask a.service',
  ]);
  expect(compared(files({ 'a.service': 'static' }), files({ 'a.service': 'indirect' }))).toEqual([]);
});

describe('listening addresses', () => {
  const socket = (port: number, program: string, more: Partial<ListeningSocket> = {}): ListeningSocket => ({
    protocol: 'tcp',
    address: '0.0.0.0',
    port,
    programs: [program],
    ...more,
  });
  const sockets = (before: readonly ListeningSocket[], now: readonly ListeningSocket[]) =>
    compareSockets(services([], { sockets: before }), services([], { sockets: now })).differences.map(
      ({ what }) => what,
    );

  test('are lost, new, or of another program', () => {
    expect(sockets([socket(80, 'apache2')], [])).toEqual(['nobody listens on 0.0.0.0:80/tcp; before: apache2']);
    expect(sockets([], [socket(80, 'nginx', { address: '::', device: 'mgmt' })])).toEqual([
      'nginx listens on [::]%mgmt:80/tcp; nobody did before',
    ]);
    expect(sockets([socket(80, 'apache2')], [socket(80, 'nginx')])).toEqual([
      'nginx listens on 0.0.0.0:80/tcp; before: apache2',
    ]);
    expect(sockets([socket(80, 'apache2')], [socket(80, 'apache2')])).toEqual([]);
  });

  test('that the kernel has chosen may be others each time', () => {
    expect(sockets([socket(40_001, 'rpc.statd')], [socket(45_555, 'rpc.statd')])).toEqual([]);
    expect(sockets([socket(40_001, 'rpc.statd')], [])).toHaveLength(1);
  });

  test('are not compared where ss was not there', () => {
    const { sockets: _, ...unknown } = services([]);
    expect(compareSockets(unknown, services([], { sockets: [socket(80, 'nginx')] }))).toEqual({
      rows: [{ label: 'listening addresses', before: 'not looked at', after: 'not looked at' }],
      differences: [],
    });
  });
});
