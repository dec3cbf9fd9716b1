import { DependencyGraph, dependenciesOf } from './dependency-graph.ts';
import { type AvailablePackage, instanceKey } from './package.ts';
import type { Plan, TargetSet } from './plan.ts';

/**
 * What apt will look for besides what it is asked for: the first alternative of each dependency that none of these
 * packages satisfies. apt may decide otherwise.
 *
 * @returns names, some of which may only be provided
 */
export function unmetNames(packages: readonly AvailablePackage[]): string[] {
  const graph = new DependencyGraph(packages);
  const unmet = packages
    .flatMap(dependenciesOf)
    .filter((alternatives) => !alternatives.some((relation) => graph.offersFor(relation).length > 0));
  return [...new Set(unmet.flatMap(([first]) => (first === undefined ? [] : [first.name])))];
}

/** Whether a plan that was made for the one is good for the other, addresses of archives apart. */
export function isSameTarget(one: TargetSet, other: TargetSet): boolean {
  const nameOf = ({ packages, ...rest }: TargetSet): string =>
    JSON.stringify([packages.map((build) => `${instanceKey(build)}=${build.version}`), rest]);
  return nameOf(one) === nameOf(other);
}

/** @param packages those of the plan, with their addresses */
export function withAddresses(plan: Plan, packages: readonly AvailablePackage[]): Plan {
  const addresses = new Map(packages.map((build) => [instanceKey(build), build.uri ?? '']));
  return { ...plan, archives: plan.archives.map((one) => ({ ...one, uri: addresses.get(one.key) ?? '' })) };
}
