import type { Difference, PartComparison } from '../base/difference.ts';
import { beforeFolder } from '../base/own-paths.ts';
import { shellText, shellWord, shellWords } from '../base/shell-word.ts';
import { restoreCommand } from './filter-files.ts';
import {
  isLearned,
  type Link,
  type LoginPath,
  type Network,
  type Route,
  type Rule,
  type Ruleset,
  wordOf,
} from './network.ts';
import { filterKeeper, isFallback, isOfContainers, isPassing, ownRules } from './network-keepers.ts';
import { networkSettings } from './network-output.ts';

/**
 * How the host is connected, before and after. What can be put back has the command for it, in an order in which the
 * commands work.
 *
 * @param now with the ways of today to the peers of before
 * @param folder where the rule sets of before are kept
 */
export function compareNetwork(before: Network, now: Network, folder: string = beforeFolder): PartComparison {
  const count = ({ routes, rules }: Network) => `${routes.length} and ${rules.length}`;
  return {
    rows: [{ label: 'routes and rules', before: count(before), after: count(now) }],
    differences: [
      ...compareWords('the host name', before.hostname, now.hostname, `hostnamectl set-hostname ${before.hostname}`),
      ...compareLinks(before, now),
      ...compareAddresses(before, now),
      ...compareRoutes(before, now),
      ...compareRules(before.rules, now.rules),
      ...compareRulesets(before.rulesets, now.rulesets, folder),
      ...compareSettings(before.settings, now.settings),
      ...compareWords('the name servers', before.resolver.join(' '), now.resolver.join(' ')),
      ...compareWords(
        'what /etc/resolv.conf leads to',
        before.resolverLink ?? 'nothing: a file',
        now.resolverLink ?? 'nothing: a file',
        before.resolverLink === undefined ? undefined : `ln -sf ${before.resolverLink} /etc/resolv.conf`,
      ),
      ...compareLogins(before.logins, now.logins),
    ],
  };
}

function compareWords(what: string, was: string, is: string, command?: string): Difference[] {
  if (was === is) return [];
  return [
    {
      what: `${what} changed: ${was || 'none'} before, ${is || 'none'} now`,
      explanation: null,
      ...(command !== undefined && was !== '' && { command }),
    },
  ];
}

const passingMaker = 'a container, a virtual machine or a VPN makes it when it runs';

/** What is gone comes first: an interface can only be put into a VRF that is there. */
function compareLinks(before: Network, now: Network): Difference[] {
  const there = new Map(now.links.map((link) => [link.name, link]));
  const old = new Set(before.links.map(({ name }) => name));
  const lost = before.links.filter(({ name }) => !there.has(name));
  const masters = new Set(before.links.map(({ master }) => master));
  return [
    ...[...lost.filter(({ name }) => masters.has(name)), ...lost.filter(({ name }) => !masters.has(name))].flatMap(
      (was) => lostLink(was, now.links),
    ),
    ...before.links.flatMap((was): Difference[] => {
      const is = there.get(was.name);
      return is ? changedLink(was, is, before) : [];
    }),
    ...now.links.flatMap((is): Difference[] => {
      if (old.has(is.name) || (isFallback(is.name) && !is.up)) return [];
      const what = `the interface ${is.name} is new`;
      return [{ what, explanation: isPassing(is.name, is.kind) ? passingMaker : null }];
    }),
  ];
}

function lostLink(was: Link, now: readonly Link[]): Difference[] {
  if (isFallback(was.name) && !was.up) return [];
  const renamed = now.find((is) => is.kind === was.kind && is.hardware !== undefined && is.hardware === was.hardware);
  if (renamed) {
    return [
      {
        what: `the interface ${was.name} (${was.hardware}) is called ${renamed.name} now`,
        explanation: null,
        command: [
          ['ip', 'link', 'set', renamed.name, 'down'],
          ['ip', 'link', 'set', renamed.name, 'name', was.name],
          ['ip', 'link', 'set', was.name, 'up'],
        ]
          .map(shellWords)
          .join(' && '),
      },
    ];
  }
  const name = shellWord(was.name);
  const member = was.master === undefined ? '' : ` && ip link set ${name} master ${shellWord(was.master)}`;
  const up = was.up ? ` && ip link set ${name} up` : '';
  return [
    {
      what: `the ${was.kind ?? 'network'} interface ${was.name} is gone`,
      explanation: isPassing(was.name, was.kind) ? passingMaker : null,
      ...(was.making !== undefined && { command: `ip link add ${shellText(was.making)}${member}${up}` }),
    },
  ];
}

