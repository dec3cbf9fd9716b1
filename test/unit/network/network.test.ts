import { describe, expect, test } from 'vitest';
import { compareNetwork } from '../../../src/network/compare-network.ts';
import { nftFiles, restoreCommand } from '../../../src/network/filter-files.ts';
import type { Network } from '../../../src/network/network.ts';
import { parseResolver, parseRoutes, parseRules, splitEndpoint } from '../../../src/network/network-output.ts';
import { networkRecordings, readNetworkRecording, recordedNetwork } from '../../support/recorded/network-recordings.ts';

const bookworm = recordedNetwork('bookworm');

function differences(before: Network, now: Network): (readonly [string, string | null, string | undefined])[] {
  return compareNetwork(before, now, '/before').differences.map(
    ({ what, explanation, command }) => [what, explanation, command] as const,
  );
}

describe.each(networkRecordings)('a network as the tools of %s show it', (name) => {
  const network = recordedNetwork(name);

  test('has a VRF, its table, and who belongs to it', () => {
    const links = new Map(network.links.map((link) => [link.name, link]));
    expect(links.get('mgmt')).toMatchObject({ kind: 'vrf', table: 10, making: 'mgmt type vrf table 10', up: true });
    expect(links.get('eth1')).toMatchObject({ master: 'mgmt', hardware: '02:00:00:00:00:11' });
    expect(links.get('eth0.30')).toMatchObject({ making: 'link eth0 name eth0.30 type vlan id 30', up: false });
  });

  test('has addresses, without those that the kernel makes itself', () => {
    expect(network.addresses).toEqual([
      { dev: 'lo', address: '10.99.0.1/32', dynamic: false },
      { dev: 'eth0', address: '192.0.2.10/24', dynamic: false },
      { dev: 'eth0', address: '198.51.100.5/24', dynamic: true },
      { dev: 'eth0', address: '10.7.0.1 peer 10.7.0.2/32', dynamic: false },
      { dev: 'eth0', address: '2001:db8:1::77/64', dynamic: true },
      { dev: 'eth0', address: '2001:db8:1::10/64', dynamic: false },
      { dev: 'eth1', address: '10.9.0.5/24', dynamic: false },
      { dev: 'eth1', address: '2001:db8:9::5/64', dynamic: false },
      { dev: 'br0', address: '10.30.0.1/24', dynamic: false },
    ]);
  });

  test('has routes of all tables, as ip reads them again', () => {
    expect(network.routes.map(({ family, text }) => `${family} ${text}`)).toEqual([
      '4 default via 10.9.0.1 dev eth1 table 10',
      '4 unreachable default table 10 metric 4278198272',
      '4 throw 10.25.0.0/16 table 100',
      '4 203.0.113.0/24 via 198.51.100.77 dev eth0 table 100 onlink',
      '4 default via 192.0.2.1 dev eth0',
      '4 10.20.0.0/16 via 192.0.2.2 dev eth0 proto static metric 50 mtu 1400 advmss 1300',
      '4 10.21.0.0/16 nexthop via 192.0.2.3 dev eth0 weight 1 nexthop via 192.0.2.4 dev eth0 weight 2',
      '4 blackhole 10.22.0.0/16',
      '4 10.23.0.0/16 dev eth0 scope link src 192.0.2.10',
      '4 10.24.0.0/16 via inet6 fe80::1 dev eth0',
      '4 10.26.0.0/16 via 192.0.2.9 dev eth0',
      '6 default via 2001:db8:9::1 dev eth1 table 10 metric 1024',
      '6 unreachable default dev lo table 10 metric 4278198272',
      '6 2001:db8:20::/48 metric 1024 nexthop via 2001:db8:1::3 dev eth0 weight 1 nexthop via 2001:db8:1::4 dev eth0 weight 2',
      '6 unreachable 2001:db8:22::/48 dev lo metric 1024',
      '6 default via 2001:db8:1::1 dev eth0 metric 1024',
    ]);
  });

  test('has rules: the moved one for local, and the one that the first VRF made', () => {
    const rules = network.rules.map(({ family, priority, text }) => `${family} ${priority} ${text}`);
    expect(rules).toContain('4 32765 from all lookup local');
    expect(rules).toContain('6 32765 from all lookup local');
    expect(rules).toContain('4 1000 from all lookup [l3mdev-table]');
    expect(rules).toContain('4 260 from 10.3.0.0/16 goto 32766');
    expect(rules).toHaveLength(20);
  });

  test('has rules of its packet filters, without what changes by itself', () => {
    const [nft, legacy] = network.rulesets;
    expect(Object.keys(nft?.tables ?? {})).toEqual([
      'table inet filter',
      'table ip nat',
      'table ip filter',
      'table ip6 filter',
    ]);
    const filter = nft?.tables['table inet filter'] ?? [];
    expect(filter.join('\n')).not.toMatch(/packets \d|192\.0\.2\.5[5-9]|203\.0\.113\.9/);
    expect(filter).toContain('ip saddr @admins tcp dport { 22, 443 } counter accept');
    expect(filter.join(' ')).toContain('elements = { 10.9.0.0/24, 10.40.0.0/16,');
    expect(legacy?.tables).toEqual({
      'table filter': ['-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "my [1:2] rule" -j ACCEPT'],
      'table nat': ['-A POSTROUTING -s 10.30.0.0/24 -j MASQUERADE'],
    });
  });

  test('has a file for each table of nft, and iptables puts back its own', () => {
    const files = nftFiles(readNetworkRecording(name)['nft --stateless list ruleset'] ?? '');
    expect(files['nft-inet-filter.nft']).toMatch(
      /^add table inet filter\ndelete table inet filter\ntable inet filter \{\n/,
    );
    const [nft] = network.rulesets;
    const commands = Object.entries(nft?.tables ?? {}).map(([table, lines]) =>
      restoreCommand('nft', table, lines, '/b'),
    );
    expect(commands).toEqual([
      'nft -f /b/nft-inet-filter.nft',
      // It has a chain of nft’s own.
      'nft -f /b/nft-ip-nat.nft',
      'iptables-nft-restore /b/iptables-nft.rules',
      'ip6tables-nft-restore /b/ip6tables-nft.rules',
    ]);
  });

  test('is no different from itself', () => {
    expect(differences(network, network)).toEqual([]);
  });
});

describe('what the tools say besides', () => {
  test('an interface that a rule waits for', () => {
    expect(parseRules('320:\tfrom all iif gone0 [detached] lookup 100\n', 4)).toEqual([
      { family: 4, priority: 320, text: 'from all iif gone0 lookup 100' },
    ]);
  });

  test('a route whose cable is out, or that was learned', () => {
    const text =
      '10.0.0.0/8 dev eth0 scope link linkdown \ndefault via fe80::1 dev eth0 proto ra metric 100 expires 1795sec hoplimit 64 pref high\n';
    expect(parseRoutes(text, 4).map((route) => route.text)).toEqual([
      '10.0.0.0/8 dev eth0 scope link',
      'default via fe80::1 dev eth0 proto ra metric 100 hoplimit 64',
    ]);
  });

  test('the ends of a connection, on a VRF and of a link’s own', () => {
    expect(
      ['10.9.0.5%mgmt:22', '*%eth0:23', '[fe80::1]%eth0:22', '[::ffff:192.0.2.1]:22', '[::]:80', 'x'].map(
        splitEndpoint,
      ),
    ).toEqual([
      { address: '10.9.0.5', device: 'mgmt', port: 22 },
      { address: '*', device: 'eth0', port: 23 },
      { address: 'fe80::1', device: 'eth0', port: 22 },
      { address: '192.0.2.1', port: 22 },
      { address: '::', port: 80 },
      undefined,
    ]);
  });

  test('name servers, but not those that are commented out', () => {
    expect(
      parseResolver('# nameserver 192.0.2.1\nnameserver 127.0.0.53\noptions edns0\n nameserver 2001:db8::53\n'),
    ).toEqual(['127.0.0.53', '2001:db8::53']);
  });
});

describe('after a reboot', () => {
  test('a VRF that is gone is made before its member is put into it, and the addresses that this costs come again', () => {
    const links = bookworm.links.flatMap((link) => {
      const { master: _, ...free } = link;
      return link.name === 'mgmt' ? [] : [link.master === 'mgmt' ? free : link];
    });
    const [gone, freed, ...others] = differences(bookworm, { ...bookworm, links });
    expect(gone).toEqual([
      'the vrf interface mgmt is gone',
      null,
      'ip link add mgmt type vrf table 10 && ip link set mgmt up',
    ]);
    expect(freed).toEqual([
      'the interface eth1 belongs to no other; before, to mgmt',
      null,
      'ip link set eth1 master mgmt && ip address replace 2001:db8:9::5/64 dev eth1',
    ]);
    expect(others).toEqual([]);
  });

  test('the rule for local that is in its old place again is moved: first added, then taken away', () => {
    const rules = bookworm.rules.map((rule) =>
      rule.text === 'from all lookup local' && rule.family === 4 ? { ...rule, priority: 0 } : rule,
    );
    expect(differences(bookworm, { ...bookworm, rules }).map(([, , command]) => command)).toEqual([
      'ip -4 rule add priority 32765 from all lookup local',
      'ip -4 rule del priority 0 from all lookup local',
    ]);
  });

  test('a rule that the kernel has given another priority is the same, as long as it meets the same packets first', () => {
    const rule = (priority: number, text: string) => ({ family: 4, priority, text }) as const;
    const main = rule(32766, 'from all lookup main');
    const one = 'from 192.0.2.10 lookup 7';
    const other = 'from 192.0.2.11 lookup 8';
    const compare = (before: Network['rules'], now: Network['rules']) =>
      differences({ ...bookworm, rules: before }, { ...bookworm, rules: now });
    expect(compare([rule(32764, one), rule(32765, other), main], [rule(32764, other), rule(32765, one), main])).toEqual(
      [
        [
          'the IPv4 rule 32764: from 192.0.2.11 lookup 8 had another priority',
          'the kernel counts; it works as before',
          undefined,
        ],
        [
          'the IPv4 rule 32765: from 192.0.2.10 lookup 7 had another priority',
          'the kernel counts; it works as before',
          undefined,
        ],
      ],
    );
    const wide = 'from 192.0.2.0/24 lookup 9';
    const swapped = compare([rule(32764, one), rule(32765, wide), main], [rule(32764, wide), rule(32765, one), main]);
    expect(swapped.map(([, explanation]) => explanation)).toEqual([null, null, null, null]);
    const behind = compare([rule(100, one), main], [main, rule(40000, one)]);
    expect(behind.map(([, explanation]) => explanation)).toEqual([null, null]);
  });

  test('metrics that were counted otherwise are no difference, but another order of gateways is', () => {
    const route = (dev: string, metric: number) =>
      ({ family: 4, text: `default via 192.0.2.1 dev ${dev} proto static metric ${metric}` }) as const;
    const compare = (before: Network['routes'], now: Network['routes']) =>
      differences({ ...bookworm, routes: before }, { ...bookworm, routes: now });
    expect(compare([route('a', 100), route('b', 101)], [route('b', 102), route('a', 100)])).toEqual([
      [
        'the IPv4 route default via 192.0.2.1 dev b proto static metric 102 had another metric',
        'it comes before and behind the same routes',
        undefined,
      ],
    ]);
    const swapped = compare([route('a', 100), route('b', 101)], [route('b', 100), route('a', 101)]);
    expect(swapped.map(([, explanation]) => explanation)).toEqual([null, null, null, null]);
  });

  test('another address by DHCP, another route by a router and Docker’s rules are explained', () => {
    const nft = { tool: 'nft', tables: { 'table ip filter': ['chain DOCKER {', '}'] } };
    const learned = { family: 6, text: 'default via fe80::1 dev eth0 proto ra metric 1024' } as const;
    const before = { ...bookworm, routes: [...bookworm.routes, learned], rulesets: [nft] };
    const now = {
      ...bookworm,
      addresses: bookworm.addresses.map((one) => ({
        ...one,
        address: one.address.replace('198.51.100.5', '198.51.100.6'),
      })),
      routes: [...bookworm.routes, { ...learned, text: learned.text.replace('fe80::1', 'fe80::2') }],
      rulesets: [{ tool: 'nft', tables: { 'table ip filter': ['chain DOCKER {', 'oifname "docker0" accept', '}'] } }],
    };
    expect(differences(before, now).map(([what, explanation]) => [what, explanation])).toEqual([
      ['the address 198.51.100.5/24 of eth0 is gone', 'given for a time, by DHCP or a router'],
      ['the address 198.51.100.6/24 of eth0 is new', 'given for a time, by DHCP or a router'],
      ['the IPv6 route default via fe80::1 dev eth0 proto ra metric 1024 is gone', 'learned from the network'],
      ['the IPv6 route default via fe80::2 dev eth0 proto ra metric 1024 is new', 'learned from the network'],
      ['the packet filter’s nft table ip filter changed', 'Docker keeps it'],
    ]);
  });

  test('what is the administrator’s in a table that Docker keeps is told', () => {
    const table = (...own: string[]) => [
      {
        tool: 'nft',
        tables: { 'table ip filter': ['chain INPUT {', 'tcp dport 22 accept', ...own, '}', 'chain DOCKER {', '}'] },
      },
    ];
    const rules = { ...bookworm, rulesets: table('tcp dport 8443 accept') };
    expect(differences(rules, { ...bookworm, rulesets: table() }).map(([, explanation]) => explanation)).toEqual([
      null,
    ]);
    const docker = (address: string) => [
      {
        tool: 'nft',
        tables: {
          'table ip nat': ['chain DOCKER {', '}', 'chain POSTROUTING {', `ip saddr ${address} masquerade`, '}'],
        },
      },
    ];
    const before = { ...bookworm, rulesets: docker('172.17.0.2') };
    expect(
      differences(before, { ...bookworm, rulesets: docker('172.17.0.3') }).map(([, explanation]) => explanation),
    ).toEqual(['Docker keeps it']);
  });

  test('a setting that is what the kernel starts with again, and a resolver that is no symlink any more', () => {
    const before = { ...bookworm, settings: { 'net.ipv4.ip_forward': '1' }, resolverLink: '../run/resolv.conf' };
    expect(differences(before, bookworm)).toEqual([
      ['net.ipv4.ip_forward changed: 1 before, 0 now', null, 'sysctl -w net.ipv4.ip_forward=1'],
      [
        'what /etc/resolv.conf leads to changed: ../run/resolv.conf before, nothing: a file now',
        null,
        'ln -sf ../run/resolv.conf /etc/resolv.conf',
      ],
    ]);
  });

  test('the way to who was logged in is tested', () => {
    const login = {
      local: '10.9.0.5',
      port: 22,
      device: 'mgmt',
      peer: '10.50.0.1',
      way: '10.50.0.1 via 10.9.0.1 dev eth1 table 10',
    };
    const before = { ...bookworm, logins: [login] };
    expect(differences(before, { ...bookworm, logins: [{ ...login, way: '' }] })).toEqual([
      [
        'the way to 10.50.0.1, from where somebody was logged in, is closed; before, it was 10.50.0.1 via 10.9.0.1 dev eth1 table 10',
        null,
        undefined,
      ],
    ]);
  });

  test('an interface that is called otherwise is known by its hardware address', () => {
    const links = bookworm.links.map((link) => (link.name === 'eth0' ? { ...link, name: 'enp1s0' } : link));
    const [renamed] = differences(bookworm, { ...bookworm, links });
    expect(renamed?.[2]).toBe('ip link set enp1s0 down && ip link set enp1s0 name eth0 && ip link set eth0 up');
  });
});
