import { dependenciesOf, dependersByName } from '../debian/dependency-graph.ts';
import { type Inventory, isAutomatic } from '../debian/inventory.ts';
import type { AvailablePackage, PackageStanza } from '../debian/package.ts';

/**
 * Those of the names that the target lacks, but for what only builds of the source need: it came by itself, and of what
 * it is or provides nothing is named by the target's builds of those that needed it. So goes `amd64-baseline-support`,
 * which provides the `sse2-support` on which builds for i386 depend.
 *
 * @param packages of the target
 * @param renamed installed name to the name that takes its place
 */
export function missedNames(
  missing: readonly string[],
  inventory: Inventory,
  packages: readonly AvailablePackage[],
  renamed: Readonly<Record<string, string>>,
): string[] {
  const installed = inventory.packages;
  const instances = installed.filter(({ name, state }) => missing.includes(name) && state !== 'config-files');
  const doubtful = instances.filter((one) => isAutomatic(one, inventory));
  if (doubtful.length === 0) return [...missing];
  const dependers = dependersByName(installed.filter(({ state }) => state !== 'config-files'));
  const builds = new Map(packages.map((one) => [one.name, one]));
  const ended = new Set<string>();
  const doesWithout = (depender: PackageStanza, names: ReadonlySet<string>): boolean => {
    const build = builds.get(renamed[depender.name] ?? depender.name);
    if (build === undefined) return ended.has(depender.name);
    return !dependenciesOf(build).some((dependency) => dependency.some(({ name }) => names.has(name)));
  };
  const ends = (one: PackageStanza): boolean => {
    const names = new Set([one.name, ...one.provides.map(({ name }) => name)]);
    const because = [...names].flatMap((name) => dependers.get(name) ?? []).filter(({ name }) => name !== one.name);
    return because.length > 0 && because.every((depender) => doesWithout(depender, names));
  };
  for (let before = -1; before !== ended.size; ) {
    before = ended.size;
    for (const one of doubtful) if (ends(one)) ended.add(one.name);
  }
  return missing.filter((name) => !ended.has(name));
}
