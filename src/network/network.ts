import * as z from 'zod';

const linkSchema = z.strictObject({
  /** `eth0`, `mgmt` */
  name: z.string(),
  /** `vrf`, `bridge`, `vlan`, `veth` …; absent for a card. */
  kind: z.string().exactOptional(),
  /** Hardware address; absent where there is none. */
  hardware: z.string().exactOptional(),
  /** VRF, bridge or bond that it belongs to. */
  master: z.string().exactOptional(),
  /** Routing table of a VRF. */
  table: z.int().exactOptional(),
  /** Words that `ip link add` makes one with; absent for what it could not make as it was. */
  making: z.string().exactOptional(),
  up: z.boolean(),
});

const addressSchema = z.strictObject({
  dev: z.string(),
  /** `192.0.2.7/24`, `192.0.2.7 peer 192.0.2.8/32` */
  address: z.string(),
  /** It was given for a time: by DHCP or a router. */
  dynamic: z.boolean(),
});

const routeSchema = z.strictObject({
  family: z.union([z.literal(4), z.literal(6)]),
  /** As ip(8) writes and reads it, without what changes by itself: `default via 192.0.2.1 dev eth0 table 10`. */
  text: z.string(),
});

const ruleSchema = z.strictObject({
  family: z.union([z.literal(4), z.literal(6)]),
  priority: z.int().nonnegative(),
  /** As ip(8) writes it: `from all lookup local`. */
  text: z.string(),
});

const loginSchema = z.strictObject({
  /** Address that somebody is logged in to, and the interface or VRF that it is bound to. */
  local: z.string(),
  port: z.int(),
  device: z.string().exactOptional(),
  /** Where from. */
  peer: z.string(),
  /** Way to the peer, as `ip route get` has it: `192.0.2.9 via 192.0.2.1 dev eth0 table 10`; '' when there is none. */
  way: z.string(),
});

/** A rule set of a packet filter, by table. */
const rulesetSchema = z.strictObject({
  /** `nft`; `iptables` and `ip6tables`, which have `-legacy` at their ends where nft is there, too. */
  tool: z.string(),
  /** `table inet filter` to its lines, without counters and what comes and goes by itself. */
  tables: z.record(z.string(), z.array(z.string())),
});

/** How the host is connected. */
export const networkSchema = z.strictObject({
  version: z.literal(1),
  hostname: z.string(),
  links: z.array(linkSchema),
  addresses: z.array(addressSchema),
  /** Of all tables, without those that the kernel makes for an address. */
  routes: z.array(routeSchema),
  rules: z.array(ruleSchema),
  rulesets: z.array(rulesetSchema),
  /** Name servers, in their order. */
  resolver: z.array(z.string()),
  /** Where /etc/resolv.conf leads to when it is a symlink. */
  resolverLink: z.string().exactOptional(),
  /** Settings of the kernel, those of `networkSettings` that are not what it starts with: `net.ipv4.ip_forward` to `1`. */
  settings: z.record(z.string(), z.string()),
  /** The ways by which people are logged in over ssh. */
  logins: z.array(loginSchema),
});

export type Network = z.infer<typeof networkSchema>;

/** @returns undefined when the text was not written by this version of crossgrade, or is not complete */
export function readNetworkRecord(text: string): Network | undefined {
  try {
    return networkSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export type Link = Network['links'][number];
export type Route = Network['routes'][number];
export type Rule = Network['rules'][number];
export type Ruleset = Network['rulesets'][number];
export type LoginPath = Network['logins'][number];

/** Learned from neighbours, who tell them again. */
const learned =
  / proto (ra|redirect|dhcp|bird|zebra|babel|bgp|isis|ospf|rip|eigrp|openr|keepalived|xorp|ntk|mrouted)\b/;

export function isLearned({ text }: Route): boolean {
  return learned.test(text);
}

/** @returns a word's value in a route: of `via`, `dev`, `table` */
export function wordOf(text: string, word: string): string | undefined {
  return new RegExp(`(?:^| )${word} (\\S+)`).exec(text)?.[1];
}