/** An interface that changes its VRF is down for a moment, and loses its addresses of IPv6. */
function changedLink(was: Link, is: Link, before: Network): Difference[] {
  const name = shellWord(was.name);
  const again = before.addresses
    .filter(({ dev, address, dynamic }) => dev === was.name && address.includes(':') && !dynamic)
    .map(({ address }) => ` && ip address replace ${shellText(address)} dev ${name}`)
    .join('');
  return [
    ...(was.up && !is.up
      ? [{ what: `the interface ${was.name} is down`, explanation: null, command: `ip link set ${name} up` }]
      : []),
    ...(was.master === is.master
      ? []
      : [
          {
            what: `the interface ${was.name} belongs to ${is.master ?? 'no other'}; before, to ${was.master ?? 'no other'}`,
            explanation: null,
            command: `ip link set ${name} ${was.master === undefined ? 'nomaster' : `master ${shellWord(was.master)}`}${again}`,
          },
        ]),
    ...(was.table === is.table
      ? []
      : [{ what: `the VRF ${was.name} has table ${is.table}; before, ${was.table}`, explanation: null }]),
  ];
}

function compareAddresses(before: Network, now: Network): Difference[] {
  const key = ({ dev, address }: Network['addresses'][number]) => `${address} dev ${dev}`;
  const there = new Set(now.addresses.map(key));
  const old = new Set(before.addresses.map(key));
  const given = 'given for a time, by DHCP or a router';
  const kinds = new Map([...before.links, ...now.links].map(({ name, kind }) => [name, kind]));
  const explain = ({ dev }: { dev: string }) => (isPassing(dev, kinds.get(dev)) ? passingMaker : null);
  return [
    ...before.addresses
      .filter((one) => !there.has(key(one)))
      .map((one) => {
        const renewed = now.addresses.some(({ dev, dynamic }) => one.dynamic && dynamic && dev === one.dev);
        return {
          what: `the address ${one.address} of ${one.dev} is gone`,
          explanation: renewed ? given : explain(one),
          // One that was given for a time comes from whom it came. It may be there again by now, with its VRF.
          ...(!one.dynamic && { command: shellText(`ip address replace ${key(one)}`) }),
        };
      }),
    ...now.addresses
      .filter((one) => !old.has(key(one)))
      .map((one) => ({
        what: `the address ${one.address} of ${one.dev} is new`,
        explanation: one.dynamic ? given : explain(one),
        ...(!one.dynamic && { command: shellText(`ip address del ${key(one)}`) }),
      })),
  ];
}

function compareRoutes(before: Network, now: Network): Difference[] {
  const key = ({ family, text }: Route) => `-${family} route add ${text}`;
  const there = new Set(now.routes.map(key));
  const old = new Set(before.routes.map(key));
  const kinds = new Map([...before.links, ...now.links].map(({ name, kind }) => [name, kind]));
  const explain = (route: Route, others: readonly Route[] | undefined): string | null => {
    const dev = wordOf(route.text, 'dev') ?? '';
    // A VPN has its routes in the main table; others were set by somebody.
    const isPrograms = wordOf(route.text, 'table') === undefined ? isPassing(dev, kinds.get(dev)) : isOfContainers(dev);
    if (isPrograms) return passingMaker;
    if (!isLearned(route)) return null;
    const again = others?.some((other) => isLearned(other) && destinationOf(other) === destinationOf(route));
    return again === false ? null : 'learned from the network';
  };
  const counted = new Set(
    before.routes
      .filter((route) => !there.has(key(route)) && isOnlyRanked(route, before.routes, now.routes))
      .map(unranked),
  );
  const lost = before.routes.filter((route) => !there.has(key(route)) && !counted.has(unranked(route)));
  return [
    // A gateway has to be within reach before there can be a route by it.
    ...[...lost.filter(({ text }) => !/ via /.test(text)), ...lost.filter(({ text }) => / via /.test(text))].map(
      (route) => ({
        what: `${nameOf(route)} is gone`,
        explanation: explain(route, now.routes),
        command: shellText(`ip ${key(route)}`),
      }),
    ),
    ...now.routes
      .filter((route) => !old.has(key(route)))
      .map((route) =>
        counted.has(unranked(route))
          ? { what: `${nameOf(route)} had another metric`, explanation: 'it comes before and behind the same routes' }
          : {
              what: `${nameOf(route)} is new`,
              explanation: explain(route, undefined),
              ...(!isLearned(route) && { command: shellText(`ip -${route.family} route del ${route.text}`) }),
            },
      ),
  ];
}

