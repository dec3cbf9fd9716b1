import { type ArchitecturePair, architecturePairs, findPair } from '../debian/architecture.ts';
import { dependenciesOf } from '../debian/dependency-graph.ts';
import type { Inventory } from '../debian/inventory.ts';
import { isKernelImage, isOldKernel } from '../debian/kernel-image.ts';
import { type Dependency, type InstalledPackage, instanceKey } from '../debian/package.ts';
import { DpkgModel, isUnpacked } from '../dpkg/dpkg-model.ts';
import { tornPackages } from './torn-packages.ts';
import { isVital } from './vital.ts';

/** Which way a system has to go to an architecture, judged from its packages: dpkg may have gone ahead of them. */
export type Way =
  /** It is of the target. `kept`: programs of the source, and what belongs to them. */
  | { readonly kind: 'there'; readonly kept: readonly InstalledPackage[]; readonly pair?: ArchitecturePair }
  | { readonly kind: 'open'; readonly pair: ArchitecturePair; readonly start: Start }
  | { readonly kind: 'none' };

/**
 * `source`: dpkg is of the source. `torn`: so it is, and it has not finished with packages of the target. `mixed`: dpkg is of the target, and packages that a system cannot do without are not.
 * `leftovers`: the system is of the target but for libraries and kernels of the source.
 */
export type Start = 'source' | 'torn' | 'mixed' | 'leftovers';

type Installed = Pick<Inventory, 'nativeArchitecture' | 'packages'>;

const nothing: ReadonlySet<string> = new Set();

/**
 * A system of the target that has programs of the source is finished: somebody wants them. It is not, where its own
 * packages lack something that is there in the source alone: then the crossgrade was begun, by whomever.
 *
 * @param target a Debian architecture
 * @param planned instances that a finished crossgrade has kept, as decided then
 */
export function findWay(
  { nativeArchitecture, packages }: Installed,
  target: string,
  planned: ReadonlySet<string> = nothing,
): Way {
  if (nativeArchitecture !== target) {
    const pair = findPair(nativeArchitecture, target);
    if (pair === undefined) return { kind: 'none' };
    return { kind: 'open', pair, start: tornPackages(packages, pair).length > 0 ? 'torn' : 'source' };
  }
  const there = packages.filter(({ state }) => state !== 'config-files');
  const pair = architecturePairs.find(
    (one) => one.target.name === target && there.some(({ architecture }) => architecture === one.source.name),
  );
  if (pair === undefined) return { kind: 'there', kept: [] };
  const ofSource = there.filter(({ architecture }) => architecture === pair.source.name);
  const left = ofSource.filter((one) => !planned.has(instanceKey(one)));
  const arrived = new Set(
    there.filter((one) => one.architecture !== pair.source.name && isUnpacked(one.state)).map(({ name }) => name),
  );
  const programs = left.filter((one) => one.multiArch !== 'same' && !isKernel(one, pair));
  const missed = programs.filter(({ name }) => !arrived.has(name));
  if (missed.some(isVital) || lacks(there, missed, pair)) return { kind: 'open', pair, start: 'mixed' };
  return left.length > 0 && programs.length === 0
    ? { kind: 'open', pair, start: 'leftovers' }
    : { kind: 'there', kept: ofSource, pair };
}

/**
 * What others have begun is gone on with, wherever it stands. Then the first dpkg call ends the way back: what was there
 * before was no sound system, and nobody could put it back.
 */
export function isTakenOver({ nativeArchitecture, packages }: Installed, pair: ArchitecturePair): boolean {
  return nativeArchitecture === pair.target.name || tornPackages(packages, pair).length > 0;
}

/**
 * Whether a package of the target, or of every architecture, gets what it needs from nothing; or from a program of the
 * source alone, without a choice: whoever installs packages of the target gets their own. Where it names an architecture,
 * or says that any will do, it means that.
 */
function lacks(
  there: readonly InstalledPackage[],
  missed: readonly InstalledPackage[],
  { source, target }: ArchitecturePair,
): boolean {
  const names = new Set(missed.flatMap(({ name, provides }) => [name, ...provides.map((one) => one.name)]));
  const modelOf = (packages: readonly InstalledPackage[]): DpkgModel =>
    new DpkgModel(
      packages.map((stanza) => ({ stanza, state: stanza.state })),
      target.name,
    );
  const model = modelOf(there);
  const without = modelOf(there.filter((one) => !missed.includes(one)));
  const mayNotChoose = ([only, ...others]: Dependency): boolean => others.length === 0 && only?.qualifier === undefined;
  return there
    .filter(({ architecture }) => architecture !== source.name)
    .some((stanza) =>
      dependenciesOf(stanza)
        .filter((dependency) => dependency.some(({ name }) => names.has(name)))
        .some((one) => !(mayNotChoose(one) ? without : model).isSatisfied(one, stanza)),
    );
}

function isKernel({ name }: InstalledPackage, pair: ArchitecturePair): boolean {
  return isOldKernel(name, pair) || isKernelImage(name);
}
