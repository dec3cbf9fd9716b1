import type { Network, Ruleset } from './network.ts';

/** How the host is connected now, and what says how it shall be when it has started. */
export interface NetworkSurvey {
  readonly network: Network;
  /** Files that say how the network shall be. */
  readonly files: readonly ConfigurationFile[];
  /** Text of iproute2's names of routing tables: /etc/iproute2/rt_tables. */
  readonly tableNames: string;
  /** What the packet filter's own services would load; absent where nobody could try, or where there is none. */
  readonly loaded?: readonly Ruleset[];
}

export interface ConfigurationFile {
  readonly path: string;
  readonly text: string;
  /** Why the host does not go by it when it starts: `nftables.service is disabled`. */
  readonly unused?: string;
}

/** `;` begins a comment in the files of systemd-networkd and NetworkManager, and separates commands in scripts. */
const comment = /^\s*(?:#|;).*$/gm;

/** @returns without lines that are comments */
export function withoutComments(text: string): string {
  return text.replaceAll(comment, '');
}

/** @returns the files beside this one that it names; `*` may stand in the last part of a path */
export function sourcedPaths(interfaces: string): string[] {
  return [...withoutComments(interfaces).matchAll(/^\s*source(-directory)?\s+(\/\S+)/gm)].map(
    ([, directory, path = '']) => (directory === undefined ? path : `${path}/*`),
  );
}

/**
 * The files of ifupdown without the interfaces that it does not set up by itself.
 *
 * @param files path to text
 * @returns files, those parts in files of their own that say so
 * @see interfaces(5): `auto` and `allow-hotplug`
 */
export function bootInterfaces(files: Readonly<Record<string, string>>): ConfigurationFile[] {
  const texts = Object.entries(files).map(([path, text]) => [path, withoutComments(text)] as const);
  const automatic = texts.flatMap(([, text]) =>
    [...text.matchAll(/^\s*(?:auto|allow-\S+)\s+(.*)$/gm)].flatMap(([, names = '']) => names.split(/\s+/)),
  );
  const patterns = automatic.filter((name) => name !== '').map((name) => globPattern(name));
  return texts.flatMap(([path, text]) => {
    const stanzas = text.split(/^(?=\s*(?:iface|auto|allow-\S+|source\S*|mapping|rename|no-\S+)\s)/m);
    const isByHand = (stanza: string): boolean => {
      const name = /^\s*iface\s+([^\s:]+)/.exec(stanza)?.[1];
      return name !== undefined && !patterns.some((pattern) => pattern.test(name));
    };
    const byHand = stanzas.filter(isByHand);
    return [
      { path, text: stanzas.filter((stanza) => !isByHand(stanza)).join('') },
      ...byHand.map((stanza) => ({
        path,
        text: stanza,
        unused: `${/iface\s+(\S+)/.exec(stanza)?.[1]} is neither auto nor allow-hotplug there`,
      })),
    ];
  });
}

function globPattern(glob: string): RegExp {
  const text = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${text}$`);
}

/** Routes that a DHCP server gave to dhclient: it sets them in a way that does not tell. */
export function leasedRoutes(leases: string): string {
  return [...leases.matchAll(/option rfc3442-classless-static-routes ([\d,]+);/g)]
    .flatMap(([, list = '']) => {
      const numbers = list.split(',').map(Number);
      const routes: string[] = [];
      while (numbers.length >= 5) {
        const length = numbers.shift() ?? 0;
        const significant = numbers.splice(0, Math.ceil(length / 8));
        const destination = [...significant, 0, 0, 0, 0].slice(0, 4).join('.');
        routes.push(`${destination}/${length} ${numbers.splice(0, 4).join('.')}`);
      }
      return routes;
    })
    .join('\n');
}

/** Paths of scripts of the administrator's own that a text names: what they do, it does. */
export function namedScripts(text: string): string[] {
  const found = withoutComments(text).matchAll(/(?<![\w.])\/(?:usr\/local|root|opt|srv|home|etc)\/[\w./+@-]+/g);
  return [...new Set([...found].map(([path]) => path))];
}

/** Words of a text, and of each the address alone where it has a length behind it; of IPv6 in the kernel's spelling. */
export function wordsOf({ path, text }: ConfigurationFile): ReadonlySet<string> {
  const words = new Set<string>();
  const file = path.slice(path.lastIndexOf('/') + 1);
  // wg0.conf is of wg0.
  words.add(file).add(file.replace(/\.[a-z]+$/, ''));
  for (const word of withoutComments(text).split(/[\s"'`=,;()[\]{}<>|&]+/)) {
    words.add(word).add(word.replace(/:$/, ''));
    const [address = '', length] = word.split('/');
    const plain = spelled(address);
    words.add(plain);
    if (length !== undefined) words.add(`${plain}/${length}`);
  }
  words.delete('');
  return words;
}

