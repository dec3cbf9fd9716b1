import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compareNetwork } from '../../../src/network/compare-network.ts';
import type { Network } from '../../../src/network/network.ts';
import { readNetwork, saveRulesets } from '../../../src/network/system/read-network.ts';
import { type NetworkNamespace, openNetworkNamespace } from '../../support/booted/network-namespace.ts';

/** What is lost is put back by typing the commands that the comparison gives, in its order. */

let network: NetworkNamespace;

beforeEach(async () => {
  network = await openNetworkNamespace();
});

afterEach(() => network?.close());

/** Routes of several kinds, rules with every selector, a table for a second default route, the moved `local` rule. */
const setUp = [
  'ip link set lo up',
  'ip link add eth0 type veth peer name far0 && ip link set eth0 up && ip link set far0 up',
  'ip link add eth1 type veth peer name far1 && ip link set eth1 up && ip link set far1 up',
  'ip address add 192.0.2.10/24 dev eth0',
  'ip address add 10.7.0.1 peer 10.7.0.2/32 dev eth0',
  'ip address add 198.51.100.5/24 dev eth1',
  'ip address add 10.99.0.1/32 dev lo',
  'ip -6 address add 2001:db8:1::10/64 dev eth0 nodad',
  'ip link add br0 type bridge && ip link set br0 up && ip address add 10.30.0.1/24 dev br0',
  'ip route add default via 192.0.2.1 dev eth0',
  'ip route add 10.20.0.0/16 via 192.0.2.2 dev eth0 proto static metric 50 mtu 1400 advmss 1300',
  'ip route add 10.21.0.0/16 nexthop via 192.0.2.3 dev eth0 weight 1 nexthop via 192.0.2.4 dev eth0 weight 2',
  'ip route add blackhole 10.22.0.0/16',
  'ip route add 10.23.0.0/16 dev eth0 scope link src 192.0.2.10',
  'ip route add 10.24.0.0/16 via inet6 fe80::1 dev eth0',
  'ip nexthop add id 7 via 192.0.2.9 dev eth0 && ip route add 10.26.0.0/16 nhid 7',
  'ip route add 198.51.100.0/24 dev eth1 table 100',
  'ip route add default via 198.51.100.1 dev eth1 table 100',
  'ip route add unreachable default metric 4278198272 table 100',
  'ip route add throw 10.25.0.0/16 table 100',
  'ip route add 203.0.113.0/24 via 198.51.100.77 dev eth1 onlink table 100',
  'ip -6 route add default via 2001:db8:1::1 dev eth0',
  'ip -6 route add 2001:db8:20::/48 nexthop via 2001:db8:1::3 dev eth0 nexthop via 2001:db8:1::4 dev eth0 weight 2',
  'ip -6 route add unreachable 2001:db8:22::/48',
  'ip -6 route add unreachable default metric 4278198272 table 100',
  'for family in 4 6; do ip -$family rule add pref 1000 l3mdev; done',
  'for family in 4 6; do ip -$family rule add pref 32765 table local; ip -$family rule del pref 0; done',
  'ip rule add from 198.51.100.5 lookup 100',
  'ip rule add pref 200 fwmark 0x1/0xff lookup 200',
  'ip rule add pref 210 iif eth0 to 10.1.0.0/16 prohibit',
  'ip rule add pref 220 ipproto tcp dport 22 lookup 100',
  'ip rule add pref 230 uidrange 1000-1005 lookup 100',
  'ip rule add pref 240 table main suppress_prefixlength 0',
  'ip rule add pref 250 not from all fwmark 0xca6c lookup 51820',
  'ip rule add pref 260 from 10.3.0.0/16 goto 32766',
  'ip rule add pref 270 to 10.4.0.0/16 tos 0x10 lookup 100',
  'ip rule add pref 280 oif eth1 lookup 100',
  'ip rule add pref 290 from 10.5.0.0/16 nop',
  'ip rule add pref 310 from 10.6.0.0/16 blackhole',
  'ip rule add pref 320 iif gone0 lookup 100',
  'ip -6 rule add pref 300 from 2001:db8:5::/48 lookup 100',
  'echo 1 > /proc/sys/net/ipv4/ip_forward',
];

