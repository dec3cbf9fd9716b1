import { shellText, shellWord, shellWords } from '../base/shell-word.ts';
import type { HardwareSurvey } from '../hardware/hardware-survey.ts';
import { ruleCommand } from './compare-network.ts';
import { isLearned, type Link, type Network, type Route, type Rule, wordOf } from './network.ts';
import { type ConfigurationFile, type NetworkSurvey, unitsOf, withoutComments, wordsOf } from './network-files.ts';
import { filterKeeper, isFallback, isOfContainers, isPassing, ownRules } from './network-keepers.ts';

/** Something that is set now, and that nothing which crossgrade knows of would set again. */
export interface RunTimeOnly {
  readonly kind: 'link' | 'address' | 'route' | 'rule' | 'filter' | 'setting';
  readonly what: string;
  /** Sets it; absent for the packet filter, which is put down as a whole. */
  readonly command?: string;
  /** Interface, or routing table, that it is about. */
  readonly dev?: string;
  readonly table?: string;
  /** The address, or the gateway. */
  readonly address?: string;
}

/** What was seen of the network and of what it runs on. */
export interface NetworkSight {
  readonly machine?: HardwareSurvey;
  readonly network?: NetworkSurvey;
}

/** The same for what was seen of a host; nothing where its network could not be judged. */
export function runTimeOnlyOf({ machine, network }: NetworkSight): RunTimeOnly[] {
  const inContainer = machine?.host?.virtualization?.kind === 'container';
  return network ? findRunTimeOnly(network, inContainer) : [];
}

/**
 * What of the network would be lost with the running system. A thing counts as set by a file when that file has all the
 * words for it, those of rules and of routes in tables of their own near each other: so what a file does by itself, or by
 * a script that it names, is hardly ever reported.
 *
 * @param inContainer interfaces may be given from outside, with their addresses
 */
export function findRunTimeOnly(survey: NetworkSurvey, inContainer: boolean): RunTimeOnly[] {
  const used = survey.files.filter(({ unused }) => unused === undefined);
  const looking: Looking = {
    ...survey,
    names: namesIn(used),
    ruleNames: namesIn(used.flatMap((file) => unitsOf(file, 'rule'))),
    routeNames: namesIn(used.flatMap((file) => unitsOf(file, 'route'))),
    kinds: new Map(survey.network.links.map(({ name, kind }) => [name, kind])),
    tables: tableNames(survey),
    inContainer,
  };
  return [
    ...unnamedLinks(looking),
    ...unnamedAddresses(looking),
    ...unnamedRoutes(looking),
    ...unnamedRules(looking),
    ...unnamedFilters(looking),
    ...unnamedSettings(looking),
  ];
}

/** Whether one text has all the words; of those in a list, one. */
type Names = (...words: readonly (string | readonly string[])[]) => boolean;

function namesIn(texts: readonly ConfigurationFile[]): Names {
  const words = texts.map(wordsOf);
  return (...wanted) => words.some((of) => wanted.every((one) => [one].flat().some((word) => of.has(word))));
}

interface Looking extends NetworkSurvey {
  /** In files. */
  readonly names: Names;
  /** In what belongs together in them. */
  readonly ruleNames: Names;
  readonly routeNames: Names;
  readonly kinds: ReadonlyMap<string, string | undefined>;
  /** A table's number to all that it is called. */
  readonly tables: ReadonlyMap<string, readonly string[]>;
  readonly inContainer: boolean;
}

/** Numbers and names of tables, and the VRF of each. */
function tableNames({ tableNames: text, network }: NetworkSurvey): Map<string, string[]> {
  // iproute2 may have its file anywhere, or nowhere.
  const names = new Map([
    ['255', ['255', 'local']],
    ['254', ['254', 'main']],
    ['253', ['253', 'default']],
  ]);
  const add = (number: string, name: string) => names.set(number, [...(names.get(number) ?? [number]), name]);
  for (const [, number = '', name = ''] of text.matchAll(/^\s*(\d+)\s+(\S+)/gm)) add(number, name);
  for (const { name, table } of network.links) if (table !== undefined) add(`${table}`, name);
  return names;
}

