import { linkTarget } from '../../base/link-target.ts';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { careful } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { instanceKey } from '../../debian/package.ts';
import { isOfVersionControl } from '../../files/version-control.ts';
import type { Facts } from '../../run/facts.ts';
import {
  architectureTests as architectureTestsIn,
  type NamedPath,
  pathsIn,
  pathsWithArchitecture,
  pathsWithTriplet,
  printPrograms,
  referenceKind,
  searchedIn,
  targetOf,
} from '../named-paths.ts';
import type { FileLine, PrintProgram, Reference, Targets } from '../software-survey.ts';
import { realPath } from '../software-survey.ts';
import { homeTexts } from './home-texts.ts';
import { ownersOf, type PackageFiles, secrets } from './local-files.ts';
import { noConfiguration, textLimit } from './text-files.ts';

/** What configuration says of the old architecture and of programs outside packages. */
export interface ConfigurationLines {
  readonly references: readonly Reference[];
  readonly libraryPaths: readonly FileLine[];
  readonly architecturePaths: readonly FileLine[];
  readonly architectureTests: readonly FileLine[];
  readonly printing: readonly PrintProgram[];
}

const folders: readonly RootPath[] = [
  '/etc',
  '/usr/local/etc',
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/local/lib/systemd',
  '/var/spool/cron/crontabs',
];

/** Reads every text of configuration once. Files that are as their package brought them are left to the package. */
export async function lookAtConfiguration(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  targets: Targets,
  packageFiles: PackageFiles,
  unseen: Unseen[],
): Promise<ConfigurationLines> {
  const references: Reference[] = [];
  const libraryPaths: FileLine[] = [];
  const architecturePaths: FileLine[] = [];
  const architectureTests: FileLine[] = [];
  const named: FileLine[] = [];
  const printing: (FileLine & { printer: string })[] = [];
  const isAsPackaged = await packagedFiles(machine, facts);
  const links = new Map<string, string>();
  for (const file of await texts(machine, unseen)) {
    const text = await careful(unseen)(file, () => machine.readText(file), undefined);
    if (text === undefined || text.includes('\0')) continue;
    const triplets = pathsWithTriplet(text, pair.source.triplet);
    printing.push(...printPrograms(file, text).map((one) => ({ file, ...one })));
    const from = referenceKind(file);
    const programs = await programsIn(machine, text, from, targets, links);
    const others = pathsWithArchitecture(text, pair.source.name);
    const tests = isScript(text) || from === 'cron' || from === 'unit' ? architectureTestsIn(text, pair) : [];
    if (triplets.length + programs.length + others.length + tests.length === 0 || (await isAsPackaged(file))) continue;
    if (/^\/etc\/ld\.so\.conf/.test(file)) libraryPaths.push(...withoutTwin(triplets, text, pair, file));
    else architecturePaths.push(...triplets.map((one) => ({ file, ...one })));
    named.push(...others.map((one) => ({ file, ...one })));
    architectureTests.push(...tests.map((one) => ({ file, ...one })));
    references.push(...programs.map(({ line, path }) => ({ file, line, from, target: path })));
  }
  architecturePaths.push(...ofPackages(named, facts, packageFiles, pair).map(({ owner: _, ...one }) => one));
  return {
    references,
    libraryPaths,
    architecturePaths,
    architectureTests,
    printing: ofPackages(printing, facts, packageFiles, pair).map(({ printer, path, owner }) => ({
      printer,
      path,
      package: owner.replace(/:.*$/, ''),
    })),
  };
}

/**
 * What local configuration and scripts name of packages of the source: where it is gone at the end, that is told.
 *
 * @returns each path once a file
 */
export async function namedOfPackages(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  packageFiles: PackageFiles,
): Promise<FileLine[]> {
  const isAsPackaged = await packagedFiles(machine, facts);
  const unseen: Unseen[] = [];
  const lines: FileLine[] = [];
  for (const file of await texts(machine, unseen)) {
    const text = await careful(unseen)(file, () => machine.readText(file), undefined);
    if (text === undefined || text.includes('\0') || (await isAsPackaged(file))) continue;
    const both = [...pathsIn(text), ...printPrograms(file, text).map(({ line, path }) => ({ line, path }))];
    const paths = new Map(both.map((one) => [one.path, one]));
    lines.push(...[...paths.values()].map((one) => ({ file, ...one })));
  }
  return ofPackages(lines, facts, packageFiles, pair).map(({ owner: _, ...one }) => one);
}

