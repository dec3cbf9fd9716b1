import { addTo } from '../base/multimap.ts';
import type { InstalledPackage } from '../debian/package.ts';
import { withoutRebuild } from '../debian/version.ts';
import { madisonLines } from './apt-output.ts';
import { listFileName } from './list-file-name.ts';

/** One index that has a package, in one version. */
export interface Offered {
  readonly version: string;
  /** `https://mirror.example/debian` */
  readonly uri: string;
  /** `bookworm/main`; of a repository without suites a folder, `./`. */
  readonly place: string;
}

/** Who offers the packages that are installed, by what their repositories call themselves. */
export interface Provenance {
  /** Names by origin, `Debian`; one that several offer is told of Debian first. Sorted. */
  readonly byOrigin: Readonly<Record<string, readonly string[]>>;
  /** In no repository that says whose it is, or in no such version. */
  readonly unknown: number;
}

/** What Debian's own repositories say in `Origin`, backports and ports included. */
export function isDebians(origin: string): boolean {
  return /^debian(?![\w-])/i.test(origin);
}

/**
 * @param text stdout of `apt-cache madison NAME…`
 * @returns name to what the indices have of it
 * @see apt-cache(8)
 */
export function readOffered(text: string): Map<string, Offered[]> {
  const found = new Map<string, Offered[]>();
  for (const { name, version, words } of madisonLines(text)) {
    const [uri, place, ...rest] = words;
    // Of the words at least `Packages` has to be left.
    if (uri !== undefined && place !== undefined && rest.length > 0) addTo(found, name, { version, uri, place });
  }
  return found;
}

/**
 * @param text an InRelease or Release file
 * @returns undefined where it does not say whose it is; `. bookworm` is what a tool writes by itself
 */
export function readOrigin(text: string): string | undefined {
  const origin = /^Origin:[ \t]*(.*)$/m.exec(text)?.[1]?.trim();
  return origin === '' || origin?.startsWith('.') ? undefined : origin;
}

/**
 * @param offered what the target's repositories have of each installed package
 * @param originOf whose an index is; undefined where that is not said
 */
export function provenanceOf(
  packages: readonly InstalledPackage[],
  offered: ReadonlyMap<string, readonly Offered[]>,
  originOf: (index: Offered) => string | undefined,
): Provenance {
  const byOrigin = new Map<string, string[]>();
  let unknown = 0;
  const installed = packages.filter(({ state }) => state !== 'config-files');
  for (const [name, version] of new Map(installed.map((one) => [one.name, one.version]))) {
    const all = offered.get(name) ?? [];
    const same = all.filter((one) => withoutRebuild(one.version) === withoutRebuild(version));
    // One that is not up to date is still that of who has the name alone.
    const origins = new Set((same.length > 0 ? same : all).flatMap((one) => originOf(one) ?? []));
    const origin = [...origins].find(isDebians) ?? [...origins].sort()[0];
    if (origin === undefined) unknown += 1;
    else addTo(byOrigin, origin, name);
  }
  for (const names of byOrigin.values()) names.sort();
  return { byOrigin: Object.fromEntries(byOrigin), unknown };
}

/**
 * @param names of files in apt's folder of lists
 * @returns the file that says whose an index is
 * @see apt's URItoFileName: no scheme, no login, `_` for a slash
 */
export function releaseFileOf({ uri, place }: Offered, names: ReadonlySet<string>): string | undefined {
  const base = listFileName(
    uri
      .replace(/^[\w+]+:(\/\/)?/, '')
      .replace(/^[^/@]{0,999}@/, '')
      .replace(/\/+$/, ''),
  );
  const folder = place.endsWith('/') ? place.replace(/\/+$/, '') : undefined;
  if (folder !== undefined) return firstOf([folder === '' ? base : `${base}_${listFileName(folder)}`], names);
  const words = place.split('/');
  // A suite may have slashes, and so may a component.
  const suites = words.slice(1).map((_, index) => words.slice(0, words.length - 1 - index).join('/'));
  return firstOf(
    suites.map((suite) => `${base}_dists_${listFileName(suite)}`),
    names,
  );
}

function firstOf(prefixes: readonly string[], names: ReadonlySet<string>): string | undefined {
  const files = prefixes.flatMap((prefix) => [`${prefix}_InRelease`, `${prefix}_Release`]);
  return files.find((file) => names.has(file));
}
