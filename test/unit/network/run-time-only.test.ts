import { describe, expect, test } from 'vitest';
import type { Network } from '../../../src/network/network.ts';
import {
  bootInterfaces,
  type ConfigurationFile,
  leasedRoutes,
  type NetworkSurvey,
  namedScripts,
  sourcedPaths,
} from '../../../src/network/network-files.ts';
import { findRunTimeOnly, loginRisks } from '../../../src/network/run-time-only.ts';
import { recordedNetwork } from '../../support/recorded/network-recordings.ts';

const recorded = recordedNetwork('bookworm');
const quiet: Network = { ...recorded, links: [], addresses: [], routes: [], rules: [], rulesets: [] };

function found(network: Partial<Network>, files: Readonly<Record<string, string>>, more: Partial<NetworkSurvey> = {}) {
  const list = Object.entries(files).map(([path, text]): ConfigurationFile => ({ path, text }));
  return findRunTimeOnly({ network: { ...quiet, ...network }, files: list, tableNames: '20 uplink\n', ...more }, false);
}

const whatOf = (...words: Parameters<typeof found>) => found(...words).map(({ what }) => what);

/** The management VRF of the recording, and nothing else of it. */
const management: Partial<Network> = {
  links: recorded.links
    .filter(({ name }) => ['mgmt', 'eth1'].includes(name))
    .map((link) => (link.name === 'eth1' ? without(link) : link)),
  addresses: recorded.addresses.filter(({ dev }) => dev === 'eth1'),
  routes: recorded.routes.filter(({ text }) => text.includes('table 10 ') || text.endsWith('table 10')),
  rules: recorded.rules.filter(({ priority }) => priority >= 32765 || priority === 1000 || priority === 0),
};

/** As a card is: nobody has to make it. */
function without(link: Network['links'][number]): Network['links'][number] {
  const { kind: _, making: __, ...card } = link;
  return card;
}

const ifupdown = `
auto eth1
iface eth1 inet static
  address 10.9.0.5
  netmask 255.255.255.0
  pre-up ip link add mgmt type vrf table 10 && ip link set mgmt up
  pre-up ip link set eth1 master mgmt
  post-up ip route add default via 10.9.0.1 vrf mgmt
  post-up ip route add unreachable default metric 4278198272 table 10
  post-up for f in 4 6; do ip -$f rule add pref 32765 table local; ip -$f rule del pref 0; done
iface eth1 inet6 static
  address 2001:DB8:9:0::5/64
  up ip -6 route add default via 2001:db8:9::1 vrf mgmt
  up ip -6 route add unreachable default metric 4278198272 table 10
`;

