import type { ArchitecturePair } from './architecture.ts';
import type { Before } from './before.ts';
import type { Facts } from './facts.ts';
import type { Answers } from './finding.ts';
import type { Capability, RootPath } from './machine.ts';
import type { InstanceKey } from './package.ts';
import type { Archive, Batch, Levelled, Plan } from './plan.ts';
import type { MilestoneName } from './state.ts';

export type Phase = 'prepare' | 'kernel' | 'switch' | 'finish';

/** What a step may look at: values only. */
export interface StepContext {
  readonly pair: ArchitecturePair;
  readonly facts: Facts;
  readonly plan: Plan;
  /** Empty until `prepare/record-before` has run. */
  readonly before: Before | undefined;
  readonly answers: Answers;
}

/** Whose builds a purge takes: the source's at the end of a run, the target's when it is taken back. */
export type Leaving = 'source' | 'target';

/** One thing for the engine to do. Plain data, so that it can be shown, stored and undone. */
export type Action =
  /** Inside the root; must exit with 0. */
  | { readonly do: 'command'; readonly argv: readonly string[] }
  | { readonly do: 'write'; readonly path: RootPath; readonly content: string; readonly mode?: number }
  | { readonly do: 'remove'; readonly path: RootPath }
  | { readonly do: 'remove-tree'; readonly path: RootPath }
  /** Fills the `before` folder. */
  | { readonly do: 'record' }
  /** Folders and symlinks of / and /usr that maintainer scripts made or took away. */
  | { readonly do: 'restore-top-folders' }
  /** What no package brought, and depends on the old libraries or on an old Python. */
  | { readonly do: 'record-local-software' }
  /** Compiled packages of virtualenvs: installed anew. */
  | { readonly do: 'rebuild-virtualenvs' }
  | { readonly do: 'update-lists' }
  | { readonly do: 'download'; readonly archives: readonly Archive[] }
  /** Looks into the archives for shared files that differ, and makes the plan anew with what it finds. */
  | { readonly do: 'compare-shared-files' }
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
  /** Both builds of these packages, for `crossgrade rescue`. */
  | { readonly do: 'save-for-rescue'; readonly names: readonly string[] }
  /** `anyClass`: it may have programs of the source, since it is for a system that is still of the source. */
  | { readonly do: 'build-initramfs'; readonly version: string; readonly anyClass?: boolean }
  /** crossgrade's own things in /var/cache. */
  | { readonly do: 'remove-cache' }
  /** After a purge of one of two builds whose end was not seen: what they share is put back for the one that stays. */
  | { readonly do: 'restore-shared' }
  /** Databases and files whose format depends on the word size: out of it, with the programs of the source … */
  | { readonly do: 'export-data' }
  /** … into it again, with those of the target … */
  | { readonly do: 'import-data' }
  /** … or all as it was. */
  | { readonly do: 'drop-exports' }
  /** The package names afterwards, the marks, /etc: everything that verify looks at. */
  | { readonly do: 'verify' }
  /**
   * Ends this process; a resume after the reboot goes on. `entry`: GRUB is told to boot that one, once. `hasWayBack`:
   * GRUB's default is the old kernel. `instruction`: what to do by hand where it cannot be told. `automatic`: the
   * host reboots by itself.
   */
  | {
      readonly do: 'await-reboot';
      readonly kernel: string;
      readonly entry?: string;
      readonly hasWayBack: boolean;
      readonly instruction?: string;
      readonly automatic: boolean;
    }
  /** Ends this process, once: somebody has to make the new kernel the default. */
  | { readonly do: 'await-default'; readonly kernel: string; readonly instruction: string }
  /** Units of systemd; those that do not start are told. */
  | { readonly do: 'start-services'; readonly units: readonly string[] }
  /** The network after a reboot, with what it was before. */
  | { readonly do: 'compare-network' }
  /** Ends this process: the way back needs the old kernel. */
  | { readonly do: 'await-old-kernel' }
  | { readonly do: 'milestone'; readonly name: MilestoneName };

/**
 * One task of the procedure. A step is pure: it has no `run`. `remaining` alone judges whether it has to
 * run, may be skipped on resume, or has worked.
 */
export interface Step {
  /** `phase/name`, which is also its file. Never changed or reused. */
  readonly id: `${Phase}/${string}`;
  readonly title: string;
  /** Why it has to be done, in one sentence. */
  readonly why: string;
  /** What it does, exactly, and where it leaves traces; plain words. */
  readonly purpose: string;
  /** What a root must offer; where it does not, the step is skipped, visibly. */
  readonly needs?: readonly Capability[];
  /** What is still to be done, one sentence each; empty when there is nothing. */
  readonly remaining: (context: StepContext) => readonly string[];
  readonly plan: (context: StepContext) => readonly Action[];
  readonly undo: ((context: StepContext) => readonly Action[]) | 'point of no return';
}
