import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { type Look, rootOnly } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { LoginPath, Ruleset } from '../network.ts';
import {
  bootInterfaces,
  type ConfigurationFile,
  leasedRoutes,
  type NetworkSurvey,
  namedScripts,
  sourcedPaths,
} from '../network-files.ts';
import { parseIptables, parseNftables } from '../network-output.ts';
import { readNetwork } from './read-network.ts';

/** Nothing that somebody wrote by hand is longer. */
const textLimit = 256 * 1024;

/**
 * How a host is connected, and the files that say how it shall be.
 *
 * @param logins whose ways are asked for, beside those of now
 * @returns undefined where nobody can be asked, or where an ordinary user sees too little to judge
 */
export async function surveyNetwork(
  machine: Machine,
  unseen: Unseen[],
  look: Look,
  logins: readonly LoginPath[] = [],
): Promise<NetworkSurvey | undefined> {
  const network = await look('the network', () => readNetwork(machine, logins), undefined);
  if (network === undefined) return undefined;
  const mayLook = (await machine.run(['id', '-u'])).stdout.trim() === '0';
  if (!mayLook) {
    unseen.push({ what: 'what of the network would not be there after a reboot', why: rootOnly });
    return undefined;
  }
  const isEnabled = unitStates(machine);
  const files = await readConfiguration(machine, isEnabled, look);
  const loaded = await loadRules(
    machine,
    files,
    network.rulesets.map(({ tool }) => tool),
  );
  const tableNames: string[] = [];
  for (const pattern of ['/usr/share/iproute2/rt_tables', '/etc/iproute2/rt_tables', '/etc/iproute2/rt_tables.d/*']) {
    for (const file of await listed(machine, pattern)) tableNames.push((await machine.readTextIfThere(file)) ?? '');
  }
  return { network, files, tableNames: tableNames.join('\n'), ...(loaded && { loaded }) };
}

type UnitState = (unit: string) => Promise<string | undefined>;

/** @returns why a unit does not start with the host, a clause; undefined when it does */
function unitStates(machine: Machine): UnitState {
  const known = new Map<string, string | undefined>();
  return async (unit) => {
    // Without systemd, what is installed is started.
    if (!machine.root.can.has('init')) return undefined;
    if (!known.has(unit)) {
      const { stdout } = await machine.run(['systemctl', 'is-enabled', unit]);
      const state = stdout.trim();
      const starts = /^(enabled|static|alias|indirect|generated|linked)/.test(state);
      known.set(unit, starts ? undefined : `${unit} is ${/^(disabled|masked)/.exec(state)?.[1] ?? 'not there'}`);
    }
    return known.get(unit);
  };
}

/** Files, and the unit that goes by them. `*` stands in the last part alone. */
const places: readonly (readonly [path: string, unit?: string])[] = [
  ['/etc/network/*', 'networking.service'],
  ...['if-pre-up.d', 'if-up.d', 'ifupdown2', 'ifupdown2/policy.d'].map(
    (folder) => [`/etc/network/${folder}/*`, 'networking.service'] as const,
  ),
  ['/etc/systemd/network/*', 'systemd-networkd.service'],
  ['/etc/NetworkManager/system-connections/*', 'NetworkManager.service'],
  ['/etc/NetworkManager/dispatcher.d/*', 'NetworkManager-dispatcher.service'],
  ['/etc/networkd-dispatcher/routable.d/*', 'networkd-dispatcher.service'],
  ['/etc/networkd-dispatcher/configured.d/*', 'networkd-dispatcher.service'],
  ['/etc/netplan/*'],
  ['/etc/nftables.conf', 'nftables.service'],
  ['/etc/nftables.d/*', 'nftables.service'],
  ['/etc/nftables/*', 'nftables.service'],
  ['/etc/iptables/*', 'netfilter-persistent.service'],
  ['/etc/ferm/*', 'ferm.service'],
  ['/etc/shorewall/*', 'shorewall.service'],
  ['/etc/shorewall6/*', 'shorewall6.service'],
  ['/proc/cmdline'],
  ['/etc/dhcp/dhclient.conf'],
  ['/etc/dhcp/dhclient-enter-hooks.d/*'],
  ['/etc/dhcp/dhclient-exit-hooks.d/*'],
  ['/var/lib/dhcp/*'],
  ['/etc/ppp/ip-up.d/*'],
  ['/etc/openvpn/*'],
  ['/etc/keepalived/*', 'keepalived.service'],
  ['/var/lib/pacemaker/cib/cib.xml', 'pacemaker.service'],
  ['/etc/frr/*', 'frr.service'],
  ['/etc/bird/*', 'bird.service'],
  ['/etc/crontab'],
  ['/etc/cron.d/*'],
  ['/var/spool/cron/crontabs/*'],
  ['/etc/sysctl.conf'],
  ['/etc/sysctl.d/*'],
  ['/usr/lib/sysctl.d/*'],
  ['/lib/sysctl.d/*'],
  ['/usr/local/lib/sysctl.d/*'],
];

