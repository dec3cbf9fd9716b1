import type { Machine, ScanFound } from '../../base/machine.ts';
import { dpkgFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';
import { careful } from '../../base/system/careful.ts';
import { presence } from '../../base/system/presence.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { readCapabilities } from '../../files/capabilities.ts';
import { readPreload } from '../../files/preload.ts';
import type { Facts } from '../../run/facts.ts';
import { groupPrograms, type LocalProgram } from '../group-programs.ts';
import type { Recognised } from '../recognise-file.ts';
import {
  type FileCapability,
  misnamedDiversions,
  readUserNames,
  type SoftwareSurvey,
  scopeOf,
} from '../software-survey.ts';
import { lookAtConfiguration } from './configuration.ts';
import { ownersOf, type PackageFiles } from './local-files.ts';
import { findPrograms } from './scan-files.ts';

/** What no package manager knows of: programs, and what in the configuration depends on them. */
export async function lookAtSoftware(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  found: readonly ScanFound<Recognised>[],
  packageFiles: PackageFiles,
): Promise<{ software: SoftwareSurvey; unseen: Unseen[]; unseenCapabilities: Unseen[] }> {
  const unseen: Unseen[] = [];
  const unseenCapabilities: Unseen[] = [];
  const groups = await findGroups(machine, found);
  const local = groups.filter(({ group }) => group.kind !== 'system');
  const targets = {
    files: new Set(local.flatMap((one) => one.programs.filter(needsLibraries).map(({ path }) => path))),
    folders: new Set(local.map((one) => scopeOf(one.group)).filter((scope) => scope !== undefined)),
  };
  const software: SoftwareSurvey = {
    groups: groups.map(({ group }) => group),
    ...(await lookAtConfiguration(machine, facts, pair, targets, packageFiles, unseen)),
    preloads: await findPreloads(machine, pair),
    capabilities: await findCapabilities(machine, facts, pair, packageFiles, unseenCapabilities),
    misnamedDiversions: misnamedDiversions(
      [...packageFiles.lists.values()],
      facts.inventory.diversions,
      packageFiles.aliases,
    ),
    emptyDiversions: await findEmptyDiversions(machine, facts, pair),
    winePrefixes: [...markerFolders(found, 'wine')].sort(),
  };
  return { software, unseen, unseenCapabilities };
}

/** Programs and libraries of the source that no package brought. */
export async function findGroups(
  machine: Machine,
  found: readonly ScanFound<Recognised>[],
): Promise<ReturnType<typeof groupPrograms>> {
  const names = readUserNames((await machine.readTextIfThere('/etc/passwd')) ?? '');
  const programs = found.flatMap(({ path, kind, uid }): LocalProgram[] =>
    kind.what === 'program' && !isKeptBySomething(path)
      ? [{ path, role: kind.role, owner: names.get(uid) ?? `${uid}` }]
      : [],
  );
  return groupPrograms(programs, {
    systems: markerFolders(found, 'system'),
    virtualenvs: markerFolders(found, 'virtualenv'),
  });
}

/** What DKMS builds, it builds again; Emacs compiles its cache anew. */
function isKeptBySomething(path: string): boolean {
  return /\/updates\/dkms\/|^\/var\/lib\/dkms\/|\/eln-cache\//.test(path);
}

function needsLibraries({ role }: LocalProgram): boolean {
  return role === 'program' || role === 'library';
}

/** @returns folders that a scan has recognised */
export function markerFolders(
  found: readonly ScanFound<Recognised>[],
  marker: Extract<Recognised, { what: 'marker' }>['marker'],
): Set<string> {
  return new Set(found.flatMap(({ kind }) => (kind.what === 'marker' && kind.marker === marker ? [kind.folder] : [])));
}

/** Entries that the target's programs would look for in vain, or find of the wrong class. */
async function findPreloads(machine: Machine, pair: ArchitecturePair): Promise<string[]> {
  const entries = readPreload((await machine.readTextIfThere('/etc/ld.so.preload')) ?? '');
  const wrong: string[] = [];
  for (const entry of entries) {
    if (entry.includes(pair.source.triplet) || (await isSourceLibrary(machine, pair, entry))) wrong.push(entry);
  }
  return wrong;
}

async function findEmptyDiversions(
  machine: Machine,
  { inventory }: Facts,
  { target }: ArchitecturePair,
): Promise<string[]> {
  const empty: string[] = [];
  for (const { path, package: owner } of inventory.diversions) {
    const isOurs = owner === ':' && path.includes(`/${target.triplet}/`);
    if (isOurs && (await presence(machine, path as RootPath)) === 'missing') empty.push(path);
  }
  return empty;
}

async function isSourceLibrary(machine: Machine, pair: ArchitecturePair, path: string): Promise<boolean> {
  // `$LIB` and names without a folder are looked for anew in each class.
  if (!path.startsWith('/') || path.includes('$')) return false;
  return (await findPrograms(machine, pair, [path as RootPath])).size > 0;
}

/** dpkg unpacks files without their capabilities. Those that a package's script sets are there again afterwards. */
async function findCapabilities(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  packageFiles: PackageFiles,
  unseen: Unseen[],
): Promise<FileCapability[]> {
  if (!(await machine.exists('/usr/sbin/getcap')) && !(await machine.exists('/sbin/getcap'))) {
    unseen.push({ what: 'file capabilities', why: 'getcap (libcap2-bin) is not installed' });
    return [];
  }
  const result = await machine.run(['getcap', '-r', '/usr', '/bin', '/sbin', '/lib']);
  const all = new Map(readCapabilities(result.stdout).map((one) => [one.path, one]));
  const owners = ownersOf(new Set(all.keys()), packageFiles);
  const lost: FileCapability[] = [];
  for (const [path, { capability }] of all) {
    const owner = owners.get(path);
    const instance = facts.inventory.packages.find(
      (one) =>
        one.architecture === pair.source.name && [one.name, `${one.name}:${one.architecture}`].includes(owner ?? ''),
    );
    if (owner === undefined || !instance) continue;
    const script: RootPath = `${dpkgFolder}/info/${owner}.postinst`;
    const text = await careful(unseen)(script, () => machine.readTextIfThere(script), undefined);
    if (!text?.includes('setcap')) lost.push({ path, capability, package: instance.name });
  }
  return lost;
}