/** A route without its metric: NetworkManager counts interfaces as they come up. */
function unranked({ family, text }: Route): string {
  return `${family} ${text.replace(/ metric \d+/, '')}`;
}

function isOnlyRanked(route: Route, before: readonly Route[], now: readonly Route[]): boolean {
  const rank = ({ text }: Route) => Number(wordOf(text, 'metric') ?? 0);
  const order = (routes: readonly Route[]) =>
    routes
      .filter((one) => destinationOf(one) === destinationOf(route))
      .sort((one, other) => rank(one) - rank(other))
      .map(unranked);
  const names = order(now);
  return names.includes(unranked(route)) && order(before).join('\n') === names.join('\n');
}

/** What a route is for: where to, in which table. */
function destinationOf({ family, text }: Route): string {
  return `${family} ${text.split(' ')[0]} ${wordOf(text, 'table') ?? 'main'}`;
}

function nameOf({ family, text }: Route): string {
  return `the ${family === 4 ? 'IPv4' : 'IPv6'} route ${text}`;
}

function compareRules(before: readonly Rule[], now: readonly Rule[]): Difference[] {
  const key = ({ family, priority, text }: Rule) => `-${family} ${priority} ${text}`;
  const there = new Set(now.map(key));
  const old = new Set(before.map(key));
  const moved = new Set(
    before.filter((rule) => !there.has(key(rule)) && isOnlyCounted(rule, before, now)).map(nameless),
  );
  const say = ({ family, priority, text }: Rule, how: string) =>
    `the ${family === 4 ? 'IPv4' : 'IPv6'} rule ${priority}: ${text} ${how}`;
  return [
    ...before
      .filter((rule) => !there.has(key(rule)) && !moved.has(nameless(rule)))
      .map((rule) => ({ what: say(rule, 'is gone'), explanation: null, command: ruleCommand(rule, 'add') })),
    ...now
      .filter((rule) => !old.has(key(rule)))
      .map((rule) =>
        moved.has(nameless(rule))
          ? { what: say(rule, 'had another priority'), explanation: 'the kernel counts; it works as before' }
          : { what: say(rule, 'is new'), explanation: null, command: ruleCommand(rule, 'del') },
      ),
  ];
}

/** A rule without its priority: the kernel gives one to those that are set without, as they come. */
function nameless({ family, text }: Rule): string {
  return `${family} ${text}`;
}

/** It is there under another priority, and still before and behind the same rules, but for those that it never meets. */
function isOnlyCounted(rule: Rule, before: readonly Rule[], now: readonly Rule[]): boolean {
  const name = nameless(rule);
  const places = (rules: readonly Rule[]) => rules.flatMap((one, index) => (nameless(one) === name ? [index] : []));
  const [was = -1, ...twins] = places(before);
  const [is = -1, ...others] = places(now);
  // For the table local the place is all there is to a rule.
  if (is === -1 || twins.length + others.length > 0 || / lookup local$|\bgoto\b/.test(rule.text)) return false;
  return before.every((other, index) => {
    const place = now.findIndex((one) => nameless(one) === nameless(other));
    return other.family !== rule.family || place === -1 || index < was === place < is || neverMeet(rule, other);
  });
}