function aliasesOf(table: string, { tables }: Looking): readonly string[] {
  const known = [...tables].find(([number, names]) => number === table || names.includes(table));
  return known ? [known[0], ...known[1]] : [table];
}

function isForeign(dev: string, { kinds, names, inContainer }: Looking): boolean {
  return isPassing(dev, kinds.get(dev)) || (inContainer && !names(dev));
}

/** Kinds of interfaces that somebody has to make. */
const made = /^(vrf|vlan|bridge|bond|team|dummy|vxlan|gre|gretap|ip6gre|ipip|sit|ip6tnl|wireguard|macsec|veth)$/;

function unnamedLinks(looking: Looking): RunTimeOnly[] {
  return looking.network.links
    .filter(({ name, kind, up }) => !isPassing(name, kind) && (up || !isFallback(name)))
    .flatMap((link) => [...unmade(link, looking), ...unbound(link, looking)]);
}

function unmade({ name, kind = '', making, up }: Link, { names }: Looking): RunTimeOnly[] {
  if (!made.test(kind) || names(name)) return [];
  const what = kind === 'vrf' ? `the VRF ${name}` : `the ${kind} interface ${name}`;
  const command = `ip link add ${shellText(making ?? '')}${up ? ` && ip link set ${shellWord(name)} up` : ''}`;
  return [{ kind: 'link', what, dev: name, ...(making !== undefined && { command }) }];
}

function unbound({ name, master }: Link, looking: Looking): RunTimeOnly[] {
  const { names, kinds } = looking;
  if (master === undefined || kinds.get(master) !== 'vrf' || names(name, master) || isOfManager(name, looking))
    return [];
  const what = `that the interface ${name} belongs to the VRF ${master}`;
  return [{ kind: 'link', what, dev: name, command: shellWords(['ip', 'link', 'set', name, 'master', master]) }];
}

/** NetworkManager names a VRF by a number of its own. */
function isOfManager(dev: string, { files }: Looking): boolean {
  return files.some(
    (file) =>
      file.unused === undefined &&
      file.path.startsWith('/etc/NetworkManager/system-connections/') &&
      wordsOf(file).has(dev) &&
      /^(master|controller)=/m.test(file.text),
  );
}

function unnamedAddresses(looking: Looking): RunTimeOnly[] {
  const { network, names } = looking;
  return network.addresses.flatMap(({ dev, address, dynamic }): RunTimeOnly[] => {
    const [plain = ''] = address.split(/[ /]/, 1);
    if (dynamic || isForeign(dev, looking) || names(plain)) return [];
    return [
      {
        kind: 'address',
        what: `the address ${address} of ${dev}`,
        command: shellText(`ip address add ${address} dev ${dev}`),
        dev,
        address: plain,
      },
    ];
  });
}

function unnamedRoutes(looking: Looking): RunTimeOnly[] {
  return looking.network.routes.flatMap((route): RunTimeOnly[] => {
    if (isLearned(route) || isRouteNamed(route, looking)) return [];
    const { family, text } = route;
    const dev = wordOf(text, 'dev');
    const table = wordOf(text, 'table');
    const via = gatewayOf(text);
    return [
      {
        kind: 'route',
        what: `the ${family === 4 ? 'IPv4' : 'IPv6'} route ${text}`,
        command: shellText(`ip -${family} route add ${text}`),
        ...(dev !== undefined && { dev }),
        ...(table !== undefined && { table }),
        ...(via !== undefined && { address: via }),
      },
    ];
  });
}

function gatewayOf(text: string): string | undefined {
  return /(?:^| )via (?:inet6 )?(\S+)/.exec(text)?.[1];
}

const types = /^(unreachable|blackhole|prohibit|throw|local|unicast|broadcast|anycast|multicast|nat) /;
const anywhere = ['default', '0.0.0.0/0', '::/0', 'gateway', 'Gateway', 'gateway4', 'gateway6'];