const filter = `
table inet filter {
  counter web { packets 5 bytes 300 }
  set admins { type ipv4_addr; flags interval; elements = { 10.9.0.0/24, 192.0.2.100-192.0.2.120 } }
  set seen { type ipv4_addr; size 65535; flags dynamic,timeout; timeout 1m; elements = { 192.0.2.56 } }
  chain input {
    type filter hook input priority filter; policy accept;
    iif "lo" accept comment "loop { back }"
    ip saddr @admins tcp dport { 22, 443 } counter packets 10 bytes 600 accept
    tcp dport 80 counter name web accept
    tcp dport 25 add @seen { ip saddr } drop
  }
}
table ip6 mine {
  chain post { type filter hook output priority 0; policy drop; }
}
`;

/** As a reboot leaves it: the interfaces are there, and nothing was done with them. */
const forget = [
  'for family in 4 6; do ip -$family rule flush; ip -$family rule add pref 0 table local; done',
  'for family in 4 6; do ip -$family rule add pref 32766 table main; done; ip rule add pref 32767 table default',
  'ip link del br0',
  'for dev in lo eth0 eth1; do ip address flush dev $dev scope global; ip link set $dev down; done',
  'for dev in lo eth0 eth1; do ip link set $dev up; done',
  'for family in 4 6; do ip -$family route flush table 100; ip -$family route flush table main type blackhole; done',
  'ip -6 route flush type unreachable',
  'nft flush ruleset',
  'echo 0 > /proc/sys/net/ipv4/ip_forward',
];

async function picture(earlier?: Network): Promise<Network> {
  const taken = await readNetwork(network.machine, earlier?.logins);
  if (taken === undefined) throw new Error('ip(8) does not work here');
  return taken;
}

/** Where nft does not know its device any more, the machine's own folder is of no use: the files are put there. */
async function keepRulesets(): Promise<void> {
  await saveRulesets(network.machine, network.folder);
  for (const name of await network.machine.list(network.folder)) {
    const path = `${network.folder}/${name}` as const;
    writeFileSync(path, await network.machine.readText(path));
  }
}

test('everything that was lost is back when the commands have been typed, and nothing else', async () => {
  await network.shell(...setUp, `nft -f - <<'END'\n${filter}\nEND`);
  const before = await picture();
  await keepRulesets();
  expect(before.rules.map(({ priority }) => priority)).not.toContain(0);
  expect(compareNetwork(before, await picture(), network.folder).differences).toEqual([]);
  await network.shell(...forget);

  const { differences } = compareNetwork(before, await picture(), network.folder);
  const commands = differences.map(({ command }) => command);
  expect(commands).not.toContain(undefined);
  expect(commands.length).toBeGreaterThan(40);
  for (const command of commands) await network.shell(command ?? '');
  expect(compareNetwork(before, await picture(), network.folder).differences).toEqual([]);
});

/** Newer kernels are built without what the older iptables needs. */
const hasLegacy = spawnSync('unshare', ['--net', '--', 'iptables-legacy', '--list']).status === 0;

test.skipIf(!hasLegacy)('rules of both builds of iptables are put back, with what nft has no words for', async () => {
  await network.shell(
    'iptables-legacy -A INPUT -p tcp --dport 22 -m comment --comment "my [1:2] rule" -j ACCEPT',
    'ip6tables-legacy -A INPUT -p tcp --dport 22 -j ACCEPT',
    'iptables-nft -A INPUT -p tcp --dport 8443 -j ACCEPT',
    'iptables-nft -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
    'ip6tables-nft -P FORWARD DROP',
    'nft add table inet mine && nft add chain inet mine own && nft add rule inet mine own tcp dport 1 drop',
  );
  const before = await picture();
  await keepRulesets();
  expect(before.rulesets.map(({ tool }) => tool)).toEqual(['nft', 'iptables-legacy', 'ip6tables-legacy']);
  await network.shell('iptables-legacy -F', 'ip6tables-legacy -F', 'nft flush ruleset');
  const { differences } = compareNetwork(before, await picture(), network.folder);
  expect(differences.map(({ what }) => what)).toEqual([
    'the packet filter’s ip6tables-legacy table filter is gone',
    'the packet filter’s iptables-legacy table filter is gone',
    'the packet filter’s nft table inet mine is gone',
    'the packet filter’s nft table ip filter is gone',
    'the packet filter’s nft table ip6 filter is gone',
  ]);
  for (const { command } of differences) await network.shell(command ?? 'false');
  expect(compareNetwork(before, await picture(), network.folder).differences).toEqual([]);
});
