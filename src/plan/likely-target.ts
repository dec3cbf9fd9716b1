import { withMore } from '../base/with-more.ts';
import { dependenciesOf } from '../debian/dependency-graph.ts';
import { type AvailablePackage, instanceKey } from '../debian/package.ts';
import type { Plan, TargetSet } from './plan.ts';

/**
 * What apt will look for besides what it is asked for: the first alternative of each dependency of which these packages
 * have none. apt, which looks at versions as well, may decide otherwise.
 *
 * @returns names, some of which may only be provided
 */
export function unmetNames(packages: readonly AvailablePackage[]): string[] {
  const there = new Set<string>();
  for (const { name, provides } of packages) {
    there.add(name);
    for (const provide of provides) there.add(provide.name);
  }
  const unmet = new Set<string>();
  for (const alternatives of packages.flatMap(dependenciesOf)) {
    const [first] = alternatives;
    if (first !== undefined && !alternatives.some(({ name }) => there.has(name))) unmet.add(first.name);
  }
  return [...unmet];
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
  return { ...plan, archives: plan.archives.map((one) => withMore(one, { uri: addresses.get(one.key) ?? '' })) };
}
