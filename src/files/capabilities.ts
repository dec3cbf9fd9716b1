/** What a program may do that else only root may. */
export interface Capability {
  readonly path: string;
  /** As setcap(8) takes it: `cap_net_raw=ep`. */
  readonly capability: string;
}

/**
 * @param text what `getcap -r` prints, of libcap 2.40 and newer (`PATH cap=ep`) or older (`PATH = cap+ep`)
 * @returns sorted, each path once
 */
export function readCapabilities(text: string): Capability[] {
  const all = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, path, capability] = /^(\/.*?) (?:= )?((?:cap_|=|all)\S*)$/.exec(line) ?? [];
    if (path !== undefined && capability !== undefined) all.set(path, capability);
  }
  return [...all].map(([path, capability]) => ({ path, capability })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Those of before that a file has lost, or has otherwise now. */
export function lostCapabilities(before: readonly Capability[], now: readonly Capability[]): Capability[] {
  const today = new Map(now.map(({ path, capability }) => [path, capability]));
  return before.filter(({ path, capability }) => today.get(path) !== capability);
}
