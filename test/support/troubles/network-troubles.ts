import type { Finding } from '../../../src/base/finding.ts';
import type { CheckInput } from '../../../src/check/check.ts';
import type { LoginPath, Network } from '../../../src/network/network.ts';
import type { ConfigurationFile } from '../../../src/network/network-files.ts';
import { soundHostInput } from './machine-troubles.ts';

const quiet: Network = {
  version: 1,
  hostname: 'oldhost',
  links: [{ name: 'eth0', hardware: '02:00:00:00:00:10', up: true }],
  addresses: [{ dev: 'eth0', address: '192.0.2.10/24', dynamic: false }],
  routes: [{ family: 4, text: 'default via 192.0.2.1 dev eth0' }],
  rules: [],
  rulesets: [],
  resolver: [],
  settings: {},
  logins: [],
};

const interfaces =
  'auto eth0\niface eth0 inet static\n  address 192.0.2.10/24\n  gateway 192.0.2.1\n  # a line for 192.0.2.53\n';

function withNetwork(
  changes: Partial<Network>,
  text = interfaces,
  more: readonly ConfigurationFile[] = [],
): CheckInput {
  const files = [{ path: '/etc/network/interfaces', text }, ...more];
  const network = { network: { ...quiet, ...changes }, files, tableNames: '' };
  return { ...soundHostInput, survey: { ...soundHostInput.survey, notLookedAt: [], network } };
}

const login: LoginPath = {
  local: '192.0.2.10',
  port: 22,
  peer: '198.51.100.9',
  way: '198.51.100.9 via 192.0.2.1 dev eth0',
};
const rule = { family: 4, priority: 100, text: 'from 192.0.2.10 lookup 7' } as const;
const route = { family: 4, text: 'default via 192.0.2.254 dev eth0 table 7' } as const;
const throughTable = { ...login, way: '198.51.100.9 via 192.0.2.254 dev eth0 table 7' };

const rulesets: Network['rulesets'] = [{ tool: 'nft', tables: { 'table inet filter': ['tcp dport 22 accept'] } }];

export const networkTroubles: readonly [
  id: string,
  severity: Finding['severity'],
  input: CheckInput,
  affected: readonly string[],
][] = [
  [
    'network/run-time-only',
    'warning',
    withNetwork({
      rules: [rule],
      addresses: [...quiet.addresses, { dev: 'eth0', address: '192.0.2.53/24', dynamic: false }],
    }),
    ['the address 192.0.2.53/24 of eth0', 'the IPv4 rule 100: from 192.0.2.10 lookup 7'],
  ],
  [
    'network/run-time-only',
    'warning',
    withNetwork({ rulesets }, interfaces, [
      { path: '/etc/nftables.conf', text: '', unused: 'nftables.service is off' },
    ]),
    ['nft, table inet filter: tcp dport 22 accept'],
  ],
  [
    'network/run-time-only',
    'warning',
    withNetwork({ rulesets }, interfaces, [{ path: '/etc/iptables/rules.v4', text: '' }]),
    ['nft, table inet filter: tcp dport 22 accept'],
  ],
  [
    'network/login-path',
    'note',
    withNetwork({ logins: [login] }),
    ['ssh from 198.51.100.9 to 192.0.2.10 port 22; back by gateway 192.0.2.1, interface eth0'],
  ],
  [
    'network/login-path-at-risk',
    'warning',
    withNetwork({ rules: [rule], routes: [...quiet.routes, route], logins: [throughTable] }),
    [
      'ssh from 198.51.100.9 to 192.0.2.10 port 22; back by gateway 192.0.2.254, interface eth0, table 7',
      'the IPv4 route default via 192.0.2.254 dev eth0 table 7',
      'the IPv4 rule 100: from 192.0.2.10 lookup 7',
    ],
  ],
];