/** Cron does the rest only when its time comes. */
const cronFile = /^\/(etc\/cron|var\/spool\/cron)/;

async function readConfiguration(machine: Machine, isEnabled: UnitState, look: Look): Promise<ConfigurationFile[]> {
  const read = async (path: RootPath): Promise<string | undefined> => {
    const info = await machine.info(path);
    if (info === undefined || info.type === 'directory' || info.bytes > textLimit) return undefined;
    return look(path, () => machine.readTextIfThere(path), undefined);
  };
  const files: ConfigurationFile[] = await readInterfaces(machine, isEnabled, read);
  for (const [pattern, unit] of places) {
    for (const path of await listed(machine, pattern)) {
      if (files.some((one) => one.path === path)) continue;
      const text = await read(path);
      if (text === undefined) continue;
      const unused = unit === undefined ? undefined : await isEnabled(unit);
      files.push({ path, text: partOf(path, text), ...(unused !== undefined && { unused }) });
    }
  }
  files.push(...(await readUnits(machine, isEnabled, read)), ...(await readWireguard(machine, isEnabled, read)));
  files.push(...(await readStartScript(machine, read)));
  return [...files, ...(await readScripts(files, read))];
}

/** systemd runs it when it may be run. */
async function readStartScript(machine: Machine, read: Read): Promise<ConfigurationFile[]> {
  const path: RootPath = '/etc/rc.local';
  const text = await read(path);
  if (text === undefined) return [];
  const isProgram = (((await machine.info(path))?.mode ?? 0) & 0o111) !== 0;
  return [{ path, text, ...(!isProgram && { unused: 'it may not be run' }) }];
}

function partOf(path: string, text: string): string {
  // The kernel sets up an interface by itself: ip=192.0.2.7::192.0.2.1:255.255.255.0::eth0
  if (path === '/proc/cmdline') return (text.match(/(?<= |^)ip=\S+/g) ?? []).join(' ').replaceAll(/:(?![^[]*\])/g, ' ');
  if (cronFile.test(path)) return (text.match(/^\s*@reboot.*$/gm) ?? []).join('\n');
  return path.startsWith('/var/lib/dhcp/') ? `${text}\n${leasedRoutes(text)}` : text;
}

type Read = (path: RootPath) => Promise<string | undefined>;

async function readInterfaces(machine: Machine, isEnabled: UnitState, read: Read): Promise<ConfigurationFile[]> {
  const texts: Record<string, string> = {};
  const open: string[] = ['/etc/network/interfaces'];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    for (const path of await listed(machine, next)) {
      const text = path in texts ? undefined : await read(path);
      if (text === undefined) continue;
      texts[path] = text;
      open.push(...sourcedPaths(text));
    }
  }
  const unused = await isEnabled('networking.service');
  return bootInterfaces(texts).map((file) => (unused === undefined ? file : { ...file, unused }));
}

