import type { Diversion } from '../debian/inventory.ts';
import type { SoftwareGroup } from './group-programs.ts';

/** Software that no package manager knows, and what depends on it or on the old architecture's paths. */
export interface SoftwareSurvey {
  readonly groups: readonly SoftwareGroup[];
  /** What names files of `groups`. */
  readonly references: readonly Reference[];
  /** Entries of /etc/ld.so.preload that the target's programs can't load. */
  readonly preloads: readonly string[];
  /** Lines for the dynamic loader with the old triplet. */
  readonly libraryPaths: readonly FileLine[];
  /** Other lines with the old triplet, or with a folder of a package of the source that has its name in it. */
  readonly architecturePaths: readonly FileLine[];
  /** Lines of local scripts that ask for the architecture. */
  readonly architectureTests: readonly FileLine[];
  /** What printers are set up with, of packages of the source: filters of CUPS, and what sends to the printer. */
  readonly printing: readonly PrintProgram[];
  /** File capabilities that a package's own scripts do not set again. */
  readonly capabilities: readonly FileCapability[];
  /** Diversions of the administrator's that dpkg does not go by: the package has the file by another name. */
  readonly misnamedDiversions: readonly MisnamedDiversion[];
  /** Paths of the target that the administrator has diverted, with no file there. */
  readonly emptyDiversions: readonly string[];
  /** Wine prefixes that only the 32-bit Wine can use. */
  readonly winePrefixes: readonly string[];
}

export interface Reference {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly from: 'cron' | 'unit' | 'init' | 'configuration';
  /** The program, or the folder of the group that it is in. */
  readonly target: string;
}

export interface FileLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The path that stands there. */
  readonly path: string;
  /** Where the same is on the target, as far as its name tells. */
  readonly becomes?: string;
}

export interface PrintProgram {
  readonly printer: string;
  /** A program: another word size is no matter, but that it is there. */
  readonly path: string;
  readonly package: string;
}

export interface FileCapability {
  readonly path: string;
  /** As getcap(8) prints it: `cap_net_raw=ep`. */
  readonly capability: string;
  readonly package: string;
}

export interface MisnamedDiversion {
  readonly path: string;
  /** The same file, as a package names it. */
  readonly packagePath: string;
}

/** A folder that is reached by another name, as /lib on a merged system: from, with its real path. */
export type Alias = readonly [from: string, to: string];

/**
 * @param lists dpkg's lists of files, one text a package instance
 * @returns where the packages' files really are
 * @see dpkg-query(1), --listfiles; dpkg-divert(1)
 */
export function ownedPaths(
  lists: readonly string[],
  diversions: readonly Diversion[],
  aliases: readonly Alias[],
): Set<string> {
  const owned = new Set<string>();
  for (const text of lists) for (const path of text.split('\n')) owned.add(realPath(path, aliases));
  for (const { path, divertedTo, package: owner } of diversions) {
    if (!owned.has(realPath(path, aliases))) continue;
    owned.add(realPath(divertedTo, aliases));
    // What lies there now was put there by hand.
    if (owner === ':') owned.delete(realPath(path, aliases));
  }
  return owned;
}

/**
 * @param lists dpkg's lists of files, one text a package instance
 * @returns local diversions whose path no package has, while one has another name of it
 * @see dpkg-divert(1), on aliased directories
 */
export function misnamedDiversions(
  lists: readonly string[],
  diversions: readonly Diversion[],
  aliases: readonly Alias[],
): MisnamedDiversion[] {
  const local = diversions.filter((one) => one.package === ':').map(({ path }) => path);
  if (local.length === 0) return [];
  const places = new Map(local.map((path) => [realPath(path, aliases), new Set<string>()]));
  for (const text of lists) {
    for (const path of text.split('\n')) places.get(realPath(path, aliases))?.add(path);
  }
  return local.flatMap((path) => {
    const names = places.get(realPath(path, aliases)) ?? new Set();
    const [packagePath] = names;
    return packagePath === undefined || names.has(path) ? [] : [{ path, packagePath }];
  });
}

export function realPath(path: string, aliases: readonly Alias[]): string {
  for (const [from, to] of aliases) {
    if (path.startsWith(from) && path[from.length] === '/') return to + path.slice(from.length);
  }
  return path;
}

/** What a line of configuration may name, and the name to tell for it. */
export interface Targets {
  /** Path of a program to itself. */
  readonly files: ReadonlySet<string>;
  /** Folders of which everything depends on 32-bit files in it. */
  readonly folders: ReadonlySet<string>;
}

/** @returns the folders that are useless without the 32-bit files of their group */
export function scopeOf({ kind, path }: SoftwareGroup): string | undefined {
  if (kind === 'node') return path.slice(0, -'/node_modules'.length);
  return ['virtualenv', 'conda', 'rvm', 'rbenv', 'pyenv', 'nvm'].includes(kind) ? path : undefined;
}

/** @param passwd text of /etc/passwd */
export function readUserNames(passwd: string): Map<number, string> {
  return new Map(
    passwd.split('\n').flatMap((line) => {
      const [name = '', , uid = ''] = line.split(':');
      return /^\d+$/.test(uid) ? [[Number(uid), name] as const] : [];
    }),
  );
}
