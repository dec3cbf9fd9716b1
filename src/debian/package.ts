/** Packages as dpkg and apt describe them. Field names follow deb-control(5). */

export type MultiArch = 'no' | 'same' | 'foreign' | 'allowed';

export type RelationOperator = '<<' | '<=' | '=' | '>=' | '>>';

/** One alternative of a dependency: `name[:qualifier] [(operator version)]`. */
export interface Relation {
  readonly name: string;
  /** `any`, `native` or an architecture; absent when not written. */
  readonly qualifier?: string;
  readonly operator?: RelationOperator;
  readonly version?: string;
}

/** Alternatives, of which one must hold. */
export type Dependency = readonly Relation[];

export interface Provide {
  readonly name: string;
  /** Only `=` is allowed in Provides. */
  readonly version?: string;
  /** `Provides: name:arch (= v)`; absent when not written. */
  readonly qualifier?: string;
}

/** What one build of a package says of itself, installed or not. */
export interface PackageStanza {
  readonly name: string;
  /** `all` or an architecture. */
  readonly architecture: string;
  readonly version: string;
  /** Source package's name (without a version). */
  readonly source: string;
  readonly multiArch: MultiArch;
  readonly essential: boolean;
  /** `Protected: yes`, or the older `Important: yes`. */
  readonly protected: boolean;
  readonly preDepends: readonly Dependency[];
  readonly depends: readonly Dependency[];
  readonly conflicts: readonly Relation[];
  readonly breaks: readonly Relation[];
  readonly replaces: readonly Relation[];
  readonly provides: readonly Provide[];
  /** `Installed-Size` times 1024; 0 when not given. */
  readonly installedBytes: number;
}

/** dpkg's status words, dpkg-query(1). */
export type PackageState =
  | 'not-installed'
  | 'config-files'
  | 'half-installed'
  | 'unpacked'
  | 'half-configured'
  | 'triggers-awaited'
  | 'triggers-pending'
  | 'installed';

export type PackageWant = 'unknown' | 'install' | 'hold' | 'deinstall' | 'purge';

/** One stanza of dpkg's status file. */
export interface InstalledPackage extends PackageStanza {
  readonly want: PackageWant;
  /** dpkg's error flag: the package is broken and must be unpacked again. */
  readonly reinstallRequired: boolean;
  readonly state: PackageState;
  /** Version that was configured last; '' when never. Only in states before `installed`. */
  readonly configVersion: string;
  /** In state triggers-awaited: the packages whose triggers it waits for, as dpkg names them. */
  readonly triggersAwaited?: readonly string[];
  /** Absolute paths, with the MD5 sum of the packaged content; `obsolete` ones included. */
  readonly conffiles: readonly Conffile[];
}

export interface Conffile {
  readonly path: string;
  readonly md5: string;
  readonly obsolete: boolean;
}

/** A package that a repository offers. */
export interface AvailablePackage extends PackageStanza {
  /** Path in the repository. */
  readonly filename: string;
  /** Size of the archive. */
  readonly archiveBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Where apt fetches the archive from; absent when only read from an index. */
  readonly uri?: string;
}

/** `name:architecture`: the key of one instance everywhere. */
export type InstanceKey = `${string}:${string}`;

export function instanceKey(instance: Pick<PackageStanza, 'name' | 'architecture'>): InstanceKey {
  return `${instance.name}:${instance.architecture}`;
}

/** @returns the package name in an instance's key: `libc6` of `libc6:i386` */
export function nameOf(key: InstanceKey): string {
  return key.slice(0, key.indexOf(':'));
}
