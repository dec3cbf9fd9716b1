import * as z from 'zod';
import type { PackageFacts } from '../apt/package-facts.ts';
import { instanceKey, type PackageWant } from '../debian/package.ts';
import { heldInstances, unfinishedPackages } from '../debian/package-states.ts';
import type { BeforeRecord } from './before-record.ts';

/** What a plan was made from: whatever of it is different later, somebody else has changed. */
export const basisSchema = z.strictObject({
  version: z.literal(1),
  /** `name:architecture` to version, of all that is more than its configuration. */
  packages: z.record(z.string(), z.string()),
  /** Instances of which only configuration is left. */
  residualConfig: z.array(z.string()),
  /** Instances that dpkg shall not just keep: `hold`, `remove`. */
  selections: z.record(z.string(), z.string()),
  /** Instances that dpkg had not finished with; absent where there was none. */
  unfinished: z.array(z.string()).exactOptional(),
  foreignArchitectures: z.array(z.string()),
  /** apt's source files: path to text. */
  sourceFiles: z.record(z.string(), z.string()),
});

export type Basis = z.infer<typeof basisSchema>;

export function basisOf({ inventory, sourceFiles }: Pick<PackageFacts, 'inventory' | 'sourceFiles'>): Basis {
  const installed = inventory.packages.filter((one) => one.state !== 'config-files');
  const unfinished = unfinishedPackages(inventory).map(instanceKey);
  return {
    version: 1,
    packages: Object.fromEntries(installed.map((one) => [instanceKey(one), one.version])),
    residualConfig: inventory.packages.filter((one) => one.state === 'config-files').map(instanceKey),
    selections: Object.fromEntries(
      installed.map((one) => [instanceKey(one), selectionOf(one.want)]).filter(([, word]) => word !== 'install'),
    ),
    ...(unfinished.length > 0 && { unfinished }),
    foreignArchitectures: [...inventory.foreignArchitectures],
    sourceFiles: { ...sourceFiles },
  };
}

/** Of a run that was begun when only the record of before was written. */
export function basisOfRecord(before: BeforeRecord): Basis {
  return {
    version: 1,
    packages: before.packages,
    residualConfig: before.residualConfig,
    selections: Object.fromEntries(before.holds.map((key) => [key, 'hold'])),
    foreignArchitectures: before.foreignArchitectures,
    sourceFiles: before.sourceFiles,
  };
}

/** What dpkg shall do with an installed package. */
export function selectionOf(want: PackageWant): 'install' | 'hold' | 'remove' {
  if (want === 'deinstall' || want === 'purge') return 'remove';
  return want === 'hold' ? 'hold' : 'install';
}

/**
 * The record of before, for a plan that was made anew: what the administrator has changed meanwhile is as it was before.
 *
 * @param facts without what is ours
 */
export function renewRecord(before: BeforeRecord, facts: PackageFacts): BeforeRecord {
  const { inventory, extendedStates } = facts;
  const basis = basisOf(facts);
  const installed = inventory.packages.filter((one) => one.state !== 'config-files');
  const { nativeArchitecture, foreignArchitectures } = inventory;
  const isChanged = foreignArchitectures.join(' ') !== before.foreignArchitectures.join(' ');
  const residual = inventory.packages.filter((one) => one.state === 'config-files');
  return {
    ...before,
    packages: basis.packages,
    residualConfig: basis.residualConfig,
    foreignArchitectures: basis.foreignArchitectures,
    sourceFiles: basis.sourceFiles,
    automatic: [...inventory.automatic].sort(),
    extendedStates: extendedStates === '' ? null : extendedStates,
    holds: heldInstances(installed),
    conffiles: Object.fromEntries(
      [...residual, ...installed].flatMap(({ name, conffiles }) =>
        conffiles.map(({ path, md5 }) => [path, { package: name, md5 }]),
      ),
    ),
    ...(isChanged && {
      architectureFile: [nativeArchitecture, ...foreignArchitectures].map((one) => `${one}\n`).join(''),
    }),
  };
}
