import type { ElfHead } from '../../base/elf.ts';
import { linkTarget } from '../../base/link-target.ts';
import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { careful } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import { pathsIn, textLines } from '../named-paths.ts';
import { calledPrograms, type HookKind, type HookLine, hookPlaces, lineForBoth, oneSidedPaths } from '../run-hooks.ts';
import { realPath } from '../software-survey.ts';
import { packagedFiles } from './configuration.ts';
import { ownersOf, type PackageFiles } from './local-files.ts';
import { findPrograms } from './scan-files.ts';
import { noConfiguration, textLimit } from './text-files.ts';

/** A script that a hook runs, and one that this one runs, and so on. */
const deepest = 4;

interface HookText {
  readonly kind: HookKind;
  readonly file: RootPath;
  readonly via?: string;
  readonly text: string;
}

/** Lines of local hooks that may not work in both architectures; hooks as their packages brought them are theirs. */
export async function lookAtHooks(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  packageFiles: PackageFiles,
): Promise<{ hooks: readonly HookLine[]; unseen: Unseen[] }> {
  const unseen: Unseen[] = [];
  const texts = await readHooks(machine, facts, packageFiles, unseen);
  if (texts.length === 0) return { hooks: [], unseen };
  const called = texts.flatMap((one) => linesCalling(one));
  const folders = texts.flatMap((one) => oneSided(one, pair));
  const real = (path: string): string => realPath(path, packageFiles.aliases);
  const named = [...folders.map(({ names }) => names), ...called.flatMap(({ places }) => places)];
  const owners = ownersOf(new Set(named.map(real)), packageFiles);
  const ownerOf = (path: string): string | undefined => owners.get(real(path));
  const strange = called
    .map(({ names }) => names)
    .filter((name) => name.startsWith('/') && ownerOf(name) === undefined);
  const programs = await localPrograms(machine, pair, strange);
  const isWrong = ({ kind, names }: Omit<HookLine, 'why'>): boolean => {
    const role = programs.get(names);
    // In an initramfs nothing may be of the source.
    return role !== undefined && (role !== 'static' || kind === 'initramfs');
  };
  const isFolder = ({ file, line, names }: Omit<HookLine, 'why'>): boolean =>
    folders.some((one) => one.file === file && one.line === line && one.names.includes(names));
  return {
    hooks: [
      ...folders.map((one) => withPackage(one, ownerOf(one.names))),
      ...called.flatMap(({ places, ...one }): HookLine[] => {
        if (isFolder(one)) return [];
        if (isWrong(one)) return [{ ...one, why: 'program' }];
        const owner = places.map(ownerOf).find((name) => name !== undefined);
        return owner === undefined ? [] : [{ ...one, why: 'package', package: owner }];
      }),
    ],
    unseen,
  };
}

function withPackage(line: HookLine, owner: string | undefined): HookLine {
  return owner === undefined ? line : { ...line, package: owner };
}

function oneSided({ kind, file, via, text }: HookText, pair: ArchitecturePair): HookLine[] {
  const lines = new Map(textLines(text).map((one) => [one.line, one.content]));
  return oneSidedPaths(text, pair).map(({ line, path }): HookLine => {
    const instead = lineForBoth(kind, lines.get(line) ?? '', path, pair);
    return {
      ...{ kind, file, line, names: path, why: 'folder' },
      ...(via !== undefined && { via }),
      ...(instead !== undefined && { instead }),
    };
  });
}

const programFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** What each line names that may be a program: a path, or a word with the places where it would be found. */
function linesCalling({ kind, file, via, text }: HookText): (Omit<HookLine, 'why'> & { places: string[] })[] {
  const common = { kind, file, ...(via !== undefined && { via }) };
  const seen = new Set<string>();
  return [
    ...pathsIn(text).map(({ line, path }) => ({ ...common, line, names: path, places: [path] })),
    ...calledPrograms(text).map(({ line, name }) => {
      const places = [...programFolders, ...(kind === 'udev' ? ['/usr/lib/udev'] : [])];
      return { ...common, line, names: name, places: places.map((folder) => `${folder}/${name}`) };
    }),
  ].filter(({ line, names }) => {
    const key = `${line} ${names}`;
    return seen.has(key) ? false : seen.add(key);
  });
}