describe('a VRF of the management', () => {
  test('that no file names would be lost, with all that belongs to it', () => {
    expect(whatOf(management, {})).toEqual([
      'the VRF mgmt',
      'that the interface eth1 belongs to the VRF mgmt',
      'the address 10.9.0.5/24 of eth1',
      'the address 2001:db8:9::5/64 of eth1',
      'the IPv4 route default via 10.9.0.1 dev eth1 table 10',
      'the IPv4 route unreachable default table 10 metric 4278198272',
      'the IPv6 route default via 2001:db8:9::1 dev eth1 table 10 metric 1024',
      'the IPv6 route unreachable default dev lo table 10 metric 4278198272',
      'the IPv4 rule 32765: from all lookup local',
      'the IPv6 rule 32765: from all lookup local',
    ]);
  });

  test('comes back by commands in ifupdown’s file', () => {
    expect(whatOf(management, { '/etc/network/interfaces': ifupdown })).toEqual([]);
  });

  test('does not by commands that are comments', () => {
    const text = ifupdown.replaceAll(/^(\s*post-up ip route)/gm, '  # $1');
    expect(whatOf(management, { '/etc/network/interfaces': text })).toEqual([
      'the IPv4 route default via 10.9.0.1 dev eth1 table 10',
    ]);
  });

  test('comes back by systemd-networkd, whose routes are in the VRF’s table without saying so', () => {
    const files = {
      '/etc/systemd/network/mgmt.netdev': '[NetDev]\nName=mgmt\nKind=vrf\n[VRF]\nTable=10\n',
      '/etc/systemd/network/mgmt.network':
        '[Match]\nName=mgmt\n[Route]\nType=unreachable\nDestination=0.0.0.0/0\nTable=10\n' +
        '[RoutingPolicyRule]\nTable=local\nPriority=32765\nFamily=both\n',
      '/etc/systemd/network/eth1.network':
        '[Match]\nName=eth1\n[Network]\nVRF=mgmt\nAddress=10.9.0.5/24\nAddress=2001:db8:9::5/64\nGateway=10.9.0.1\nGateway=2001:db8:9::1\n',
    };
    expect(whatOf(management, files)).toEqual([]);
  });

  test('comes back by netplan', () => {
    const yaml = `network:
  ethernets:
    eth1:
      addresses: [10.9.0.5/24, "2001:db8:9::5/64"]
  vrfs:
    mgmt:
      table: 10
      interfaces: [eth1]
      routes:
        - {to: default, via: 10.9.0.1}
        - {to: default, via: "2001:db8:9::1"}
        - {to: 0.0.0.0/0, type: unreachable, metric: 4278198272}
      routing-policy:
        - {to: 0.0.0.0/0, table: 255, priority: 32765}
`;
    expect(whatOf(management, { '/etc/netplan/01-mgmt.yaml': yaml })).toEqual([]);
  });

  test('has its rule for local and its unreachable routes from ifupdown2 itself', () => {
    const text =
      'auto mgmt\niface mgmt\n  vrf-table 10\nauto eth1\niface eth1\n  vrf mgmt\n  address 10.9.0.5/24\n  address 2001:db8:9::5/64\n  gateway 10.9.0.1\n  gateway 2001:db8:9::1\n';
    expect(
      whatOf(management, { '/etc/network/interfaces': text, '/etc/network/ifupdown2/ifupdown2.conf': 'x=y\n' }),
    ).toEqual([]);
  });
});

describe('a second way out', () => {
  const rules = [
    { family: 4, priority: 32764, text: 'from 198.51.100.5 lookup uplink' },
    { family: 4, priority: 200, text: 'from all fwmark 0x1/0xff lookup 200' },
  ] as const;
  const routes = [{ family: 4, text: 'default via 198.51.100.1 dev eth1 table uplink' }] as const;

  test('is lost when only a part of it is written down', () => {
    const text = 'auto eth1\niface eth1 inet static\n address 198.51.100.5/24\n gateway 198.51.100.1\n';
    expect(found({ rules: [...rules], routes: [...routes] }, { '/etc/network/interfaces': text })).toEqual([
      {
        kind: 'route',
        what: 'the IPv4 route default via 198.51.100.1 dev eth1 table uplink',
        command: 'ip -4 route add default via 198.51.100.1 dev eth1 table uplink',
        dev: 'eth1',
        table: 'uplink',
        address: '198.51.100.1',
      },
      {
        kind: 'rule',
        what: 'the IPv4 rule 32764: from 198.51.100.5 lookup uplink',
        command: 'ip -4 rule add priority 32764 from 198.51.100.5 lookup uplink',
        table: 'uplink',
      },
      {
        kind: 'rule',
        what: 'the IPv4 rule 200: from all fwmark 0x1/0xff lookup 200',
        command: 'ip -4 rule add priority 200 from all fwmark 0x1/0xff lookup 200',
        table: '200',
      },
    ]);
  });

  test('comes back by a script with variables, by table’s number, and by a mark in decimals', () => {
    const text =
      'ADDRESS=198.51.100.5\nGATEWAY=198.51.100.1\nip rule add from $ADDRESS table 20\nip route add default via $GATEWAY table 20\nip rule add fwmark 1 table 200\n';
    expect(whatOf({ rules: [...rules], routes: [...routes] }, { '/usr/local/sbin/uplink': text })).toEqual([]);
  });
});