/** The loader takes what it finds: where the target's folder is named as well, nothing is to be done. */
function withoutTwin(
  paths: readonly { readonly line: number; readonly path: string }[],
  text: string,
  { source, target }: ArchitecturePair,
  file: string,
): FileLine[] {
  const written = text.split('\n').map((one) => one.trim());
  const lines = new Set(written);
  return paths
    .filter(({ line }) => !lines.has((written[line - 1] ?? '').replaceAll(source.triplet, target.triplet)))
    .map((one) => ({ file, ...one }));
}

function isScript(text: string): boolean {
  return text.startsWith('#!');
}

/** Those of the paths that a package of the source has. */
function ofPackages<Line extends FileLine>(
  lines: readonly Line[],
  { inventory }: Facts,
  packageFiles: PackageFiles,
  pair: ArchitecturePair,
): (Line & { readonly owner: string })[] {
  if (lines.length === 0) return [];
  const { source } = pair;
  const ofSource = new Set(
    inventory.packages.filter((one) => one.architecture === source.name).flatMap((one) => [one.name, instanceKey(one)]),
  );
  const real = (path: string): string => realPath(path, packageFiles.aliases);
  const owned = ownersOf(new Set(lines.map(({ path }) => real(path))), packageFiles);
  return lines.flatMap((one) => {
    const owner = owned.get(real(one.path)) ?? '';
    return ofSource.has(owner) ? [{ ...one, owner, becomes: inTarget(one.path, pair) }] : [];
  });
}

function inTarget(path: string, { source, target }: ArchitecturePair): string {
  if (path === source.loader) return target.loader;
  return path.replaceAll(source.triplet, target.triplet).replaceAll(source.name, target.name);
}

async function texts(machine: Machine, unseen: Unseen[]): Promise<RootPath[]> {
  const found: RootPath[] = await homeTexts(machine, unseen);
  for (const folder of folders) {
    const walked = (await careful(unseen)(folder, () => machine.walk(folder), undefined)) ?? [];
    for (const [index, { path, info }] of walked.entries()) {
      if (isOfVersionControl(path)) continue;
      if (info.type === 'file' && info.bytes <= textLimit && !noConfiguration.test(path) && !secrets.has(path)) {
        found.push(path);
      }
      // A walk says nothing of folders that it may not enter: they look empty.
      const looksEmpty = info.type === 'directory' && !walked[index + 1]?.path.startsWith(`${path}/`);
      if (looksEmpty) await careful(unseen)(path, () => machine.list(path), undefined);
    }
  }
  return found;
}

/** @returns for each line the programs that it names, each once */
async function programsIn(
  machine: Machine,
  text: string,
  from: Reference['from'],
  targets: Targets,
  links: Map<string, string>,
): Promise<NamedPath[]> {
  if (targets.files.size === 0 && targets.folders.size === 0) return [];
  const found = new Map<string, NamedPath>();
  const searched = from === 'configuration' ? [] : searchedIn(text, targets);
  for (const { line, path } of [...pathsIn(text), ...searched]) {
    const target = targetOf(path, targets) ?? targetOf(await followed(machine, path as RootPath, links), targets);
    if (target !== undefined) found.set(`${line} ${target}`, { line, path: target });
  }
  return [...found.values()].sort((a, b) => a.line - b.line);
}

/** Where a path leads when it is a symlink itself; /usr/bin and the like are dpkg's. */
async function followed(machine: Machine, path: RootPath, links: Map<string, string>): Promise<string> {
  if (/^\/(usr\/(?!local\/)|bin\/|sbin\/|lib|etc\/|dev\/|proc\/|sys\/|run\/|tmp\/|var\/(?!www|opt|lib))/.test(path)) {
    return path;
  }
  const known = links.get(path);
  if (known !== undefined) return known;
  let end = path;
  for (let count = 0; count < 8; count += 1) {
    const link = await careful([])(
      end,
      async () => ((await machine.info(end))?.type === 'symlink' ? machine.readLink(end) : undefined),
      undefined,
    );
    if (link === undefined) break;
    end = linkTarget(end, link);
  }
  links.set(path, end);
  return end;
}

/** Conffiles that nobody changed, and what ucf keeps: their packages bring new ones. */
export async function packagedFiles(machine: Machine, facts: Facts): Promise<(file: RootPath) => Promise<boolean>> {
  const sums = new Map<string, string>();
  for (const { state, conffiles } of facts.inventory.packages) {
    for (const { path, md5, obsolete } of conffiles) {
      if (!obsolete && state !== 'config-files') sums.set(path, md5);
    }
  }
  for (const line of ((await machine.readTextIfThere('/var/lib/ucf/hashfile')) ?? '').split('\n')) {
    const [, md5, path] = /^([0-9a-f]{32}) +(\/.*)$/.exec(line) ?? [];
    if (md5 !== undefined && path !== undefined) sums.set(path, md5);
  }
  return async (file) => sums.has(file) && sums.get(file) === (await machine.hash(file, 'md5'));
}
