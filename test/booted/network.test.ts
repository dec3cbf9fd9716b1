import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckReport, reportSchema } from '../../src/check/check-report-schema.ts';
import { type Booted, boot } from '../support/booted/booted.ts';
import { buildDeb, eventsIn, journalOf, leftUndone, smallHost, waitForLiveEvent } from '../support/booted/live-host.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';

/**
 * A host that is managed by a second way out, with rules, a moved rule for `local` and a packet filter of its own.
 * (Where the kernel has no VRFs, as in many containers, tables and rules are all there is of them.)
 */
const interfaces = `
auto lo
iface lo inet loopback

auto v0
iface v0 inet static
  pre-up ip link add v0 type veth peer name v1 && ip link set v1 up
  address 10.9.0.5/24
  post-up ip route add default via 10.9.0.1 dev v0 table 10
  post-up ip route add unreachable default metric 4278198272 table 10
  post-up ip rule add from 10.9.0.5 lookup 10
  post-up for f in 4 6; do ip -$f rule add pref 32765 table local; ip -$f rule del pref 0; done
`;

const nftables = `#!/usr/sbin/nft -f
flush ruleset
table inet filter {
  set admins { type ipv4_addr; flags interval; elements = { 10.0.2.0/24, 10.9.0.0/24 } }
  chain input {
    type filter hook input priority 0; policy accept;
    ip saddr @admins tcp dport 22 counter accept
    tcp dport 8443 drop
  }
}
`;

/** Beside ifupdown, systemd-networkd and a script of the administrator's set up what is theirs. */
const others = {
  'etc/systemd/networkd.conf.d/others.conf': '[Network]\nManageForeignRoutes=no\nManageForeignRoutingPolicyRules=no\n',
  'etc/systemd/network/w0.netdev': '[NetDev]\nName=w0\nKind=veth\n[Peer]\nName=w1\n',
  'etc/systemd/network/w1.network': '[Match]\nName=w1\n[Network]\nLinkLocalAddressing=no\n',
  'etc/systemd/network/w0.network':
    '[Match]\nName=w0\n[Network]\nAddress=10.11.0.5/24\nAddress=2001:DB8:11::5/64\n[Route]\nGateway=10.11.0.1\nTable=11\n' +
    '[RoutingPolicyRule]\nFrom=10.11.0.5\nTable=11\n',
  'etc/systemd/system/more-routes.service':
    '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/sh /usr/local/sbin/more-routes\n[Install]\nWantedBy=multi-user.target\n',
  'usr/local/sbin/more-routes': 'NET=10.66.0.0\nip route add blackhole $NET/16\n',
};

/** By hand, and nowhere else. The way of our own login is among it. */
const byHand = [
  'ip address add 10.8.0.5/24 dev v0',
  'ip -4 route add 10.0.2.0/24 dev tap0 table 20',
  'ip -4 rule add priority 100 from 10.0.2.100 lookup 20',
  'ip -6 rule add priority 101 from 2001:db8::/32 lookup 10',
  'nft add rule inet filter input tcp dport 8080 drop',
];

let deb: Awaited<ReturnType<typeof buildDeb>>;
let root: FreshRoot;
let booted: Booted;

beforeAll(async () => {
  deb = await buildDeb();
  root = await freshRoot({ ...smallHost, packages: [...smallHost.packages, 'ifupdown', 'iproute2', 'nftables'] });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root.directory, path)), { recursive: true });
    writeFileSync(join(root.directory, path), text);
  };
  write('etc/network/interfaces', interfaces);
  write('etc/nftables.conf', nftables);
  for (const [path, text] of Object.entries(others)) write(path, text);
  booted = await boot(root);
  expect(await booted.isSystemRunning()).toBe('running');
  const services = ['nftables.service', 'systemd-networkd.service', 'more-routes.service'];
  await booted.mustExec(['systemctl', 'enable', '--now', ...services]);
  await booted.mustExec(['apt-get', 'update']);
  await booted.install(deb.deb);
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
  deb?.dispose();
});

