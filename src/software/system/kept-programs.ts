import type { ElfHead } from '../../base/elf.ts';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import type { DependentGroup } from '../local-software.ts';
import { foldersOfLibraries } from '../named-libraries.ts';
import { findLonePlugIns, type LonePlugIn } from '../plug-ins.ts';
import { type Recognised, recogniseFile } from '../recognise-file.ts';
import { realPath } from '../software-survey.ts';
import { findLibraries } from './dependent.ts';
import { type PackageFiles, readPackageFiles } from './local-files.ts';
import { scanFiles } from './scan-files.ts';

/** Packages that stay as they are, whatever they say that they depend on. */
export interface KeptPrograms {
  /** Each package with the libraries that the loader finds for its files. */
  readonly groups: readonly DependentGroup[];
  /** Of their scripts: path to what runs it. */
  readonly interpreters: Readonly<Record<RootPath, RootPath>>;
  /** Of their plug-ins those that nothing loads any more, as the programs for which they are go over. */
  readonly plugIns: readonly LonePlugIn[];
}

/** @param names of packages of the source */
export async function lookAtKept(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  names: readonly string[],
): Promise<KeptPrograms> {
  if (names.length === 0) return { groups: [], interpreters: {}, plugIns: [] };
  const packageFiles = await readPackageFiles(machine);
  const needs: Pick<DependentGroup, 'name' | 'files'>[] = [];
  const interpreters: Record<RootPath, RootPath> = {};
  const libraries: { path: RootPath; package: string }[] = [];
  const programs: RootPath[] = [];
  for (const name of names) {
    const files = filesOf(name, packageFiles, pair);
    const found = await scanFiles(
      machine,
      files,
      (head, path) => interpreterIn(head) ?? recogniseFile(head, path, pair),
    );
    const loaded = found.filter(({ kind }) => isLoaded(kind));
    for (const { path, kind } of loaded) {
      if (roleOf(kind) === 'library') libraries.push({ path, package: name });
      else programs.push(path);
    }
    for (const { path, kind } of found) if (typeof kind === 'string') interpreters[path] = kind;
    if (loaded.length > 0) needs.push({ name, files: loaded.map(({ path }) => path) });
  }
  const { groups, traces, names: strings } = await findLibraries(machine, facts, pair, needs, packageFiles, []);
  const loadedBy = programs.flatMap((path) => [path, ...(traces.get(path)?.libraries ?? [])]);
  const used = [...loadedBy.flatMap((path) => strings.get(path) ?? []), ...foldersOfLibraries(loadedBy, pair)];
  const plugIns = findLonePlugIns(
    libraries,
    goingOver(facts, packageFiles, pair, names),
    new Set(used.filter((one) => one.startsWith('/')).map((one) => realPath(one, packageFiles.aliases))),
    packageFiles.aliases,
    pair.source.triplet,
  );
  return { groups, interpreters, plugIns };
}

/** @returns dpkg's lists of the packages of the source that do not stay, by name */
function goingOver(
  { inventory }: Facts,
  { lists }: PackageFiles,
  { source }: ArchitecturePair,
  staying: readonly string[],
): Map<string, string> {
  const others = inventory.packages.filter(
    (one) => one.state === 'installed' && one.architecture === source.name && !staying.includes(one.name),
  );
  return new Map(others.map(({ name }) => [name, lists.get(`${name}:${source.name}`) ?? lists.get(name) ?? '']));
}

/** Plain files; what a folder has besides is not the package's. */
function filesOf(name: string, { lists, aliases }: PackageFiles, { source }: ArchitecturePair): RootPath[] {
  const text = lists.get(`${name}:${source.name}`) ?? lists.get(name) ?? '';
  const all = text.split('\n').filter((path) => path.startsWith('/') && path !== '/.');
  const folders = new Set(all.map((path) => path.slice(0, path.lastIndexOf('/'))));
  return all
    .filter((path) => !folders.has(path) && !/^\/usr\/share\/(doc|man|locale|lintian)(\/|$)/.test(path))
    .map((path) => realPath(path, aliases) as RootPath);
}

function isLoaded(kind: Recognised | RootPath): boolean {
  const role = roleOf(kind);
  return role === 'program' || role === 'library';
}

function roleOf(kind: Recognised | RootPath): ElfHead['role'] | undefined {
  return typeof kind !== 'string' && kind.what === 'program' ? kind.role : undefined;
}

/** @see execve(2), on interpreter scripts */
function interpreterIn(head: Uint8Array): RootPath | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const [, path] = /^#!\s*(\/\S+)/.exec(String.fromCharCode(...head)) ?? [];
  return path as RootPath | undefined;
}
