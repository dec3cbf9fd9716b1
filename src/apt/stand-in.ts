import { dependenciesOf } from '../debian/dependency-graph.ts';
import type { SourceEntry } from '../debian/inventory.ts';
import type { AvailablePackage, InstalledPackage, PackageStanza, Relation } from '../debian/package.ts';
import { compareVersions, satisfies } from '../debian/version.ts';
import { isUnpacked } from '../dpkg/dpkg-model.ts';
import { listFileName } from './list-file-name.ts';

/** Whether programs that nothing goes without start, and what was done where they do not. */
export type StandIn =
  | { readonly kind: 'unneeded' }
  /** They are run from a folder of our own. */
  | { readonly kind: 'lent'; readonly programs: readonly string[]; readonly archives: readonly StandInArchive[] }
  | {
      readonly kind: 'missing';
      readonly programs: readonly string[];
      readonly why: readonly string[];
      /** Where it is dpkg: what would have to be there, and of which architecture. */
      readonly architecture?: string;
      readonly archives?: readonly StandInArchive[];
    };

export interface StandInArchive {
  readonly fileName: string;
  /** As the source has it, with its login. */
  readonly address: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** One of apt's package lists, and the address that its file names begin at. */
export interface IndexPlace {
  readonly fileName: string;
  readonly repository: string;
}

/**
 * Where apt, which cannot be asked, has put its lists for an architecture.
 *
 * @see apt-pkg/contrib/strutl.cc, URItoFileName
 */
export function indexPlaces(sources: readonly SourceEntry[], architecture: string): IndexPlace[] {
  return sources
    .filter(({ types, architectures }) => types.includes('deb') && (architectures?.includes(architecture) ?? true))
    .flatMap(({ uris, suites, components }) =>
      uris.flatMap((uri) =>
        suites.flatMap((suite) =>
          components.map((component) => {
            const repository = uri.replace(/\/*$/, '/');
            const folder = `${repository.replace(/^[a-z0-9+]+:\/*/i, '').replace(/^[^/]+@/, '')}dists/${suite}/`;
            const path = `${folder}${component}/binary-${architecture}/Packages`;
            return { fileName: listFileName(path), repository };
          }),
        ),
      ),
    );
}

/** The stanzas of one name in the text of a package list, which is too long to be taken apart as a whole. */
export function stanzasOf(text: string, name: string): string[] {
  const found: string[] = [];
  const head = `Package: ${name}\n`;
  for (let at = text.indexOf(head); at !== -1; at = text.indexOf(head, at + 1)) {
    if (at > 0 && text[at - 1] !== '\n') continue;
    const end = text.indexOf('\n\n', at);
    found.push(text.slice(at, end === -1 ? text.length : end + 1));
  }
  return found;
}

/**
 * What has to be fetched so that a program of a package runs in one architecture: that package, unless it is there in
 * it, and all that it needs of what is not.
 *
 * @param lookUp what the package lists have of a name in that architecture
 * @returns undefined where they lack something
 */
export function standInArchives(
  name: string,
  architecture: string,
  installed: readonly InstalledPackage[],
  lookUp: (name: string) => readonly AvailablePackage[],
): AvailablePackage[] | undefined {
  const here = installed.filter(({ state }) => isUnpacked(state));
  const usable = here.filter((one) => one.architecture === architecture || servesAll(one));
  const version = installed.find((one) => one.name === name && one.state !== 'config-files')?.version;
  const chosen = new Map<string, AvailablePackage>();
  const need = (wanted: AvailablePackage | InstalledPackage): boolean =>
    dependenciesOf(wanted).every((dependency) => {
      if (dependency.some((relation) => [...usable, ...chosen.values()].some((one) => meets(one, relation))))
        return true;
      const found = dependency.flatMap((relation) => lookUp(relation.name).filter((one) => meets(one, relation)));
      const [best] = found.sort((a, b) => compareVersions(b.version, a.version));
      if (best === undefined) return false;
      chosen.set(best.name, best);
      return need(best);
    });
  const there = usable.find((one) => one.name === name && one.architecture === architecture);
  if (there) return need(there) ? [...chosen.values()] : undefined;
  const offered = [...lookUp(name)].sort((a, b) => compareVersions(b.version, a.version));
  // Its own library stands beside it in the version of the one that does not run.
  const own = offered.find((one) => one.version === version) ?? offered[0];
  if (own === undefined) return undefined;
  chosen.set(own.name, own);
  return need(own) ? [...chosen.values()] : undefined;
}

/** Of whatever architecture, it is of use to a program of another one. */
function servesAll({ architecture, multiArch }: PackageStanza): boolean {
  return architecture === 'all' || multiArch === 'foreign' || multiArch === 'allowed';
}

function meets(one: PackageStanza, { name, operator, version }: Relation): boolean {
  const suits = (offered: string | undefined): boolean =>
    operator === undefined || version === undefined || (offered !== undefined && satisfies(offered, operator, version));
  if (one.name === name) return suits(one.version);
  return one.provides.some((provide) => provide.name === name && suits(provide.version));
}

/**
 * The proxy that apt's settings name for such addresses, where apt cannot be asked.
 *
 * @returns '' for none at all; undefined where they say nothing
 */
export function proxyIn(settings: readonly string[], address: string): string | undefined {
  const scheme = address.startsWith('https:') ? 'https' : 'http';
  const written = settings.flatMap((text) => {
    const lines = text.split('\n').filter((line) => !/^\s*(\/\/|#)/.test(line));
    return [...lines.join('\n').matchAll(new RegExp(`Acquire::${scheme}::Proxy\\s+"([^"]*)"`, 'gi'))];
  });
  const proxy = written.at(-1)?.[1];
  return proxy?.toUpperCase() === 'DIRECT' ? '' : proxy;
}