/** Findings about the network of one who is logged in over ssh. */
async function check(): Promise<CheckReport['findings']> {
  const { stdout } = await booted.ssh(['crossgrade', 'check', '--json', '--scan', 'none']);
  return reportSchema.parse(JSON.parse(stdout)).findings.filter(({ id }) => id.startsWith('network/'));
}

test('what is in files, scripts and services comes back, and is no matter for a report but the way of the login', async () => {
  const routes = await booted.mustExec(['ip', 'route', 'show', 'table', 'all']);
  expect(routes).toContain('default via 10.11.0.1 dev w0 table 11 proto static');
  expect(routes).toContain('blackhole 10.66.0.0/16');
  const found = await check();
  expect(found.map(({ id, severity, affected }) => [id, severity, affected])).toEqual([
    ['network/login-path', 'note', ['ssh from 10.0.2.2 to 10.0.2.100 port 22; back by interface tap0']],
  ]);
});

test('what was set by hand is reported beforehand, missed after a power cut, and comes back by the commands', async () => {
  for (const command of byHand) await booted.mustExec(['sh', '-c', command]);
  const found = await check();
  console.info((await booted.ssh(['crossgrade', 'check', '--verbose', '--scan', 'none', '--no-color'])).stdout);
  const wayBack = [
    'the IPv4 route 10.0.2.0/24 dev tap0 table 20 scope link',
    'the IPv4 rule 100: from 10.0.2.100 lookup 20',
  ];
  expect(found.map(({ id, severity, affected }) => [id, severity, affected])).toEqual([
    [
      'network/login-path-at-risk',
      'warning',
      ['ssh from 10.0.2.2 to 10.0.2.100 port 22; back by interface tap0, table 20', ...wayBack],
    ],
    [
      'network/run-time-only',
      'warning',
      [
        'the address 10.8.0.5/24 of v0',
        'the IPv6 rule 101: from 2001:db8::/32 lookup 10',
        'nft, table inet filter: tcp dport 8080 drop',
      ],
    ],
  ]);

  const administrator = await booted.sshTerminal([]);
  await administrator.waitFor(/^root@.*#$/m);
  await booted.newSshLogin(['systemd-run', '--quiet', 'crossgrade', 'run', '--yes']);
  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'batch-started' && event.wave === 'core');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await booted.cut();
  await booted.start();
  await booted.waitForSsh();
  const warning = await waitForLiveEvent(journalOf(booted), (event) => event.type === 'step-warning');
  expect(warning).toMatchObject({
    step: 'prepare/compare-network',
    text: expect.stringContaining('before the reboot'),
  });
  const status = await booted.newSshLogin(['crossgrade', 'status']);
  console.info(status);
  expect(status).toContain('ip -4 rule add priority 100 from 10.0.2.100 lookup 20\n');
  expect(await booted.readFile('/etc/motd.d/crossgrade')).toContain('crossgrade status');

  await waitForLiveEvent(journalOf(booted), (event) => event.type === 'run-finished');
  const { stdout, exitCode } = await booted.exec(['crossgrade', 'verify', '--output', 'json']);
  console.info((await booted.exec(['crossgrade', 'verify', '--no-color'])).stdout);
  expect(exitCode).toBe(1);
  const { differences } = JSON.parse(stdout) as {
    differences: { what: string; explanation: string | null; command?: string }[];
  };
  const open = differences.filter(({ explanation }) => explanation === null);
  expect(open.map(({ command }) => command)).toEqual([
    'ip address replace 10.8.0.5/24 dev v0',
    'ip -4 route add 10.0.2.0/24 dev tap0 table 20 scope link',
    'ip -4 rule add priority 100 from 10.0.2.100 lookup 20',
    'ip -6 rule add priority 101 from 2001:db8::/32 lookup 10',
    'nft -f /var/lib/crossgrade/before/nft-inet-filter.nft',
    // The way of the login: it is back with the rest.
    undefined,
  ]);
  for (const { command } of open) if (command !== undefined) await booted.mustExec(['sh', '-c', command]);
  expect(await leftUndone(booted)).toEqual([]);
  expect((await eventsIn(journalOf(booted))).filter(({ type }) => type === 'step-warning')).toHaveLength(1);
});
