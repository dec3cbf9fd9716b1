import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { careful } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { type InstanceKey, instanceKey } from '../../debian/package.ts';
import type { Facts } from '../../run/facts.ts';
import { type GroupKind, nameGroup } from '../group-programs.ts';
import type { DependentGroup, DependentSoftware, Loaded, Virtualenv } from '../local-software.ts';
import { ShippedLibraries } from '../named-libraries.ts';
import { readUserNames, realPath } from '../software-survey.ts';
import { type LocalFiles, ownersOf, type PackageFiles } from './local-files.ts';
import { findNamed, readNamesInFiles } from './named-libraries.ts';
import { findGroups } from './survey-software.ts';
import { traceLibraries } from './trace-libraries.ts';

/** Nothing in them is a program that is started by itself, with the libraries of this system. */
const notStarted: ReadonlySet<GroupKind> = new Set(['system', 'virtualenv', 'kernel-modules']);

/** Which programs outside packages need libraries of packages, and which virtualenvs have compiled packages. */
export async function lookAtDependents(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  { found, packageFiles }: Pick<LocalFiles, 'found' | 'packageFiles'>,
): Promise<{ dependent: DependentSoftware; unseen: Unseen[] }> {
  const unseen: Unseen[] = [];
  const groups = await findGroups(machine, found);
  const started = groups.filter(
    ({ group, programs }) => !notStarted.has(group.kind) && programs.some(({ role }) => role === 'program'),
  );
  const virtualenvs: Virtualenv[] = [];
  const names = readUserNames((await machine.readTextIfThere('/etc/passwd')) ?? '');
  for (const { group, programs } of groups.filter((one) => one.group.kind === 'virtualenv')) {
    const path = group.path as RootPath;
    const info = await careful(unseen)(path, () => machine.info(path), undefined);
    if (!info) continue;
    const owner = names.get(info.uid) ?? `${info.uid}`;
    virtualenvs.push({ path, uid: info.uid, gid: info.gid, owner, files: programs.map((one) => one.path as RootPath) });
  }
  const needs = started.map(({ group, programs }) => ({
    name: nameGroup(group),
    files: programs.filter(({ role }) => role === 'program' || role === 'library').map((one) => one.path as RootPath),
  }));
  const { groups: dependentGroups } = await findLibraries(machine, facts, pair, needs, packageFiles, unseen);
  return { dependent: { groups: dependentGroups, virtualenvs }, unseen };
}

/** Groups of files with what the loader finds for them, and whose that is. */
export interface FoundLibraries {
  readonly groups: DependentGroup[];
  /** What the loader has said of each file. */
  readonly traces: ReadonlyMap<string, Loaded>;
  /** Plain strings in each file, and in the libraries that it is loaded with. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** What the loader finds for each of some groups of files, and what they may load by name; and whose that is. */
export async function findLibraries(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  needs: readonly Pick<DependentGroup, 'name' | 'files'>[],
  packageFiles: PackageFiles,
  unseen: Unseen[],
): Promise<FoundLibraries> {
  const nothing = { groups: [], traces: new Map(), names: new Map() };
  if (needs.length === 0) return nothing;
  if (!(await machine.exists(pair.source.loader))) {
    unseen.push({ what: 'the libraries of programs outside packages', why: 'there is no dynamic loader to ask' });
    return nothing;
  }
  const traces = await traceLibraries(
    machine,
    pair.source.loader,
    needs.flatMap(({ files }) => files),
    unseen,
  );
  const instances = new Map(
    facts.inventory.packages
      .filter((one) => one.state === 'installed' && one.architecture === pair.source.name)
      .flatMap((one): [string, InstanceKey][] => [
        [one.name, instanceKey(one)],
        [instanceKey(one), instanceKey(one)],
      ]),
  );
  const lists = [...packageFiles.lists].filter(([owner]) => instances.has(owner));
  const shipped = new ShippedLibraries(lists, packageFiles.aliases, pair);
  const names = await readNamesInFiles(machine, pair, traces);
  const named = needs.map(({ files }) => findNamed(files, traces, names, shipped, pair));
  const plugIns = new Set(named.flat().map(({ path }) => path));
  // They need libraries as well.
  const namedTraces = await traceLibraries(machine, pair.source.loader, [...plugIns]);
  const libraries = new Set([...traces.values(), ...namedTraces.values()].flatMap((one) => one.libraries));
  const owners = await findOwners(machine, libraries, packageFiles);
  const keyOf = (path: string): InstanceKey | undefined => instances.get(owners.get(path) ?? '');
  const groups = needs.map(({ name, files }, index) => {
    const found = files.map((file): [string, Loaded] => [file, traces.get(file) ?? { libraries: [], missing: [] }]);
    const keys = found.flatMap(([, one]) => one.libraries).map(keyOf);
    const packages = [...new Set(keys.filter((key) => key !== undefined))].sort();
    const byName = (named[index] ?? []).flatMap(({ path, owner }): [string, InstanceKey][] => {
      const others = namedTraces
        .get(path)
        ?.libraries.map((one): [string, InstanceKey | undefined] => [one, keyOf(one)]);
      return [[path, instances.get(owner)] as const, ...(others ?? [])].flatMap(([place, key]) =>
        key === undefined || packages.includes(key) ? [] : [[place, key] as [string, InstanceKey]],
      );
    });
    return {
      name,
      files,
      packages,
      ...(byName.length > 0 && { byName: Object.fromEntries(byName.sort()) }),
      missing: Object.fromEntries(
        found.filter(([, { missing }]) => missing.length > 0).map(([file, { missing }]) => [file, [...missing]]),
      ),
    };
  });
  return { groups, traces, names: names.names };
}

/** @returns by the loader's name of a library: the package, as dpkg's lists name it */
async function findOwners(
  machine: Machine,
  libraries: ReadonlySet<string>,
  packageFiles: PackageFiles,
): Promise<ReadonlyMap<string, string>> {
  const paths = [...libraries];
  // Alternatives, and links that ldconfig has made, belong to nobody: what they lead to does.
  const { stdout } = await machine.run(['realpath', '--canonicalize-missing', '--', ...paths]);
  const real = stdout.split('\n');
  const places = paths.map((path, index) => [realPath(path, packageFiles.aliases), real[index] ?? path]);
  const owners = ownersOf(new Set(places.flat()), packageFiles);
  return new Map(
    paths.flatMap((path, index): [string, string][] => {
      const owner = (places[index] ?? []).map((place) => owners.get(place)).find((one) => one !== undefined);
      return owner === undefined ? [] : [[path, owner]];
    }),
  );
}
