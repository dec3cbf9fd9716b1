/** Programs that keep tables and chains of the packet filter by themselves, and what they are. */
const filterKeepers: readonly (readonly [RegExp, string])[] = [
  [/\bf2b-|fail2ban/i, 'fail2ban'],
  [/\bDOCKER|docker|\bbr-[0-9a-f]{12}\b/, 'Docker'],
  [/\bLIBVIRT_|libvirt/, 'libvirt'],
  [/\bKUBE-|cali-|CNI-|NETAVARK/, 'a container network'],
  [/\bufw-|ufw6-/, 'ufw'],
  [/table inet firewalld|\bFWD[IO]_|\bIN_public/, 'firewalld'],
  [/crowdsec|sshguard/, 'a program that locks out attackers'],
  [/\bts-(input|forward|postrouting)/, 'Tailscale'],
];

/** @returns who keeps what is named so */
export function filterKeeper(text: string): string | undefined {
  return filterKeepers.find(([pattern]) => pattern.test(text))?.[1];
}

/** What a table, a chain or a set is made of, beside rules. */
const isFrame =
  /^(type|flags|elements|size|timeout|policy|comment|set|map|counter|quota|limit|flowtable|ct|hook|devices|auto-merge|gc-interval|# |\d|[\da-f:.]+[,/])/;
/** Rules may begin with the same words. */
const decides =
  /policy drop|(?<!policy) (accept|drop|reject|queue|jump|goto|return|masquerade|snat|dnat|redirect|mark set)\b/;

/**
 * Rules of a table, without those of chains that a program keeps by itself, and without what it may have put beside them.
 *
 * @param lines of nft or iptables-save
 */
export function ownRules(lines: readonly string[]): string[] {
  const isShared = lines.some((line) => filterKeeper(line) !== undefined);
  let chain = '';
  return lines.filter((line) => {
    const begun = /^chain (\S+) \{$/.exec(line)?.[1];
    chain = begun ?? /^-A (\S+)/.exec(line)?.[1] ?? chain;
    if (begun !== undefined || line === '}' || line.startsWith(':')) return false;
    if (isFrame.test(line) && !decides.test(line)) return false;
    if (filterKeeper(line) !== undefined || filterKeeper(chain) !== undefined) return false;
    return !isShared || /^(input|output)$/i.test(chain);
  });
}

/** The kernel makes these with their module, and nobody uses them. */
const fallback = /^(sit|tunl|ip6tnl|gre|gretap|erspan|ip_vti|ip6_vti|ip6gre|teql|ifb|dummy|bond|nlmon)0$/;

export function isFallback(name: string): boolean {
  return fallback.test(name);
}

const ofContainers =
  /^(veth|docker\d|br-[0-9a-f]{12}|virbr\d|vnet\d|lxc|lxdbr\d|incusbr\d|podman\d|cni\d|cali|flannel|kube-|cilium|ve-|vb-)/;

/** @returns whether a program that runs containers or virtual machines makes such an interface by itself */
export function isOfContainers(name: string): boolean {
  return ofContainers.test(name);
}

/** @returns the same for VPNs and modems, too: they make theirs when they connect */
export function isPassing(name: string, kind: string | undefined): boolean {
  return isOfContainers(name) || kind === 'tun' || kind === 'macvtap' || /^(tailscale|ppp|wwan)\d/.test(name);
}