function isRouteNamed(route: Route, looking: Looking): boolean {
  const { text } = route;
  const dev = wordOf(text, 'dev');
  const table = wordOf(text, 'table');
  const isOfPrograms = dev !== undefined && (table === undefined ? isForeign(dev, looking) : isOfContainers(dev));
  const isOfVrfTool = /^unreachable .* metric 4278198272/.test(text) && hasVrfTool(looking);
  if ((dev !== 'lo' && isOfPrograms) || isOfVrfTool) return true;
  // Which table, wg-quick counts out.
  const isOfWireguard = dev !== undefined && looking.kinds.get(dev) === 'wireguard';
  if (table === undefined || isOfWireguard) return looking.names(...wordsFor(route, isOfWireguard));
  return looking.routeNames(...wordsFor(route, false), aliasesOf(table, looking));
}

/** What a file that sets such a route has in it, its table apart. */
function wordsFor({ text }: Route, isOfWireguard: boolean): (string | readonly string[])[] {
  const dev = wordOf(text, 'dev');
  const via = gatewayOf(text);
  const type = types.exec(text)?.[1];
  const [to = ''] = text.replace(types, '').split(' ');
  if (to !== 'default') return [[to, to.split('/')[0] ?? ''], ...(via === undefined ? [] : [via])];
  if (via !== undefined) return [via];
  if (dev === undefined || dev === 'lo') return [type ?? anywhere];
  return isOfWireguard ? [dev] : [anywhere, dev];
}

/** ifupdown2 gives each VRF a route to nowhere behind all others, and moves the rule for the table local. */
function hasVrfTool({ files, kinds, names }: Looking): boolean {
  const vrfs = [...kinds].flatMap(([name, kind]) => (kind === 'vrf' ? [name] : []));
  return files.some(({ path }) => path.startsWith('/etc/network/ifupdown2/')) && vrfs.some((name) => names(name));
}

/** Those that the kernel begins with, and the one that it makes with the first VRF. */
const kernelRules =
  /^(4 0 from all lookup local|4 32766 from all lookup main|4 32767 from all lookup default|6 0 from all lookup local|6 32766 from all lookup main|[46] 1000 from all lookup \[l3mdev-table\])$/;

/** Of strongSwan, Tailscale and wg-quick. */
const programsRules =
  /^(\d+ 220 from all lookup 220|\d+ 52[1-7]0 from all (fwmark 0x80000\/0xff0000 )?(lookup (main|default|52)|unreachable))$/;

function unnamedRules(looking: Looking): RunTimeOnly[] {
  return looking.network.rules.flatMap((rule): RunTimeOnly[] => {
    if (isRuleNamed(rule, looking)) return [];
    const { family, priority, text } = rule;
    const table = wordOf(text, 'lookup');
    return [
      {
        kind: 'rule',
        what: `the ${family === 4 ? 'IPv4' : 'IPv6'} rule ${priority}: ${text}`,
        command: ruleSetting(rule, looking.network),
        ...(table !== undefined && { table }),
      },
    ];
  });
}

const localRule = 'from all lookup local';

/** A rule for the table local that was moved is first added, and then taken from its old place. */
function ruleSetting(rule: Rule, { rules }: Network): string {
  const add = ruleCommand(rule, 'add');
  const hasMoved =
    rule.text === localRule &&
    !rules.some(({ family, priority, text }) => family === rule.family && priority === 0 && text === localRule);
  return hasMoved ? `${add} && ${ruleCommand({ ...rule, priority: 0 }, 'del')}` : add;
}

function isRuleNamed({ family, priority, text }: Rule, looking: Looking): boolean {
  const { ruleNames, kinds } = looking;
  const whole = `${family} ${priority} ${text}`;
  if (kernelRules.test(whole) || programsRules.test(whole)) return true;
  const hasWireguard = [...kinds.values()].includes('wireguard');
  const mark = /fwmark 0x([0-9a-f]+) lookup (\d+)$/.exec(text);
  const ofWireguard =
    / suppress_prefixlength 0$/.test(text) || (mark && Number.parseInt(mark[1] ?? '', 16) === Number(mark[2]));
  if (hasWireguard && ofWireguard) return true;
  if (text === localRule && hasVrfTool(looking)) return true;
  const table = wordOf(text, 'lookup');
  const selectors = [...text.matchAll(/(?:^| )(?:from|to|iif|oif|fwmark|goto|uidrange|dport|sport) (\S+)/g)]
    .map(([, value = '']) => value)
    .filter((value) => value !== 'all');
  return ruleNames(
    ...selectors.map((value) => [value, value.split('/')[0] ?? '', decimal(value)]),
    ...(table === undefined || table.startsWith('[') ? [] : [aliasesOf(table, looking)]),
    // Nothing but a priority tells it from any other rule of its table.
    ...(selectors.length === 0 ? [`${priority}`] : []),
  );
}

