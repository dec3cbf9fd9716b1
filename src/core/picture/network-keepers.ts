/** Programs that keep tables and chains of the packet filter by themselves, and what they are. */
const filterKeepers: readonly (readonly [RegExp, string])[] = [
  [/\bf2b-|fail2ban/i, 'fail2ban'],
  [/\bDOCKER|docker/, 'Docker'],
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