/** One thing is said in several lines there. */
const structured = /\.(network|netdev|nmconnection|ya?ml|xml)$|^\/etc\/(frr|bird|keepalived)\//;

/**
 * What belongs together in a file: a section, a line with the values of its variables, or the file as a whole. Two words
 * that stand anywhere in a file are no sign that it sets a rule which has both.
 *
 * @param what systemd-networkd has a section for each rule, and says a route's VRF in another one
 */
export function unitsOf(file: ConfigurationFile, what: 'rule' | 'route'): ConfigurationFile[] {
  const { path } = file;
  const text = withoutComments(file.text);
  if (what === 'rule' && path.endsWith('.network')) return text.split(/^(?=\[)/m).map((part) => ({ path, text: part }));
  if (structured.test(path)) return [file];
  const lines = text.replaceAll(/\\\n/g, ' ').split('\n');
  // ifupdown2 has an interface's VRF and its gateway in lines of their own.
  const stanzas = text.split(/^(?=\s*(?:iface|auto)\s)/m).filter((part) => /^\s*vrf\s/m.test(part));
  return [...lines.filter((line) => line.trim() !== '').map((line) => withVariables(line, text)), ...stanzas].map(
    (part) => ({ path, text: part }),
  );
}

/** Those that ifupdown itself sets for its commands. */
const ofIfupdown = /^(IFACE|LOGICAL|ADDRFAM|METHOD|MODE|PHASE|VERBOSITY|PATH|IF_\w+)$/;

/** A line of a script, and what its variables may stand for; where nobody can tell, all of the script. */
function withVariables(line: string, text: string): string {
  const names = [...line.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name).filter((name) => !ofIfupdown.test(name));
  const values = names.map((name) =>
    [...text.matchAll(new RegExp(`(?:\\b${name}=|\\bfor\\s+${name}\\s+in\\s)(.*)$`, 'gm'))].map(([, value = '']) =>
      // The rest of a loop is no value.
      value.replace(/;\s*do\b.*/, ''),
    ),
  );
  const isOpen = /\$\(|`/.test(line) || values.some((one) => one.length === 0);
  return [line, ...(isOpen ? [text] : values.flat())].join(' ');
}

/** An address of IPv6 as the kernel writes it; anything else as it is. */
function spelled(word: string): string {
  if (!/^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(word) || !/:.*:/.test(word)) return word;
  try {
    return new URL(`http://[${word}]/`).hostname.slice(1, -1);
  } catch {
    return word;
  }
}

/** Files that were looked at, and those that are not used, with the reason. */
export function lookedAt(files: readonly ConfigurationFile[]): { readonly used: string[]; readonly unused: string[] } {
  const filled = files.filter(({ text }) => withoutComments(text).trim() !== '');
  const used = [...new Set(filled.filter(({ unused }) => unused === undefined).map(({ path }) => path))].sort();
  const unused = filled.flatMap(({ path, unused: why }) => (why === undefined ? [] : [`${path} (${why})`]));
  return { used, unused: [...new Set(unused)].sort() };
}
