import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { nftFiles } from '../filter-files.ts';
import type { LoginPath, Network, Ruleset } from '../network.ts';
import {
  networkSettings,
  parseAddresses,
  parseIptables,
  parseNftables,
  parseResolver,
  parseRoutes,
  parseRules,
  splitEndpoint,
} from '../network-output.ts';

/**
 * @param earlier logins whose ways of today are asked for, beside those of now
 * @returns undefined where nobody can be asked
 */
export async function readNetwork(machine: Machine, earlier: readonly LoginPath[] = []): Promise<Network | undefined> {
  const ask = async (...argv: string[]): Promise<string> => (await machine.run(argv)).stdout;
  const shown = await machine.run(['ip', '-json', '-details', 'address']);
  if (shown.exitCode !== 0) return undefined;
  const families = [4, 6] as const;
  const routes = await Promise.all(families.map((family) => ask('ip', `-${family}`, 'route', 'show', 'table', 'all')));
  const rules = await Promise.all(families.map((family) => ask('ip', `-${family}`, 'rule')));
  const connected = parseAddresses(shown.stdout);
  const { links, addresses } = connected;
  const resolver = await machine.info('/etc/resolv.conf');
  return {
    version: 1,
    hostname: ((await machine.readTextIfThere('/proc/sys/kernel/hostname')) ?? '').trim(),
    links,
    addresses,
    routes: families.flatMap((family, index) => parseRoutes(routes[index] ?? '', family)),
    rules: families.flatMap((family, index) => parseRules(rules[index] ?? '', family)),
    rulesets: await readRulesets(machine),
    resolver: parseResolver((await machine.readTextIfThere('/etc/resolv.conf')) ?? ''),
    ...(resolver?.type === 'symlink' && { resolverLink: await machine.readLink('/etc/resolv.conf') }),
    settings: await readSettings(machine),
    logins: await readLoginPaths(machine, connected, earlier),
  };
}

async function readSettings(machine: Machine): Promise<Record<string, string>> {
  const set: Record<string, string> = {};
  for (const [name, start] of Object.entries(networkSettings)) {
    const value = (await machine.readTextIfThere(`/proc/sys/${name.replaceAll('.', '/')}`))?.trim();
    if (value !== undefined && value !== start) set[name] = value;
  }
  return set;
}

/** What a packet filter has in the words of its own tool. */
interface FilterText {
  /** `nft`, `iptables`, `ip6tables-legacy` */
  readonly tool: string;
  readonly text: string;
}

/** nft shows what iptables-nft has set, too; the older iptables is a world of its own. */
async function readFilterTexts(machine: Machine): Promise<FilterText[]> {
  const nft = await machine.run(['nft', '--stateless', 'list', 'ruleset']);
  const hasNft = nft.exitCode === 0;
  const found: FilterText[] = hasNft ? [{ tool: 'nft', text: nft.stdout }] : [];
  for (const [program, names] of [
    ['iptables', '/proc/net/ip_tables_names'],
    ['ip6tables', '/proc/net/ip6_tables_names'],
  ] as const) {
    // Only where there are any: the program loads the kernel's modules for those that it is asked for.
    const legacy = ((await machine.readTextIfThere(names)) ?? '').trim() !== '';
    if (!legacy && hasNft) continue;
    const tool = hasNft ? `${program}-legacy` : program;
    const saved = await machine.run([`${tool}-save`]);
    if (saved.exitCode === 0) found.push({ tool, text: saved.stdout });
  }
  return found;
}

async function readRulesets(machine: Machine): Promise<Ruleset[]> {
  const texts = await readFilterTexts(machine);
  return texts
    .map(({ tool, text }) => (tool === 'nft' ? parseNftables(text) : parseIptables(text, tool)))
    .filter(({ tables }) => Object.keys(tables).length > 0);
}

/** Keeps the rule sets in the words of the tools that set them, to be put back with them. */
export async function saveRulesets(machine: Machine, folder: RootPath): Promise<void> {
  const files: Record<string, string> = {};
  for (const { tool, text } of await readFilterTexts(machine)) {
    Object.assign(files, tool === 'nft' ? nftFiles(text) : { [`${tool}.rules`]: text });
    if (tool !== 'nft' || !/^table ip6? /m.test(text)) continue;
    // What iptables-nft has set, nft can show, but not always read.
    for (const program of ['iptables-nft', 'ip6tables-nft']) {
      const saved = await machine.run([`${program}-save`]);
      if (saved.exitCode === 0 && saved.stdout !== '') files[`${program}.rules`] = saved.stdout;
    }
  }
  for (const [name, text] of Object.entries(files)) await machine.write(`${folder}/${name}`, text, { mode: 0o600 });
}

type Connected = Pick<Network, 'links' | 'addresses'>;

/** By which way the people who are logged in over ssh came. */
async function readLoginPaths(
  machine: Machine,
  connected: Connected,
  earlier: readonly LoginPath[],
): Promise<LoginPath[]> {
  const ask = async (...words: string[]): Promise<string[]> =>
    (await machine.run(['ss', '-H', '-n', '-t', ...words])).stdout.split('\n').map((line) => line.trim());
  // A server of ssh also connects to others, where somebody has it hand on a port.
  const ports = new Set((await ask('-l')).map((line) => splitEndpoint(line.split(/\s+/)[3] ?? '')?.port));
  const paths = new Map<string, Omit<LoginPath, 'way'>>();
  for (const { way: _, ...path } of earlier) paths.set(JSON.stringify(path), path);
  for (const line of await ask('-p', 'state', 'established')) {
    if (!/\("(sshd[^"]*|dropbear)",/.test(line)) continue;
    const [, , from = '', to = ''] = line.split(/\s+/);
    const local = splitEndpoint(from);
    const peer = splitEndpoint(to);
    if (!local || !peer || !ports.has(local.port)) continue;
    const path = {
      local: local.address,
      port: local.port,
      ...(local.device !== undefined && { device: local.device }),
      peer: peer.address,
    };
    paths.set(JSON.stringify(path), path);
  }
  const found: LoginPath[] = [];
  for (const path of paths.values()) found.push({ ...path, way: await wayOf(machine, connected, path) });
  return found;
}

/** @returns as `ip route get` has it; '' when there is no way */
async function wayOf(
  machine: Machine,
  { links, addresses }: Connected,
  { peer, local, device }: Omit<LoginPath, 'way'>,
): Promise<string> {
  const isVrf = (name: string | undefined) => links.some((link) => link.name === name && link.kind === 'vrf');
  // A server that is bound to no VRF is reached through one where the kernel is set so.
  const owner = addresses.find(({ address }) => address.split(/[ /]/, 1)[0] === local)?.dev;
  const master = links.find(({ name }) => name === owner)?.master;
  const through = device ?? (isVrf(master) ? master : undefined);
  const bound = through === undefined ? [] : [isVrf(through) ? 'vrf' : 'oif', through];
  const route = await machine.run(['ip', 'route', 'get', peer, 'from', local, ...bound]);
  const [line = ''] = route.stdout.split('\n');
  return route.exitCode === 0
    ? line
        .replaceAll(/ (uid|src|metric|hoplimit|from|pref) \S+| cache\b/g, '')
        .replaceAll(/\s+/g, ' ')
        .trim()
    : '';
}
