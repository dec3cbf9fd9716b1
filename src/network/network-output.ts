import * as z from 'zod';
import type { Link, Network, Route, Rule, Ruleset } from './network.ts';

const ipLinks = z.array(
  z.looseObject({
    ifname: z.string(),
    flags: z.array(z.string()).exactOptional(),
    link_type: z.string().exactOptional(),
    address: z.string().exactOptional(),
    master: z.string().exactOptional(),
    link: z.string().exactOptional(),
    linkinfo: z
      .looseObject({
        info_kind: z.string().exactOptional(),
        info_data: z
          .looseObject({ table: z.number().exactOptional(), id: z.union([z.number(), z.string()]).exactOptional() })
          .exactOptional(),
      })
      .exactOptional(),
    addr_info: z
      .array(
        z.looseObject({
          family: z.string().exactOptional(),
          local: z.string().exactOptional(),
          address: z.string().exactOptional(),
          prefixlen: z.number().exactOptional(),
          scope: z.string().exactOptional(),
          dynamic: z.boolean().exactOptional(),
          temporary: z.boolean().exactOptional(),
          mngtmpaddr: z.boolean().exactOptional(),
          protocol: z.string().exactOptional(),
        }),
      )
      .exactOptional(),
  }),
);
/**
 * @param text what `ip -json -details address` prints; versions of iproute2 put empty objects where a filter left
 *   nothing
 * @see ip-address(8)
 */
export function parseAddresses(text: string): Pick<Network, 'links' | 'addresses'> {
  const entries = (JSON.parse(text === '' ? '[]' : text) as unknown[]).filter(
    (entry) => typeof entry === 'object' && entry !== null && 'ifname' in entry,
  );
  const devices = ipLinks.parse(entries);
  const links = devices.map((device): Link => {
    const { ifname, flags, link_type, address, master, linkinfo } = device;
    const kind = linkinfo?.info_kind;
    const table = kind === 'vrf' ? linkinfo?.info_data?.table : undefined;
    const making = wordsToMake(device);
    return {
      name: ifname,
      ...(kind !== undefined && { kind }),
      ...(link_type === 'ether' && address !== undefined && { hardware: address }),
      ...(master !== undefined && { master }),
      ...(table !== undefined && { table }),
      ...(making !== undefined && { making }),
      up: flags?.includes('UP') ?? false,
    };
  });
  const addresses = devices.flatMap(({ ifname, addr_info = [] }) =>
    addr_info.flatMap(({ local, address: peer, prefixlen, scope, protocol, ...flags }) => {
      // The kernel makes these itself.
      const kernels = scope === 'link' || (scope === 'host' && ifname === 'lo');
      if (local === undefined || prefixlen === undefined || kernels) return [];
      const address = peer === undefined ? `${local}/${prefixlen}` : `${local} peer ${peer}/${prefixlen}`;
      // A router may give one for ever, too.
      const dynamic = flags.dynamic || flags.temporary || flags.mngtmpaddr || protocol === 'kernel_ra';
      return [{ dev: ifname, address, dynamic: dynamic ?? false }];
    }),
  );
  return { links, addresses };
}

/** @see ip-link(8) */
function wordsToMake({ ifname, link, linkinfo }: z.infer<typeof ipLinks>[number]): string | undefined {
  const { info_kind: kind, info_data: data } = linkinfo ?? {};
  switch (kind) {
    case 'vrf':
      return data?.table === undefined ? undefined : `${ifname} type vrf table ${data.table}`;
    case 'vlan':
      return link === undefined || data?.id === undefined
        ? undefined
        : `link ${link} name ${ifname} type vlan id ${data.id}`;
    case 'dummy':
    case 'bridge':
      return `${ifname} type ${kind}`;
    default:
      return undefined;
  }
}

/** Said of a route by the kernel; not part of what was set. A next hop that was made by itself is told beside its number. */
const passing =
  / (expires \S+|linkdown|dead|pref \S+|error -?\d+|cache|nhid \d+|offload|trap|rt_offload|rt_trap|offload_failed)(?= |$)/g;
/**
 * @param text what `ip -4 route show table all` prints, or -6
 * @returns without those of the table local and of the addresses, which the kernel keeps itself
 * @see ip-route(8)
 */
export function parseRoutes(text: string, family: 4 | 6): Route[] {
  // The next hops of a route stand below it.
  const lines = text.replace(/\s*\n\s+nexthop/g, ' nexthop').split('\n');
  return lines.flatMap((line) => {
    const route = line.replaceAll(/\s+/g, ' ').replaceAll(passing, '').trim();
    const kernels = / proto kernel\b/.test(route) || / table local\b/.test(route);
    return route === '' || kernels ? [] : [{ family, text: route }];
  });
}