test('words that stand anywhere in a file are no rule', () => {
  const rules = [{ family: 4, priority: 150, text: 'from 10.9.0.5 lookup 10' }] as const;
  const isFound = (path: string, text: string) => found({ rules: [...rules] }, { [path]: text }).length === 0;
  expect(isFound('/etc/network/interfaces', ifupdown)).toBe(false);
  expect(isFound('/etc/network/interfaces', `${ifupdown}\n  up ip rule add from 10.9.0.5 \\\n    table 10\n`)).toBe(
    true,
  );
  const network = '[Network]\nAddress=10.9.0.5/24\n[Route]\nTable=10\nGateway=10.9.0.1\n';
  expect(isFound('/etc/systemd/network/a.network', network)).toBe(false);
  expect(isFound('/etc/systemd/network/a.network', `${network}[RoutingPolicyRule]\nFrom=10.9.0.5\nTable=10\n`)).toBe(
    true,
  );
  expect(isFound('/usr/local/sbin/a', 'A=10.9.0.5\nip rule add from $A table 10\n')).toBe(true);
  expect(isFound('/usr/local/sbin/a', 'A=10.9.0.6\nip rule add from $A table 10\nB=10.9.0.5\n')).toBe(false);
  expect(isFound('/usr/local/sbin/a', 'for a in 10.9.0.4 10.9.0.5; do ip rule add from $a table 10; done\n')).toBe(
    true,
  );
  expect(isFound('/usr/local/sbin/a', 'add() { ip rule add from $1 table 10; }\nadd 10.9.0.5\n')).toBe(true);
});

test('a moved rule for local is set in two parts', () => {
  const [local] = found({ rules: recorded.rules.filter(({ text }) => text === 'from all lookup local') }, {});
  expect(local?.command).toBe(
    'ip -4 rule add priority 32765 from all lookup local && ip -4 rule del priority 0 from all lookup local',
  );
});

test('what DHCP, routers, containers, virtual machines, VPNs and the kernel set is left out', () => {
  const link = (name: string, kind: string) => ({ name, kind, up: true });
  const network: Partial<Network> = {
    links: [
      link('docker0', 'bridge'),
      link('veth12ab34', 'veth'),
      link('virbr0', 'bridge'),
      link('tun0', 'tun'),
      link('wg0', 'wireguard'),
    ],
    addresses: [
      { dev: 'eth0', address: '192.0.2.7/24', dynamic: true },
      { dev: 'docker0', address: '172.17.0.1/16', dynamic: false },
      { dev: 'virbr0', address: '192.168.122.1/24', dynamic: false },
      { dev: 'tun0', address: '10.8.0.2/24', dynamic: false },
    ],
    routes: [
      { family: 4, text: 'default via 192.0.2.1 dev eth0 proto dhcp src 192.0.2.7 metric 100' },
      { family: 6, text: 'default via fe80::1 dev eth0 proto ra metric 1024' },
      { family: 4, text: '10.8.0.0/16 via 10.8.0.1 dev tun0' },
      { family: 4, text: '10.10.0.0/16 dev wg0 scope link' },
      { family: 4, text: 'default dev wg0 table 51820 scope link' },
    ],
    rules: [
      ...recorded.rules.filter(({ priority }) => priority === 1000 || priority > 32765),
      { family: 4, priority: 0, text: 'from all lookup local' },
      { family: 4, priority: 32765, text: 'not from all fwmark 0xca6c lookup 51820' },
      { family: 4, priority: 32764, text: 'from all lookup main suppress_prefixlength 0' },
    ],
    settings: { 'net.ipv4.ip_forward': '1' },
  };
  expect(whatOf(network, { '/etc/wireguard/wg0.conf': '[Peer]\nAllowedIPs = 10.10.0.0/16, 0.0.0.0/0\n' })).toEqual([]);
});