/** The administrator's own units, and what was added to those of packages. */
async function readUnits(machine: Machine, isEnabled: UnitState, read: Read): Promise<ConfigurationFile[]> {
  const folder: RootPath = '/etc/systemd/system';
  const files: ConfigurationFile[] = [];
  for (const name of await machine.list(folder)) {
    const unit = name.replace(/\.d$/, '');
    const paths = name.endsWith('.service.d') ? await listed(machine, `${folder}/${name}/*`) : [];
    if (name.endsWith('.service')) paths.push(`${folder}/${name}`);
    for (const path of paths) {
      const isLink = (await machine.info(path))?.type === 'symlink';
      const text = isLink ? undefined : await read(path);
      if (text === undefined) continue;
      const unused = await isEnabled(unit);
      files.push({ path, text, ...(unused !== undefined && { unused }) });
    }
  }
  return files;
}

async function readWireguard(machine: Machine, isEnabled: UnitState, read: Read): Promise<ConfigurationFile[]> {
  const files: ConfigurationFile[] = [];
  for (const path of await listed(machine, '/etc/wireguard/*')) {
    const name = /([^/]+)\.conf$/.exec(path)?.[1];
    const text = name === undefined ? undefined : await read(path);
    if (text === undefined) continue;
    const unused = await isEnabled(`wg-quick@${name}.service`);
    files.push({ path, text, ...(unused !== undefined && { unused }) });
  }
  return files;
}

const scriptLimit = 100;

/** Scripts that those files name, and that these name in turn. */
async function readScripts(files: readonly ConfigurationFile[], read: Read): Promise<ConfigurationFile[]> {
  const known = new Set(files.map(({ path }) => path));
  const found: ConfigurationFile[] = [];
  const open = files.filter(({ unused }) => unused === undefined).flatMap(({ text }) => namedScripts(text));
  for (let path = open.shift(); path !== undefined && found.length < scriptLimit; path = open.shift()) {
    if (known.has(path)) continue;
    known.add(path);
    const text = await read(path as RootPath);
    if (text === undefined || text.includes('\0')) continue;
    found.push({ path, text });
    open.push(...namedScripts(text));
  }
  return found;
}

/** @param pattern a path, or a folder and `*` with what may stand around it */
async function listed(machine: Machine, pattern: string): Promise<RootPath[]> {
  const folder = pattern.slice(0, pattern.lastIndexOf('/')) as RootPath;
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  if (!last.includes('*')) return (await machine.exists(pattern as RootPath)) ? [pattern as RootPath] : [];
  const [before = '', after = ''] = last.split('*');
  // Editors and dpkg leave copies, which nothing goes by.
  return (await machine.list(folder))
    .filter(
      (name) =>
        name.startsWith(before) && name.endsWith(after) && !/^\.|~$|\.(dpkg-\w+|bak|orig|ucf-\w+|sw.)$/.test(name),
    )
    .map((name): RootPath => `${folder}/${name}`);
}

/**
 * What the services of the packet filter would set: they set it in a network of its own, in which nothing else is, and
 * which is gone with the program.
 *
 * @param tools of which the host has rules now
 */
async function loadRules(
  machine: Machine,
  files: readonly ConfigurationFile[],
  tools: readonly string[],
): Promise<Ruleset[] | undefined> {
  const isUsed = (path: string) => files.some((file) => file.path === path && file.unused === undefined);
  const loaders = [
    ...(isUsed('/etc/nftables.conf') ? ['nft -f /etc/nftables.conf'] : []),
    ...(isUsed('/etc/iptables/rules.v4') ? ['iptables-restore /etc/iptables/rules.v4'] : []),
    ...(isUsed('/etc/iptables/rules.v6') ? ['ip6tables-restore /etc/iptables/rules.v6'] : []),
  ];
  if (tools.length === 0) return undefined;
  if (loaders.length === 0) return [];
  const shows = tools.map((tool) => (tool === 'nft' ? 'nft --stateless list ruleset' : `${tool}-save`));
  const script = [...loaders, ...shows.map((show) => `echo "==== $0" && ${show}`)].join(' && ');
  const { exitCode, stdout } = await machine.run(['unshare', '--net', '--', 'sh', '-ec', script]);
  if (exitCode !== 0) return undefined;
  const texts = stdout.split(/^==== .*\n/m).slice(1);
  return tools.map((tool, index) =>
    tool === 'nft' ? parseNftables(texts[index] ?? '') : parseIptables(texts[index] ?? '', tool),
  );
}
