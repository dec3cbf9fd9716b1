import namesScript from '#guest/software/names-in-files.pl';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { readNamedModules } from '../../files/system/find-login-modules.ts';
import type { Loaded } from '../local-software.ts';
import {
  asksForNames,
  foldersOfLibraries,
  isOfTheCLibrary,
  nameMark,
  namePattern,
  readNames,
  type ShippedLibraries,
  type ShippedLibrary,
} from '../named-libraries.ts';

/** Files for one call. */
const fewFiles = 500;
/** Seconds for one call: of each file 64 MiB are read. */
const patience = 300;

/** What has names of libraries as plain strings: some files, and what the loader finds for them. */
export interface NamesInFiles {
  /** By file. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** What configuration names for whoever asks for users and hosts, and for logins. */
  readonly modules: Awaited<ReturnType<typeof readNamedModules>>;
}

export async function readNamesInFiles(
  machine: Machine,
  pair: ArchitecturePair,
  traces: ReadonlyMap<string, Loaded>,
): Promise<NamesInFiles> {
  const files = [...new Set([...traces].flatMap(([file, { libraries }]) => [file, ...libraries]))];
  const names = new Map<string, readonly string[]>();
  for (let at = 0; at < files.length; at += fewFiles) {
    const argv = ['perl', '-e', namesScript, nameMark, namePattern(pair), ...files.slice(at, at + fewFiles)];
    const { stdout } = await machine.run(['timeout', '--kill-after=10', `${patience}`, ...argv]);
    for (const [file, some] of readNames(stdout)) names.set(file, some);
  }
  return { names, modules: await readNamedModules(machine) };
}

/** @returns libraries and plug-ins of packages that programs may load by name while they run; not what the loader finds */
export function findNamed(
  files: readonly RootPath[],
  traces: ReadonlyMap<string, Loaded>,
  { names, modules }: NamesInFiles,
  shipped: ShippedLibraries,
  pair: ArchitecturePair,
): ShippedLibrary[] {
  const libraries = [...new Set(files.flatMap((file) => traces.get(file)?.libraries ?? []))];
  const isC = new Set(libraries.filter(isOfTheCLibrary));
  const said = [...files, ...libraries].map((file) => ({ file, some: names.get(file) ?? [] }));
  const plain = said.flatMap(({ file, some }) => some.filter((one) => !isC.has(file) || one.startsWith('/')));
  const asks = said.some(({ file, some }) => !isC.has(file) && asksForNames(some));
  const logsIn = libraries.some((path) => /\/libpam\.so\.0$/.test(path));
  const wanted = modules.filter(({ kind }) => (kind === 'nss' ? asks : logsIn)).map((one) => one.name);
  const security = wanted.filter((name) => name.startsWith('pam_'));
  const found = shipped.named([
    ...plain,
    ...foldersOfLibraries(libraries, pair),
    ...wanted.filter((name) => name.startsWith('libnss_')),
    ...security.map((name) => `/usr/lib/${pair.source.triplet}/security/${name}`),
  ]);
  const linked = new Set(libraries.map((path) => path.slice(path.lastIndexOf('/') + 1)));
  return found.filter(({ path }) => !linked.has(path.slice(path.lastIndexOf('/') + 1)));
}
