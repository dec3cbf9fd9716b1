import type { InstalledPackage, InstanceKey } from './package.ts';

/** What dpkg and apt know of a root. Plain data: it can be recorded and read again. */
export interface Inventory {
  /** Architecture of the installed `dpkg` package, which is dpkg's native one. */
  readonly nativeArchitecture: string;
  readonly foreignArchitectures: readonly string[];
  /** Every stanza of the status database but `not-installed` ones. */
  readonly packages: readonly InstalledPackage[];
  /** Automatically installed instances, as apt's extended_states has them (arch:all under the native one). */
  readonly automatic: ReadonlySet<InstanceKey>;
  readonly diversions: readonly Diversion[];
  readonly statOverrides: readonly StatOverride[];
  readonly sources: readonly SourceEntry[];
}

/** @returns whether apt has marked an instance as automatically installed */
export function isAutomatic(
  { name, architecture }: Pick<InstalledPackage, 'name' | 'architecture'>,
  { automatic, nativeArchitecture }: Pick<Inventory, 'automatic' | 'nativeArchitecture'>,
): boolean {
  return automatic.has(`${name}:${architecture === 'all' ? nativeArchitecture : architecture}`);
}

/** @see dpkg-divert(1) */
export interface Diversion {
  readonly path: string;
  readonly divertedTo: string;
  /** Package whose files are not diverted; `:` for a local diversion. */
  readonly package: string;
}

/** @see dpkg-statoverride(1) */
export interface StatOverride {
  readonly user: string;
  readonly group: string;
  /** Octal, as written: `4755`. */
  readonly mode: string;
  readonly path: string;
}

/** One enabled entry of sources.list(5), in either format. */
export interface SourceEntry {
  readonly file: string;
  /** First line of the entry, from 1. */
  readonly line: number;
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** `[arch=…]` or `Architectures:`; absent when the entry has none. */
  readonly architectures?: readonly string[];
}
