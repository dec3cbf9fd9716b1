/** What runs on this host as a system of its own, and is of the source architecture. */
export interface Guest {
  readonly kind: 'Docker image' | 'podman image' | 'LXC container' | 'libvirt machine';
  /** `debian:12`; of an image without a name, the beginning of its digest. */
  readonly name: string;
  /** Of a virtual machine: the program that plays it. */
  readonly emulator?: string;
}

/** What others have written, in whatever shape: no member is taken for granted. */
type Unknown = Readonly<Record<string, unknown>>;

function readObject(text: string): Unknown | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Unknown) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * @param text of an image's configuration
 * @returns `386`; undefined for what is no such file
 * @see Open Container Initiative, image specification, config.md
 */
export function imageArchitecture(text: string): string | undefined {
  const { architecture } = readObject(text) ?? {};
  return typeof architecture === 'string' ? architecture : undefined;
}

/**
 * @param text of Docker's repositories.json: names by repository, with the digest of each
 * @returns the first name by digest, `sha256:…`
 */
export function dockerNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  const { Repositories: all } = readObject(text) ?? {};
  if (typeof all !== 'object' || all === null) return names;
  for (const tags of Object.values(all)) {
    if (typeof tags !== 'object' || tags === null) continue;
    for (const [name, digest] of Object.entries(tags)) {
      if (typeof digest === 'string' && digest.startsWith('sha256:') && !names.has(digest)) names.set(digest, name);
    }
  }
  return names;
}

/**
 * @param text of images.json of the storage that podman, buildah and CRI-O share
 * @returns the first name by id; an image without one has its id
 */
export function podmanNames(text: string): Map<string, string> {
  const names = new Map<string, string>();
  const all = readObject(text);
  if (!Array.isArray(all)) return names;
  for (const image of all as unknown[]) {
    if (typeof image !== 'object' || image === null) continue;
    const { id, names: own } = image as Unknown;
    // It is the name of a folder.
    if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id)) continue;
    const [first] = Array.isArray(own) ? (own as unknown[]) : [];
    names.set(id, typeof first === 'string' ? first : shortDigest(id));
  }
  return names;
}

/** @returns what tools show of a digest */
export function shortDigest(hex: string): string {
  return hex.slice(0, 12);
}

/** @param text of an LXC container's configuration; what it includes is not read */
export function lxcArchitecture(text: string): string | undefined {
  return /^[ \t]*lxc\.arch[ \t]*=[ \t]*(\S{1,64})/m.exec(text)?.[1];
}

/**
 * @param text of /etc/libvirt/qemu/NAME.xml
 * @see libvirt's domain format, `<os><type arch=…>`. Matches are of bounded length: a crafted file costs no time
 */
export function libvirtMachine(text: string): { readonly architecture?: string; readonly emulator?: string } {
  const architecture = /<type\s[^<>]{0,200}?\barch=["']([\w-]{1,64})["']/.exec(text)?.[1];
  const emulator = /<emulator>([^<]{1,1000})<\/emulator>/.exec(text)?.[1];
  return { ...(architecture !== undefined && { architecture }), ...(emulator !== undefined && { emulator }) };
}
