import type { RootPath } from '../base/root.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { type Alias, realPath } from './software-survey.ts';

/** Stands before a file's name in what guest/software/names-in-files.pl prints. */
export const nameMark = '== ';

/** Functions that load what /etc/nsswitch.conf names, in programs that call them. */
const asking = ['getpw(?:nam|uid|ent)', 'getgr(?:nam|gid|ent|ouplist)', 'getaddrinfo', 'gethostby', 'initgroups'];

/**
 * A regular expression, of Perl's, for what may stand in a file that has libraries loaded while it runs.
 *
 * @see dlopen(3), nss(5)
 */
export function namePattern({ source }: ArchitecturePair): string {
  const triplet = source.triplet.replaceAll(/[^\w-]/g, '\\$&');
  return [
    String.raw`lib[\w+.-]{1,80}?\.so(?:\.\d+)*(?!\w)`,
    String.raw`/(?:usr/)?lib/${triplet}/[\w+./-]{1,200}`,
    ...asking,
  ].join('|');
}

/** @returns by file what guest/software/names-in-files.pl has found in it */
export function readNames(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  for (const part of `\n${text}`.split(`\n${nameMark}`).slice(1)) {
    const [file = '', ...lines] = part.split('\n');
    names.set(
      file,
      lines.filter((line) => line !== ''),
    );
  }
  return names;
}

/** Calls of the C library's own are how it is made; what it loads for its callers is asked for by their names. */
export function isOfTheCLibrary(path: string): boolean {
  return /\/(?:ld-linux[-\w]*|ld|libc|libpthread|libresolv|libnsl|libnss_\w+)(?:-[\d.]+)?\.so(?:\.|$)/.test(path);
}

/** @returns whether a program with these names asks for users, groups or hosts, so that modules of NSS are loaded */
export function asksForNames(names: readonly string[]): boolean {
  const pattern = new RegExp(`^(?:${asking.join('|')})$`);
  return names.some((name) => pattern.test(name));
}

/** Libraries whose plug-in folder is put together while they run: it is below the triplet's. */
const foldersOf: Readonly<Record<string, string>> = {
  'libQt5Core.so.5': 'qt5/plugins',
  'libQt6Core.so.6': 'qt6/plugins',
  'libgtk-3.so.0': 'gtk-3.0',
  'libgtk-x11-2.0.so.0': 'gtk-2.0',
};

/** @param libraries paths, as the loader names them */
export function foldersOfLibraries(libraries: readonly string[], { source }: ArchitecturePair): string[] {
  return libraries.flatMap((path) => {
    const folder = foldersOf[path.slice(path.lastIndexOf('/') + 1)];
    return folder === undefined ? [] : [`/usr/lib/${source.triplet}/${folder}`];
  });
}

/** A library that an installed package of the source ships. */
export interface ShippedLibrary {
  readonly path: RootPath;
  /** As dpkg's lists name it. */
  readonly owner: string;
}

/** Libraries and plug-ins of packages, to be found by what programs call them. */
export class ShippedLibraries {
  readonly #byName = new Map<string, ShippedLibrary>();
  readonly #plugIns: ShippedLibrary[] = [];
  readonly #aliases: readonly Alias[];
  readonly #triplet: string;

  /** @param lists dpkg's lists of files, of packages of the source, by the name of each */
  constructor(
    lists: Iterable<readonly [name: string, text: string]>,
    aliases: readonly Alias[],
    pair: ArchitecturePair,
  ) {
    this.#aliases = aliases;
    this.#triplet = `/${pair.source.triplet}/`;
    const searched = new Set(
      ['/usr/lib', '/lib'].flatMap((folder) =>
        [folder, `${folder}/${pair.source.triplet}`].map((one) => realPath(`${one}/`, aliases)),
      ),
    );
    for (const [owner, text] of lists) {
      if (!text.includes('.so')) continue;
      for (const line of text.split('\n')) {
        const slash = line.lastIndexOf('/') + 1;
        if (!/\.so(\.[\w.]+)?$/.test(line)) continue;
        const path = realPath(line, aliases) as RootPath;
        const name = line.slice(slash);
        if (searched.has(path.slice(0, -name.length))) this.#byName.set(name, { path, owner });
        else if (path.includes(this.#triplet)) this.#plugIns.push({ path, owner });
      }
    }
  }

  /** @returns what these names stand for, each once; modules of PAM are named by their configuration */
  named(names: Iterable<string>): ShippedLibrary[] {
    const found = new Map<string, ShippedLibrary>();
    for (const name of names) {
      const some = name.startsWith('/') ? this.#below(name) : [this.#byName.get(name)];
      for (const one of some) if (one) found.set(one.path, one);
    }
    return [...found.values()];
  }

  /** A folder with plug-ins, or a file in it that lists them. */
  #below(name: string): ShippedLibrary[] {
    const path = realPath(name.replaceAll(/\/+/g, '/').replace(/\/$/, ''), this.#aliases);
    const itself = this.#plugIns.filter((one) => one.path === path);
    if (itself.length > 0) return itself;
    const inside = this.#inFolder(path);
    return inside.length > 0 ? inside : this.#inFolder(path.slice(0, path.lastIndexOf('/')));
  }

  /** What lies in the triplet's folder itself is no plug-in. */
  #inFolder(folder: string): ShippedLibrary[] {
    return folder.includes(this.#triplet) && !folder.endsWith('/security')
      ? this.#plugIns.filter(({ path }) => path.startsWith(`${folder}/`))
      : [];
  }
}
