import { dependenciesOf } from '../debian/dependency-graph.ts';
import { type AvailablePackage, type Dependency, type InstalledPackage, instanceKey } from '../debian/package.ts';
import { satisfies } from '../debian/version.ts';
import { DpkgModel } from '../dpkg/dpkg-model.ts';

/** A build that would complete what is half-installed, and where its archive is. */
export interface MissingArchive {
  readonly build: AvailablePackage;
  readonly url: string;
}

/** What completes packages that are half-installed where apt cannot be asked, and a program here that fetches it. */
export interface Completion {
  readonly archives: readonly MissingArchive[];
  readonly downloader?: 'wget' | 'curl';
}

type Lists = ReadonlyMap<string, MissingArchive>;

/**
 * @param unfinished packages that were unpacked, and not configured
 * @param lists what the package lists of this system have, by instance key
 * @returns what has to come for them to be configured, what it needs itself included; undefined where a list lacks it
 */
export function completionOf(
  unfinished: readonly InstalledPackage[],
  there: readonly InstalledPackage[],
  lists: Lists,
  native: string,
): MissingArchive[] | undefined {
  const found = new Map<string, MissingArchive>();
  // An apt of another architecture than dpkg's does not see most packages, and would remove what they need.
  const strange = unfinished.filter(({ name, architecture }) => name === 'apt' && architecture !== native);
  const half = unfinished.filter((one) => !strange.includes(one));
  const installed = there.filter((one) => !strange.includes(one));
  for (const { name, version } of strange) {
    const own = lists.get(`${name}:${native}`);
    if (own?.build.version !== version) return undefined;
    found.set(instanceKey(own.build), own);
  }
  const modelNow = (): DpkgModel =>
    new DpkgModel(
      [
        ...installed.map((stanza) => ({
          stanza,
          // As they will be.
          state: half.includes(stanza) ? ('installed' as const) : stanza.state,
        })),
        ...[...found.values()].map(({ build }) => ({ stanza: build, state: 'installed' as const })),
      ],
      native,
    );
  let model = modelNow();
  const open: (InstalledPackage | AvailablePackage)[] = [...half, ...[...found.values()].map(({ build }) => build)];
  for (let stanza = open.pop(); stanza !== undefined; stanza = open.pop()) {
    for (const dependency of dependenciesOf(stanza)) {
      if (model.isSatisfied(dependency, stanza)) continue;
      const { architecture } = stanza;
      const choice = dependency
        .flatMap(({ name, operator, version }) =>
          [architecture, 'all'].flatMap((of) => {
            const one = lists.get(`${name}:${of}`);
            const fits = one && (operator === undefined || satisfies(one.build.version, operator, version ?? ''));
            return fits ? [one] : [];
          }),
        )
        .find(({ build }) => fitsBeside(build, installed));
      if (choice === undefined) return undefined;
      found.set(instanceKey(choice.build), choice);
      model = modelNow();
      open.push(choice.build);
    }
  }
  return [...found.values()].sort((a, b) => (a.build.name < b.build.name ? -1 : 1));
}

/** @returns the same, in calls of dpkg one after the other: what is pre-depended on is configured before */
export function inCalls(archives: readonly MissingArchive[]): MissingArchive[][] {
  const wanted = archives.flatMap(({ build }) => build.preDepends).flatMap(namesIn);
  const first = new Set<MissingArchive>();
  const open = archives.filter(({ build }) => wanted.includes(build.name));
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (first.has(one)) continue;
    first.add(one);
    const needed = dependenciesOf(one.build).flatMap(namesIn);
    open.push(...archives.filter(({ build }) => needed.includes(build.name)));
  }
  if (first.size === 0 || first.size === archives.length) return [[...archives]];
  return [...inCalls([...first]), archives.filter((one) => !first.has(one))];
}

function namesIn(dependency: Dependency): string[] {
  return dependency.map(({ name }) => name);
}

/** dpkg has two builds of a library side by side in one version only; what is no library would replace the other. */
function fitsBeside(build: AvailablePackage, installed: readonly InstalledPackage[]): boolean {
  return installed
    .filter(({ name, state }) => name === build.name && state !== 'config-files')
    .every(({ multiArch, version }) => multiArch === 'same' && build.multiArch === 'same' && version === build.version);
}

/** @returns the beginning of the names that apt gives to lists of a source */
export function listPrefix(uri: string): string {
  return uri
    .replace(/^\w+:\/\//, '')
    .replace(/\/*$/, '/')
    .replaceAll('_', '%5f')
    .replaceAll('/', '_');
}