test('what dhclient got is in its leases', () => {
  const leases =
    'lease {\n  fixed-address 192.0.2.7;\n  option routers 192.0.2.1;\n  option rfc3442-classless-static-routes 16,10,5,192,0,2,254,0,192,0,2,1;\n}\n';
  expect(leasedRoutes(leases)).toBe('10.5.0.0/16 192.0.2.254\n0.0.0.0/0 192.0.2.1');
  const routes = [
    { family: 4, text: 'default via 192.0.2.1 dev eth0' },
    { family: 4, text: '10.5.0.0/16 via 192.0.2.254 dev eth0' },
  ] as const;
  const file = { '/var/lib/dhcp/dhclient.eth0.leases': `${leases}${leasedRoutes(leases)}` };
  expect(whatOf({ routes: [...routes] }, file)).toEqual([]);
  expect(whatOf({ routes: [...routes] }, {})).toHaveLength(2);
});

test('in a container, an interface that no file names is given from outside', () => {
  const network: Network = {
    ...quiet,
    addresses: [{ dev: 'eth0', address: '10.0.3.5/24', dynamic: false }],
    routes: [{ family: 4, text: 'default via 10.0.3.1 dev eth0' }],
    rules: [{ family: 4, priority: 100, text: 'from 10.0.3.5 lookup 7' }],
  };
  const survey = { network, files: [], tableNames: '' };
  expect(findRunTimeOnly(survey, true).map(({ what }) => what)).toEqual(['the IPv4 rule 100: from 10.0.3.5 lookup 7']);
  expect(findRunTimeOnly(survey, false)).toHaveLength(3);
});

describe('rules of the packet filter', () => {
  const own = [
    'chain input {',
    'type filter hook input priority filter; policy drop;',
    'tcp dport 22 accept',
    'tcp dport 8080 accept',
    '}',
  ];
  const rulesets = [{ tool: 'nft', tables: { 'table inet filter': own } }];

  test('are those that its service would not load', () => {
    const loaded = [{ tool: 'nft', tables: { 'table inet filter': own.filter((line) => !line.includes('8080')) } }];
    const files = { '/etc/nftables.conf': 'table inet filter { … }' };
    expect(whatOf({ rulesets }, files, { loaded })).toEqual(['nft, table inet filter: tcp dport 8080 accept']);
    expect(whatOf({ rulesets }, files, { loaded: rulesets })).toEqual([]);
  });

  test('are all of them where no service loads any', () => {
    expect(whatOf({ rulesets }, {}, { loaded: [] })).toEqual([
      'nft, table inet filter: type filter hook input priority filter; policy drop;',
      'nft, table inet filter: tcp dport 22 accept',
      'nft, table inet filter: tcp dport 8080 accept',
    ]);
  });

  test('are no chains and sets, and no policy that lets everything pass', () => {
    const [nft] = recorded.rulesets;
    const tables = { 'table ip nat': nft?.tables['table ip nat'] ?? [] };
    expect(whatOf({ rulesets: [{ tool: 'nft', tables }] }, {}, { loaded: [] })).toEqual([
      'nft, table ip nat: oifname "eth0" masquerade',
      'nft, table ip nat: oifname != "br0" ip saddr 10.30.0.0/24 counter masquerade',
    ]);
  });

  test('are not reported where a script sets them, or where they could not be tried and the file has the table', () => {
    expect(whatOf({ rulesets }, { '/etc/network/if-up.d/firewall': 'nft -f /root/rules\n' }, { loaded: [] })).toEqual(
      [],
    );
    expect(whatOf({ rulesets }, { '/etc/nftables.conf': 'table inet   filter {\n}' })).toEqual([]);
  });

  test('are not those that programs keep, nor what these put beside them', () => {
    const tables = {
      'table ip nat': [
        'chain DOCKER {',
        'iifname "docker0" return',
        'tcp dport 80 dnat to 172.17.0.2:80',
        '}',
        'chain POSTROUTING {',
        'ip saddr 172.17.0.2 tcp dport 80 masquerade',
        '}',
      ],
      'table ip filter': [
        'chain DOCKER {',
        '}',
        'chain INPUT {',
        'tcp dport 8443 accept',
        '}',
        'chain FORWARD {',
        'counter jump DOCKER',
        'ct state established accept',
        '}',
      ],
      'table inet f2b-table': ['chain f2b-chain {', 'ip saddr 203.0.113.9 drop', '}'],
    };
    expect(whatOf({ rulesets: [{ tool: 'nft', tables }] }, {}, { loaded: [] })).toEqual([
      'nft, table ip filter: tcp dport 8443 accept',
    ]);
  });
});

