import type { Inventory } from '../debian/inventory.ts';
import type { Release } from '../debian/release.ts';
import type { AptPlaces } from './apt-places.ts';

/** What dpkg and apt know of a root, and what they were told. */
export interface PackageFacts {
  readonly release: Release;
  readonly inventory: Inventory;
  readonly aptPlaces: AptPlaces;
  /** apt's source files: path to text. */
  readonly sourceFiles: Readonly<Record<string, string>>;
  /** apt's configuration files: path to text. */
  readonly aptConfiguration: Readonly<Record<string, string>>;
  /** apt's preferences: path to text; absent when there are none. */
  readonly aptPreferences?: Readonly<Record<string, string>>;
  /** Packages whose triggers were activated since dpkg last looked; absent when there are none. */
  readonly deferredTriggers?: readonly string[];
  /** What lies in the archive folder: file name to bytes. */
  readonly archives: Readonly<Record<string, number>>;
  /** Architectures for which apt has package lists. */
  readonly indexedArchitectures: readonly string[];
  /** Text of apt's extended_states; '' when there is none. */
  readonly extendedStates: string;
  /** Text of dpkg's list of architectures; absent when there is none. */
  readonly architectureFile?: string;
}