interface Candidate extends Omit<HookText, 'text'> {
  readonly depth: number;
}

/** Hooks that somebody wrote or changed, and the scripts of nobody that they run. */
async function readHooks(
  machine: Machine,
  facts: Facts,
  packageFiles: PackageFiles,
  unseen: Unseen[],
): Promise<HookText[]> {
  const candidates = await hookFiles(machine, unseen);
  const owners = ownersOf(new Set(candidates.map(({ file }) => file)), packageFiles);
  const isAsPackaged = await packagedFiles(machine, facts);
  // Of a package, and no configuration: whoever changes it there loses that with each update.
  const isPackages = async (file: RootPath): Promise<boolean> =>
    (owners.has(file) && !file.startsWith('/etc/')) || (await isAsPackaged(file));
  const texts: HookText[] = [];
  const done = new Set<string>();
  for (let one = candidates.shift(); one; one = candidates.shift()) {
    const { file, depth, ...rest } = one;
    if (done.has(file)) continue;
    done.add(file);
    if (await careful(unseen)(file, () => isPackages(file), true)) continue;
    const text = await careful(unseen)(file, () => machine.readText(file), undefined);
    if (text === undefined || text.includes('\0')) continue;
    texts.push({ ...rest, file, text });
    if (depth >= deepest) continue;
    for (const script of await scriptsIn(machine, text, packageFiles, unseen)) {
      candidates.push({ kind: one.kind, file: script, via: one.via ?? file, depth: depth + 1 });
    }
  }
  return texts;
}

async function hookFiles(machine: Machine, unseen: Unseen[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const [kind, places] of Object.entries(hookPlaces) as [HookKind, readonly RootPath[]][]) {
    for (const place of places) {
      const walked = await careful(unseen)(place, () => machine.walk(place), []);
      for (const { path, info } of walked) {
        const isText = info.type === 'file' && info.bytes <= textLimit && !noConfiguration.test(path);
        if (isText) found.push({ kind, file: path, depth: 0 });
      }
    }
  }
  return found;
}

/** Texts of nobody below the folders where people put their scripts. */
async function scriptsIn(
  machine: Machine,
  text: string,
  packageFiles: PackageFiles,
  unseen: Unseen[],
): Promise<RootPath[]> {
  const named = [...new Set(pathsIn(text).map(({ path }) => path as RootPath))].filter((path) =>
    /^\/(usr\/local|opt|root|home|srv|etc|usr\/s?bin|usr\/lib|s?bin|lib)\/./.test(path),
  );
  const owners = ownersOf(new Set(named.map((path) => realPath(path, packageFiles.aliases))), packageFiles);
  const scripts: RootPath[] = [];
  for (const path of named) {
    if (owners.has(realPath(path, packageFiles.aliases))) continue;
    const info = await careful(unseen)(path, () => machine.info(path), undefined);
    if (info?.type === 'file' && info.bytes <= textLimit) scripts.push(path);
  }
  return scripts;
}

/** Programs of the source among paths that belong to no package. */
async function localPrograms(
  machine: Machine,
  pair: ArchitecturePair,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ElfHead['role']>> {
  const programs = new Map<string, ElfHead['role']>();
  for (const path of new Set(paths)) {
    if (/^\/(proc|sys|dev|run)\//.test(path) || !(await isFile(machine, path as RootPath))) continue;
    // By the name that the hook has for it: what is found may be the end of a link.
    for (const role of (await findPrograms(machine, pair, [path as RootPath])).values()) programs.set(path, role);
  }
  return programs;
}

/** A plain file, or a link to one. */
async function isFile(machine: Machine, path: RootPath): Promise<boolean> {
  let here = path;
  for (let links = 0; links < 8; links += 1) {
    const type = await careful([])(here, async () => (await machine.info(here))?.type, undefined);
    if (type !== 'symlink') return type === 'file';
    here = linkTarget(here, await machine.readLink(here));
  }
  return false;
}
