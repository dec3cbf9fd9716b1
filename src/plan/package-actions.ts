import type { InstanceKey } from '../debian/package.ts';
import type { Archive, Batch, Levelled } from './plan.ts';

/** What apt is needed for. */
export type AptAction =
  | { readonly do: 'update-lists' }
  | { readonly do: 'download'; readonly archives: readonly Archive[] };

/** Whose builds a purge takes: the source's at the end of a run, the target's when it is taken back. */
export type Leaving = 'source' | 'target';

/** What dpkg does, and what is done for it. */
export type DpkgAction =
  /** One dpkg call, for what is not done of it. `leaving`: of packages whose other build stays, and keeps what both share. */
  | { readonly do: 'batch'; readonly batch: Batch; readonly leaving?: Leaving }
  /** Makes archives of these packages as they are, from their files: no repository need have them. */
  | { readonly do: 'save-originals'; readonly level: readonly Levelled[] }
  /** One dpkg call that brings some of them back. */
  | { readonly do: 'put-back'; readonly batch: Batch }
  /** What dpkg knew of them. */
  | { readonly do: 'restore-status' }
  /** Configures what is unpacked and runs the triggers that were put off. */
  | { readonly do: 'run-triggers'; readonly instances: readonly InstanceKey[] }
  /** After a purge of one of two builds whose end was not seen: what they share is put back for the one that stays. */
  | { readonly do: 'restore-shared' };