/**
 * @param text what `ip -4 rule` prints, or -6
 * @see ip-rule(8)
 */
export function parseRules(text: string, family: 4 | 6): Rule[] {
  return text.split('\n').flatMap((line) => {
    const [, priority, rule] = /^(\d+):\s+(.*?)\s*$/.exec(line) ?? [];
    if (priority === undefined || rule === undefined) return [];
    // Its interface, or where it leads, is not there at the moment.
    return [{ family, priority: Number(priority), text: rule.replaceAll(/ \[(?:detached|unresolved)\]/g, '') }];
  });
}

/**
 * Without what does nothing: empty tables, and chains that let everything pass, which tools make when they only look.
 *
 * @param text what `nft --stateless list ruleset` prints
 * @see nft(8)
 */
export function parseNftables(text: string): Ruleset {
  const tables: Record<string, string[]> = {};
  let lines: string[] = [];
  // A set whose elements have a lifetime, or are added by rules, is never the same twice.
  const lasting = text.replaceAll(/\n\s*set [^{]*\{[^}]*\bflags [^\n]*(?:dynamic|timeout)[\s\S]*?\n\s*\}\n/g, (set) =>
    set.replace(/\n\s*elements = \{[\s\S]*?\}/, ''),
  );
  const working = lasting.replaceAll(/\n\s*chain \S+ \{\n\s*type .* policy accept;\n\s*\}(?=\n)/g, '');
  for (const line of working.split('\n')) {
    const name = /^(table .*?) \{$/.exec(line)?.[1];
    if (name !== undefined) {
      lines = [];
      tables[name] = lines;
    } else if (line.trim() !== '' && line !== '}') {
      lines.push(line.trim().replaceAll(/\s*\b(packets \d+ bytes|used) \d+( \w*bytes)?/g, ''));
    }
  }
  return { tool: 'nft', tables: withoutEmpty(tables) };
}

/**
 * Without tables and chains that let everything pass.
 *
 * @param text what iptables-save(8) prints
 * @param tool as it is called: `iptables`, `ip6tables-legacy`
 */
export function parseIptables(text: string, tool: string): Ruleset {
  const tables: Record<string, string[]> = {};
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    const name = /^\*(\S+)$/.exec(line)?.[1];
    if (name !== undefined) {
      lines = [];
      tables[`table ${name}`] = lines;
    } else if (line.startsWith(':')) {
      const chain = line.replace(/ \[\d+:\d+\]$/, '');
      if (!chain.endsWith(' ACCEPT')) lines.push(chain);
    } else if (line.startsWith('-')) {
      lines.push(line);
    }
  }
  return { tool, tables: withoutEmpty(tables) };
}

function withoutEmpty(tables: Readonly<Record<string, string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(tables).filter(([, lines]) => lines.length > 0));
}

/**
 * @param text as ss(8) prints it: `0.0.0.0%mgmt:22`, `[fe80::1]%eth0:22`, `[::ffff:192.0.2.1]:22`, `*:443`
 * @returns without the brackets, and an address of IPv4 on a socket of IPv6 as what it is
 */
export function splitEndpoint(text: string): { address: string; device?: string; port: number } | undefined {
  const [, inside, plain, device, port] = /^(?:\[([^\]]*)\]|([^\]%[:]*))(?:%([^:]+))?:(\d+)$/.exec(text) ?? [];
  if (port === undefined) return undefined;
  const address = (inside ?? plain ?? '').replace(/^::ffff:(?=\d+\.)/, '');
  return { address, ...(device !== undefined && { device }), port: Number(port) };
}

/** @param text of resolv.conf(5) */
export function parseResolver(text: string): string[] {
  return [...text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)].map(([, server = '']) => server);
}

/**
 * Settings that decide whether and how this host hands on packets, with what the kernel starts with. Those of the
 * VRFs: whether a server that is bound to none of them is reached through them.
 *
 * @see ip-sysctl and vrf in the kernel's documentation, networking/
 */
export const networkSettings: Readonly<Record<string, string>> = {
  'net.ipv4.ip_forward': '0',
  'net.ipv6.conf.all.forwarding': '0',
  'net.ipv4.tcp_l3mdev_accept': '0',
  'net.ipv4.udp_l3mdev_accept': '0',
  'net.ipv4.raw_l3mdev_accept': '1',
  'net.ipv4.ip_nonlocal_bind': '0',
  'net.ipv4.conf.all.rp_filter': '0',
};
