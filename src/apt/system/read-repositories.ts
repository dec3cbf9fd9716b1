import type { Machine } from '../../base/machine.ts';
import { addTo } from '../../base/multimap.ts';
import type { RootPath } from '../../base/root.ts';
import { parseStanzas } from '../../debian/deb822.ts';
import { readAvailable } from '../../debian/package-stanza.ts';
import { withoutRebuild } from '../../debian/version.ts';
import { readMadison, readReverseDepends, readReverseProvides } from '../apt-output.ts';
import { type Offered, type Provenance, provenanceOf, readOrigin, releaseFileOf } from '../provenance.ts';
import type { Repositories } from '../repositories.ts';
import type { PrivateApt, Solution } from './solve.ts';

/** Asks apt for what a report says of the packages that do not simply go over; costs nothing where all do. */
export async function readRepositories(
  machine: Machine,
  apt: PrivateApt,
  ownVersions: Promise<OwnVersions | undefined>,
  solution: Solution,
): Promise<Repositories> {
  const { availability, trouble } = apt;
  const replacements = await readReplacements(apt, solution.target?.missing ?? []);
  const own = await ownVersions;
  return {
    trouble,
    availability,
    provenance: await readProvenance(machine, apt),
    replacements,
    ...(own && { ownVersions: own }),
    ...(solution.conflict && { conflict: solution.conflict }),
  };
}

/** Whose the repositories are is in the files beside their lists. */
async function readProvenance(machine: Machine, { facts, folder, offered }: PrivateApt): Promise<Provenance> {
  const lists: RootPath = `${folder}/lists`;
  const names = new Set((await machine.list(lists)).filter((name) => name.endsWith('Release')));
  const origins = new Map<string, string | undefined>();
  for (const name of names) origins.set(name, readOrigin((await machine.readTextIfThere(`${lists}/${name}`)) ?? ''));
  const originOf = (index: Offered): string | undefined => origins.get(releaseFileOf(index, names) ?? '');
  return provenanceOf(facts.inventory.packages, offered, originOf);
}

/**
 * Of a package that would go down the target has a version: what is nowhere was misspelt.
 *
 * @param names that answers give
 */
export async function findUnheardOf({ run, facts }: PrivateApt, names: readonly string[]): Promise<string[]> {
  const installed = new Set(facts.inventory.packages.map(({ name }) => name));
  const others = names.filter((name) => !installed.has(name));
  if (others.length === 0) return [];
  const { exitCode, stdout } = await run(['apt-cache', 'madison', ...others]);
  if (exitCode !== 0) return [];
  const offered = readMadison(stdout);
  return others.filter((name) => !offered.has(name));
}

/** Versions by package. */
type OwnVersions = Record<string, string[]>;

/** Provides, and Replaces without a version: with one it only says that files have moved. */
async function readReplacements({ run }: PrivateApt, names: readonly string[]): Promise<Record<string, string[]>> {
  if (names.length === 0) {
    return {};
  }
  const found = readReverseProvides((await run(['apt-cache', 'showpkg', ...names])).stdout);
  const others = ['depends', 'pre-depends', 'recommends', 'suggests', 'conflicts', 'breaks', 'enhances'];
  const mentions = (await run(['apt-cache', ...others.map((kind) => `--no-${kind}`), 'rdepends', ...names])).stdout;
  const candidates = [...new Set([...readReverseDepends(mentions).values()].flat())];
  const shown = candidates.length === 0 ? '' : (await run(['apt-cache', 'show', ...candidates])).stdout;
  for (const { name, replaces } of parseStanzas(shown, 'apt-cache show').map(readAvailable)) {
    for (const relation of replaces.filter(({ operator }) => operator === undefined)) {
      addTo(found, relation.name, name);
    }
  }
  return Object.fromEntries(
    names
      .map((name): [string, string[]] => [name, [...new Set(found.get(name))].filter((one) => one !== name).sort()])
      .filter(([, replacing]) => replacing.length > 0),
  );
}

/**
 * What the root's own lists have of the packages that the target has in no such version. apt reads all of them for it,
 * so it is asked meanwhile.
 *
 * @returns nothing where the lists of one architecture are not there: then apt would be asked for everything
 */
export async function readOwnVersions(
  machine: Machine,
  { facts, pair, availability, request }: PrivateApt,
): Promise<OwnVersions | undefined> {
  const usable = availability.get('dpkg')?.has(pair.target.name);
  if (!usable || !facts.indexedArchitectures.includes(pair.source.name)) {
    return undefined;
  }
  // Kernels, and what only builds of the source needed, are known to go: of them nothing has to be asked.
  const { missing, local, arguments: wanted } = request;
  const open = new Set([...missing, ...local.map(({ name }) => name), ...wanted]);
  const odd = facts.inventory.packages
    .filter(({ name, version, state }) => {
      const offered = [...(availability.get(name)?.values() ?? [])].flat().map(withoutRebuild);
      return state !== 'config-files' && open.has(name) && !offered.includes(withoutRebuild(version));
    })
    .map(({ name }) => name);
  if (odd.length === 0) {
    return {};
  }
  const caches = ['-o', 'Dir::Cache::pkgcache=', '-o', 'Dir::Cache::srcpkgcache='];
  const madison = readMadison((await machine.run(['apt-cache', ...caches, 'madison', ...odd])).stdout);
  return Object.fromEntries(odd.map((name) => [name, [...(madison.get(name)?.values() ?? [])].flat()]));
}