/** A mark may be written in another way than ip shows it. */
function decimal(value: string): string {
  const [mark = ''] = value.split('/');
  return /^0x[0-9a-f]+$/.test(mark) ? `${Number.parseInt(mark, 16)}` : value;
}

/** Files that are the packet filter's own, and not scripts that set it. */
const ruleFiles = /^\/etc\/(nftables|iptables)/;
const filterPrograms = /(?:^|[\s/;&|])(?:nft|ip6?tables(?:-restore|-legacy|-nft)*|ferm|shorewall6?)(?=[\s;&|]|$)/m;

/** Where a script sets rules, nobody can tell which: then none are reported. */
function unnamedFilters({ network, files, loaded }: Looking): RunTimeOnly[] {
  const used = files.filter(({ unused }) => unused === undefined);
  const scripts = used.filter(({ path }) => !ruleFiles.test(path));
  if (scripts.some(({ text }) => filterPrograms.test(withoutComments(text)))) return [];
  const inFiles = used.filter(({ path }) => ruleFiles.test(path)).map(({ text }) => text.replaceAll(/\s+/g, ' '));
  return network.rulesets.flatMap(({ tool, tables }) =>
    Object.entries(tables).flatMap(([table, lines]): RunTimeOnly[] => {
      if (filterKeeper(table) !== undefined) return [];
      const wouldBe = loaded?.find((one) => one.tool === tool)?.tables[table];
      if (wouldBe === undefined && loaded === undefined && inFiles.some((text) => text.includes(table))) return [];
      return ownRules(lines)
        .filter((line) => !wouldBe?.includes(line))
        .map((line) => ({ kind: 'filter', what: `${tool}, ${table}: ${line}` }));
    }),
  );
}

function unnamedSettings({ network, files, kinds }: Looking): RunTimeOnly[] {
  const used = files.filter(({ unused }) => unused === undefined);
  // They need it, and see to it.
  const forwards = [...kinds].some(([name, kind]) => isPassing(name, kind));
  return Object.entries(network.settings).flatMap(([name, value]): RunTimeOnly[] => {
    const isForwarding = /forward/.test(name);
    if (isForwarding && forwards) return [];
    const spellings = [name, name.replaceAll('.', '/')];
    const isSet = used.some(
      ({ text }) =>
        spellings.some((one) => withoutComments(text).includes(one)) ||
        (isForwarding && /^(IPForward|IPMasquerade|IPv[46]Forwarding)=/m.test(text)),
    );
    return isSet
      ? []
      : [
          {
            kind: 'setting',
            what: `the setting ${name}=${value}`,
            command: shellWords(['sysctl', '-w', `${name}=${value}`]),
          },
        ];
  });
}

/** What of all that is on the ways by which people are logged in. */
export function loginRisks(items: readonly RunTimeOnly[], network: Network): RunTimeOnly[] {
  return [...new Set(network.logins.flatMap((login) => onTheWay(login, items, network)))];
}

function onTheWay(
  { local, device, way }: Network['logins'][number],
  items: readonly RunTimeOnly[],
  { links }: Network,
): RunTimeOnly[] {
  const dev = wordOf(way, 'dev');
  const table = wordOf(way, 'table');
  const master = links.find(({ name }) => name === dev)?.master;
  const devices = [dev, device, master].filter((name) => name !== undefined);
  const sameTable = (item: RunTimeOnly): boolean => (item.table ?? 'main') === (table ?? 'main');
  return items.filter((item) => {
    switch (item.kind) {
      case 'link':
        return item.dev !== undefined && devices.includes(item.dev);
      case 'address':
        return item.address === local;
      case 'route':
        return sameTable(item) && item.dev === dev && (item.address ?? '') === (gatewayOf(way) ?? '');
      case 'rule':
        return table !== undefined && sameTable(item);
      default:
        return false;
    }
  });
}
