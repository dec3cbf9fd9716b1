import { readFileSync } from 'node:fs';
import type { Network } from '../../../src/network/network.ts';
import {
  parseAddresses,
  parseIptables,
  parseNftables,
  parseRoutes,
  parseRules,
} from '../../../src/network/network-output.ts';

/** What the tools of each release said of one and the same network, with a VRF; see fixtures/README.md. */
export const networkRecordings = ['bullseye', 'bookworm', 'trixie'] as const;

/** @returns what each command printed */
export function readNetworkRecording(name: (typeof networkRecordings)[number]): Readonly<Record<string, string>> {
  const text = readFileSync(new URL(`../../../fixtures/network/${name}.txt`, import.meta.url), 'utf8');
  return Object.fromEntries(
    text.split(/^\$ /m).map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
  );
}

export function recordedNetwork(name: (typeof networkRecordings)[number]): Network {
  const said = readNetworkRecording(name);
  const of = (command: string): string => said[command] ?? '';
  const families = [4, 6] as const;
  return {
    version: 1,
    hostname: 'oldhost',
    ...parseAddresses(of('ip -json -details address')),
    routes: families.flatMap((family) => parseRoutes(of(`ip -${family} route show table all`), family)),
    rules: families.flatMap((family) => parseRules(of(`ip -${family} rule`), family)),
    rulesets: [
      parseNftables(of('nft --stateless list ruleset')),
      parseIptables(of('iptables-legacy-save'), 'iptables-legacy'),
      parseIptables(of('ip6tables-legacy-save'), 'ip6tables-legacy'),
    ],
    resolver: ['192.0.2.53'],
    settings: {},
    logins: [],
  };
}
