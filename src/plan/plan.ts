import * as z from 'zod';
import { planFile } from '../base/own-paths.ts';
import { parseStored } from '../base/stored-json.ts';
import type { AvailablePackage, InstanceKey } from '../debian/package.ts';

/** The packages that the crossgraded system will have. */
export interface TargetSet {
  /** Everything that will be installed, arch:all included, sorted by name. */
  readonly packages: readonly AvailablePackage[];
  /** Installed names that became another name: kernels, triplets. */
  readonly renamed: Readonly<Record<string, string>>;
  /** Installed names that the target does not have; what becomes of them is a decision. */
  readonly missing: readonly string[];
  /** Why, by name, for those of the missing ones that have a build for the target; absent where all have none. */
  readonly givenUp?: Readonly<Record<string, string>>;
  /** Instances of the source that stay for programs outside packages; absent where none do. */
  readonly beside?: readonly InstanceKey[];
  /**
   * What the repositories have for the source, by name, of packages whose version is not the target's; absent where
   * all that has to be of one version is.
   */
  readonly sourceOffers?: Readonly<Record<string, readonly AvailablePackage[]>>;
}

const key = z.custom<InstanceKey>((value) => typeof value === 'string' && /^[^:]+:[^:]+$/.test(value));
const bytes = z.number().nonnegative();

const build = z.strictObject({ architecture: z.string(), version: z.string() });

/**
 * `crossgraded`: the other architecture's build takes the place of the one that is there. `replaced`: same package, but
 * another version, and already of the target or of every architecture. `added`: a name that was not installed.
 * `vanishing`: a name that will be gone. `kept-foreign`: stays in the source architecture, because the administrator
 * wants it. `untouched`: arch:all, or already of the target.
 */
const packageChange = z.strictObject({
  name: z.string(),
  change: z.enum(['crossgraded', 'replaced', 'added', 'vanishing', 'kept-foreign', 'untouched']),
  /** Absent when there is none. */
  before: build.exactOptional(),
  after: build.exactOptional(),
  /** In plain words. */
  reason: z.string(),
});

const waveName = z.enum(['level', 'kernel', 'libraries', 'core', 'rest', 'purge']);

/** One dpkg call. */
const batch = z.strictObject({
  /** `libraries-1`: stable within one plan. */
  id: z.string(),
  wave: waveName,
  operation: z.enum(['install', 'unpack', 'configure', 'remove', 'purge']),
  /** Instances that this call works on, in the order given to dpkg. */
  instances: z.array(key),
  /** `--force-…` words that this call needs beyond the conffile ones, each proven necessary. */
  force: z.array(z.string()),
  /** What leaves before its new build is there, by name, and why that cannot be otherwise; absent where nothing does. */
  early: z.record(z.string(), z.string()).exactOptional(),
});

/** A build of the source that is brought to the target's version before anything of the target comes. */
const levelled = z.strictObject({
  key,
  /** null: it was not installed, and a levelled one needs it. */
  from: z.string().nullable(),
  to: z.string(),
});

const archive = z.strictObject({
  key,
  version: z.string(),
  /** Base name that apt gives it: `libc6_2.36-9_amd64.deb`, with `%3a` for a colon. */
  fileName: z.string(),
  bytes,
  sha256: z.string(),
  /** As apt names it; '' for what is there already. */
  uri: z.string(),
});

/** Bytes that the filesystem of an inside path must be able to take. */
const spaceNeed = z.strictObject({
  path: z.custom<`/${string}`>((v) => typeof v === 'string'),
  /** At the worst moment. */
  bytes,
  /** When data is imported: everything is replaced, and nothing is purged yet; absent when that is the worst moment. */
  bytesAtImport: bytes.exactOptional(),
});

/** The whole crossgrade as data: the same value is shown, stored, executed, and compared with the end. */
export const planSchema = z.strictObject({
  version: z.literal(1),
  sourceArchitecture: z.string(),
  targetArchitecture: z.string(),
  changes: z.array(packageChange),
  /** What others have begun: dpkg is of the target already, or has not finished with packages of it. The first dpkg call ends the way back. */
  takenOver: z.literal(true).exactOptional(),
  /** Absent where nothing has to be levelled. */
  level: z.array(levelled).exactOptional(),
  batches: z.array(batch),
  archives: z.array(archive),
  downloadBytes: bytes,
  space: z.array(spaceNeed),
  /** Installed names that became another name. */
  renamed: z.record(z.string(), z.string()),
  /** Installed names without a build for the target. */
  missing: z.array(z.string()),
  /** Instances that stay for programs outside packages; what these need themselves is not among them. */
  beside: z.array(key).exactOptional(),
  /** Names that an older list says came automatically, where the marks were lost. */
  givenMarks: z.array(z.string()).exactOptional(),
  /** Shared files whose content differs between the two builds, by package; null until the archives were compared. */
  differingFiles: z.record(z.string(), z.array(z.string())).nullable(),
  /** Installed instances after the run, sorted: `name:architecture` to version. */
  endState: z.record(key, z.string()),
});

export type Plan = z.infer<typeof planSchema>;
export type PackageChange = z.infer<typeof packageChange>;
export type Change = PackageChange['change'];
export type WaveName = z.infer<typeof waveName>;
export type Batch = z.infer<typeof batch>;
export type Levelled = z.infer<typeof levelled>;
export type Archive = z.infer<typeof archive>;
export type SpaceNeed = z.infer<typeof spaceNeed>;

/**
 * @param text plan.json
 * @throws {CrossgradeError} CG0143
 */
export function readPlan(text: string): Plan {
  return parseStored(planFile, text, planSchema, {
    code: 'CG0143',
    hint: 'Nothing was changed. Go on with the crossgrade that began this run.',
  });
}