test('a setting is named as sysctl or as its file', () => {
  const settings = { 'net.ipv4.tcp_l3mdev_accept': '1' };
  expect(found({ settings }, {})).toEqual([
    {
      kind: 'setting',
      what: 'the setting net.ipv4.tcp_l3mdev_accept=1',
      command: 'sysctl -w net.ipv4.tcp_l3mdev_accept=1',
    },
  ]);
  expect(whatOf({ settings }, { '/etc/sysctl.d/vrf.conf': 'net.ipv4.tcp_l3mdev_accept = 1\n' })).toEqual([]);
  expect(whatOf({ settings }, { '/etc/rc.local': 'echo 1 > /proc/sys/net/ipv4/tcp_l3mdev_accept\n' })).toEqual([]);
});

describe('files', () => {
  test('of ifupdown count for interfaces that it sets up by itself', () => {
    const files = bootInterfaces({
      '/etc/network/interfaces':
        'source /etc/network/interfaces.d/*\nauto lo eth*\nallow-hotplug wlan0\niface lo inet loopback\niface eth0 inet dhcp\niface dummy0 inet static\n  address 10.1.1.1/24\n',
      '/etc/network/interfaces.d/wlan': 'iface wlan0 inet dhcp\n',
    });
    expect(files.filter(({ unused }) => unused !== undefined)).toEqual([
      {
        path: '/etc/network/interfaces',
        text: 'iface dummy0 inet static\n  address 10.1.1.1/24\n',
        unused: 'dummy0 is neither auto nor allow-hotplug there',
      },
    ]);
    expect(files[0]?.text).toContain('iface eth0 inet dhcp');
  });

  test('name others, and scripts', () => {
    expect(
      sourcedPaths('source /etc/network/interfaces.d/*\n#source /etc/x\nsource-directory /etc/network/more\n'),
    ).toEqual(['/etc/network/interfaces.d/*', '/etc/network/more/*']);
    expect(
      namedScripts('ExecStart=/usr/local/sbin/routes --up\n# /opt/no\nup /etc/network/routes.sh eth0\n/usr/bin/env'),
    ).toEqual(['/usr/local/sbin/routes', '/etc/network/routes.sh']);
  });
});

test('what is on the way of a login is known by its address, VRF, route and table', () => {
  const network: Network = { ...quiet, ...management };
  const items = findRunTimeOnly({ network, files: [], tableNames: '' }, false);
  const login = { local: '10.9.0.5', port: 22, peer: '10.50.0.1', way: '10.50.0.1 via 10.9.0.1 dev eth1 table 10' };
  expect(loginRisks(items, { ...network, logins: [login] }).map(({ what }) => what)).toEqual([
    'the VRF mgmt',
    'that the interface eth1 belongs to the VRF mgmt',
    'the address 10.9.0.5/24 of eth1',
    'the IPv4 route default via 10.9.0.1 dev eth1 table 10',
  ]);
  const other = { local: '192.0.2.10', port: 22, peer: '192.0.2.7', way: '192.0.2.7 dev eth0' };
  expect(loginRisks(items, { ...network, logins: [other] })).toEqual([]);
});
