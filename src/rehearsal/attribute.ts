import { isAtOrBelow, type RootPath } from '../base/root.ts';

/** What is not in a view as it is in its root. */
export interface ChangedPath {
  readonly path: RootPath;
  /** `written-anew`: with the same content, owner and mode. */
  readonly kind: 'created' | 'changed' | 'deleted' | 'written-anew';
}

/** Who has changed a path. `configuration`: below /etc, and in the comparison. */
export type Changer =
  | 'package'
  | 'dpkg'
  | 'apt'
  | 'debconf'
  | 'crossgrade'
  | 'generated'
  | 'configuration'
  | 'log'
  | 'cache'
  | 'unexplained';

export const changerTitles: Readonly<Record<Changer, string>> = {
  package: 'files that packages ship',
  dpkg: 'dpkg’s own records',
  apt: 'apt’s own records',
  debconf: 'debconf’s records',
  crossgrade: 'crossgrade’s own notes',
  generated: 'what scripts of packages make anew: caches of libraries, of modules, of Python',
  configuration: '/etc, told in the comparison',
  log: 'logs',
  cache: 'caches',
  unexplained: 'for you to look at',
};

/** In this order; the first one that fits. A path ends where it ends, or goes on below a folder. */
const places: readonly (readonly [Changer, readonly string[]])[] = [
  [
    'crossgrade',
    ['/var/lib/crossgrade', '/var/log/crossgrade', '/var/cache/crossgrade', '/etc/motd.d', '/usr/sbin/policy-rc.d'],
  ],
  ['dpkg', ['/var/lib/dpkg']],
  ['apt', ['/var/lib/apt', '/var/cache/apt', '/var/log/apt']],
  ['debconf', ['/var/cache/debconf']],
  ['log', ['/var/log']],
  ['cache', ['/var/cache', '/var/tmp', '/root/.cache']],
  ['configuration', ['/etc']],
];

/** Made by maintainer scripts and triggers out of what is installed; no package ships them. */
const generated: readonly RegExp[] = [
  /\/__pycache__\/[^/]+[.]pyc$/,
  /^\/usr\/lib(?:\/[^/]+)?\/(?:gconv\/gconv-modules[.]cache|gio\/modules\/giomodule[.]cache|locale\/locale-archive)$/,
  /^\/usr\/lib\/[^/]+\/(?:gdk-pixbuf-2[.]0|gtk-[234][.]0)\/.*[.]cache$/,
  /^\/usr\/share\/(?:applications\/mimeinfo[.]cache|glib-2[.]0\/schemas\/gschemas[.]compiled|icons\/.*\/?icon-theme[.]cache|info\/dir(?:[.]old)?)$/,
  /^\/usr\/share\/mime\//,
  /^\/(?:usr\/)?lib\/modules\/[^/]+(?:\/modules[.][^/]+)?$/,
  /^\/(?:usr\/)?lib\/udev\/hwdb[.]bin$/,
  /^(?:\/boot)?\/(?:initrd[.]img|vmlinuz)(?:[.]old)?$/,
  /^\/boot\/(?:initrd[.]img-|grub(?:\/|$))/,
  /^\/usr\/share\/vim\/[^/]+\/doc\/tags/,
  /^\/var\/lib\/(?:systemd\/(?:deb-systemd-|catalog)|ucf|update-rc[.]d|python|man-db|mime|dictionaries-common|aspell|ispell|ca-certificates|xml-core|sgml-base|initramfs-tools|emacsen-common|ghostscript|shells[.]state|pam|polkit-1|usbutils|misc|info)/,
];

/** @param shipped real paths of files that packages ship, before or afterwards */
export function changerOf(path: RootPath, shipped: ReadonlySet<string>): Changer {
  const [changer] = places.find(([, folders]) => folders.some((folder) => isAtOrBelow(path, folder))) ?? [];
  if (changer !== undefined && changer !== 'cache' && changer !== 'log' && changer !== 'configuration') return changer;
  if (shipped.has(path)) return 'package';
  if (changer !== undefined) return changer;
  return generated.some((pattern) => pattern.test(path)) ? 'generated' : 'unexplained';
}

export interface ChangesBy {
  readonly by: Changer;
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  readonly writtenAnew: number;
}

export interface Attributed {
  /** In the order of `changerTitles`. */
  readonly groups: readonly ChangesBy[];
  /** In the order found; of a folder that came, it alone. */
  readonly unexplained: readonly ChangedPath[];
}

export function attribute(changes: Iterable<ChangedPath>, shipped: ReadonlySet<string>): Attributed {
  const counts = new Map<Changer, Record<ChangedPath['kind'], number>>();
  const unexplained: ChangedPath[] = [];
  for (const change of changes) {
    const by = changerOf(change.path, shipped);
    const count = counts.get(by) ?? { created: 0, changed: 0, deleted: 0, 'written-anew': 0 };
    count[change.kind] += 1;
    counts.set(by, count);
    if (by !== 'unexplained' || change.kind === 'written-anew') continue;
    if (!unexplained.some(({ path }) => isAtOrBelow(change.path, path))) unexplained.push(change);
  }
  return {
    groups: (Object.keys(changerTitles) as Changer[]).flatMap((by) => {
      const count = counts.get(by);
      if (count === undefined) return [];
      const { created, changed, deleted, 'written-anew': writtenAnew } = count;
      return [{ by, created, changed, deleted, writtenAnew }];
    }),
    unexplained,
  };
}
