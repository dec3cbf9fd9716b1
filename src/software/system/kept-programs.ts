import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import type { DependentGroup } from '../local-software.ts';
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
}

/** @param names of packages of the source */
export async function lookAtKept(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  names: readonly string[],
): Promise<KeptPrograms> {
  if (names.length === 0) return { groups: [], interpreters: {} };
  const packageFiles = await readPackageFiles(machine);
  const needs: Pick<DependentGroup, 'name' | 'files'>[] = [];
  const interpreters: Record<RootPath, RootPath> = {};
  for (const name of names) {
    const files = filesOf(name, packageFiles, pair);
    const found = await scanFiles(
      machine,
      files,
      (head, path) => interpreterIn(head) ?? recogniseFile(head, path, pair),
    );
    const programs = found.filter(({ kind }) => isLoaded(kind));
    for (const { path, kind } of found) if (typeof kind === 'string') interpreters[path] = kind;
    if (programs.length > 0) needs.push({ name, files: programs.map(({ path }) => path) });
  }
  return { groups: await findLibraries(machine, facts, pair, needs, packageFiles, []), interpreters };
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
  return typeof kind !== 'string' && kind.what === 'program' && (kind.role === 'program' || kind.role === 'library');
}

/** @see execve(2), on interpreter scripts */
function interpreterIn(head: Uint8Array): RootPath | undefined {
  if (head[0] !== 0x23 || head[1] !== 0x21) return undefined;
  const [, path] = /^#!\s*(\/\S+)/.exec(String.fromCharCode(...head)) ?? [];
  return path as RootPath | undefined;
}
