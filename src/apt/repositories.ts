import type { Availability } from '../debian/availability.ts';
import type { Conflict } from '../debian/conflict.ts';
import type { ListTrouble } from './apt-update.ts';
import type { Provenance } from './provenance.ts';

/** What the repositories have, beside the target set that apt makes of it. */
export interface Repositories {
  readonly trouble: ListTrouble;
  readonly availability: Availability;
  /** Whose the installed packages are; absent where nobody asked. */
  readonly provenance?: Provenance;
  /** Packages of the target that say they provide or replace an installed one which the target lacks. */
  readonly replacements: Readonly<Record<string, readonly string[]>>;
  /**
   * Versions that the root's own package lists have of those installed packages whose version the target lacks; absent
   * when the root has no lists.
   */
  readonly ownVersions?: Readonly<Record<string, readonly string[]>>;
  /** Names of which an answer says what becomes of their version, and which are neither installed nor in a repository. */
  readonly unheardOf?: readonly string[];
  /** Why apt finds no system with every package; absent when it does. */
  readonly conflict?: Conflict;
}
