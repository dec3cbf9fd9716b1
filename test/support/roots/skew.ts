import {
  type AvailablePackage,
  type InstalledPackage,
  instanceKey,
  type Relation,
} from '../../../src/debian/package.ts';
import type { RecordedHost } from '../recorded/hosts.ts';

/** A recorded host on which somebody has built some source packages again, under versions of their own. */
export interface SkewedHost {
  readonly packages: readonly InstalledPackage[];
  /** What the repositories go on to offer for the source: what was installed before. */
  readonly builds: Readonly<Record<string, readonly AvailablePackage[]>>;
}

/** @returns source packages that have a library which can be installed for both architectures, sorted */
export function skewableSources({ inventory }: RecordedHost): string[] {
  const libraries = inventory.packages.filter(
    ({ multiArch, architecture }) => multiArch === 'same' && architecture === 'i386',
  );
  return [...new Set(libraries.map(({ source }) => source))].sort();
}

/**
 * @param which `source`: all that is made of it, with its dependencies on itself; `library`: one library alone, as
 *   `dpkg-deb --build` of its unpacked files makes it
 * @param suffix `+local1` is higher than what it was, `~local1` lower
 */
export function skew(
  { inventory }: RecordedHost,
  sources: readonly string[],
  which: 'source' | 'library',
  suffix: string,
): SkewedHost {
  const isOfThem = (one: InstalledPackage): boolean => sources.includes(one.source) && one.architecture === 'i386';
  const chosen = new Set(
    inventory.packages
      .filter((one) => isOfThem(one) && (which === 'source' || one.multiArch === 'same'))
      .filter((one, index, all) => which === 'source' || all.findIndex(({ source }) => source === one.source) === index)
      .map(({ name }) => name),
  );
  const renew = (relation: Relation): Relation =>
    chosen.has(relation.name) && relation.operator === '=' && which === 'source'
      ? { ...relation, version: `${relation.version}${suffix}` }
      : relation;
  return {
    packages: inventory.packages.map((one) =>
      isOfThem(one) && chosen.has(one.name)
        ? {
            ...one,
            version: `${one.version}${suffix}`,
            depends: one.depends.map((alternatives) => alternatives.map(renew)),
            preDepends: one.preDepends.map((alternatives) => alternatives.map(renew)),
          }
        : one,
    ),
    builds: Object.fromEntries(
      inventory.packages
        .filter(({ architecture }) => architecture === 'i386')
        .map((one) => [one.name, [asOffered(one)]]),
    ),
  };
}

function asOffered({ name, architecture, version, ...record }: InstalledPackage): AvailablePackage {
  const { want: _, reinstallRequired: __, state: ___, configVersion: ____, conffiles: _____, ...rest } = record;
  return {
    name,
    architecture,
    version,
    ...rest,
    filename: `pool/${instanceKey({ name, architecture })}.deb`,
    archiveBytes: 1000,
    sha256: '0'.repeat(64),
  };
}