/** They are for packets from different hosts. */
function neverMeet(one: Rule, other: Rule): boolean {
  const [from, otherFrom] = [one, other].map(({ text }) => /^from ([\da-f.:]+) /.exec(text)?.[1]);
  return from !== undefined && otherFrom !== undefined && from !== otherFrom;
}

/** @see ip-rule(8); `[l3mdev-table]` is how it shows what it reads as `l3mdev` */
export function ruleCommand({ family, priority, text }: Rule, verb: 'add' | 'del'): string {
  const words = text.includes('[l3mdev-table]') ? text.replace(/(lookup )?\[l3mdev-table\]/, 'l3mdev') : text;
  return shellText(`ip -${family} rule ${verb} priority ${priority} ${words}`);
}

type Table = { readonly tool: string; readonly name: string; readonly lines: readonly string[] };

function tablesOf(rulesets: readonly Ruleset[]): Map<string, Table> {
  const tables = rulesets.flatMap(({ tool, tables: own }) =>
    Object.entries(own).map(([name, lines]): Table => ({ tool, name, lines })),
  );
  return new Map(tables.map((table) => [`${table.tool} ${table.name}`, table]));
}

function compareRulesets(before: readonly Ruleset[], now: readonly Ruleset[], folder: string): Difference[] {
  const old = tablesOf(before);
  const there = tablesOf(now);
  const names = [...new Set([...old.keys(), ...there.keys()])].sort();
  return names.flatMap((name) => compareTable(name, old.get(name), there.get(name), folder));
}

const fewLines = 12;

function compareTable(name: string, was: Table | undefined, is: Table | undefined, folder: string): Difference[] {
  if (was && is && was.lines.join('\n') === is.lines.join('\n')) return [];
  const lost = was?.lines.filter((line) => !is?.lines.includes(line)) ?? [];
  const fresh = is?.lines.filter((line) => !was?.lines.includes(line)) ?? [];
  const keeper = filterKeeper(name) ?? keeperOf(was?.lines ?? [], is?.lines ?? []);
  const changed = [...lost.map((line) => `- ${line}`), ...fresh.map((line) => `+ ${line}`)];
  return [
    {
      what: `the packet filter’s ${name} ${was ? (is ? 'changed' : 'is gone') : 'is new'}`,
      explanation: keeper === undefined ? null : `${keeper} keeps it`,
      ...(changed.length > 0 && {
        details: changed.length > fewLines ? [...changed.slice(0, fewLines), '…'] : changed,
      }),
      ...(keeper === undefined && was && { command: restoreCommand(was.tool, was.name, was.lines, folder) }),
    },
  ];
}

/** Whose table it is, too, when nothing but theirs is different in it. */
function keeperOf(was: readonly string[], is: readonly string[]): string | undefined {
  const keeper = [...was, ...is].map(filterKeeper).find((one) => one !== undefined);
  return ownRules(was).join('\n') === ownRules(is).join('\n') ? keeper : undefined;
}

function compareSettings(before: Network['settings'], now: Network['settings']): Difference[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].sort().flatMap((name) => {
    const was = before[name] ?? networkSettings[name] ?? '';
    return compareWords(name, was, now[name] ?? networkSettings[name] ?? '', `sysctl -w ${name}=${was}`);
  });
}

function compareLogins(before: readonly LoginPath[], now: readonly LoginPath[]): Difference[] {
  const key = ({ local, port, device, peer }: LoginPath) => `${peer} ${local} ${port} ${device}`;
  const ways = new Map(now.map((path) => [key(path), path.way]));
  return before.flatMap((path): Difference[] => {
    const way = ways.get(key(path));
    // Without a way there is none to be tested, and the address that is gone has been told.
    if (way === undefined || way === path.way) return [];
    return [
      {
        what: `the way to ${path.peer}, from where somebody was logged in, is ${way || 'closed'}; before, it was ${path.way || 'closed'}`,
        explanation: null,
      },
    ];
  });
}
