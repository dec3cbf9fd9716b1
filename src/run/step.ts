import type { Answers } from '../base/finding.ts';
import type { Ability, RootPath } from '../base/root.ts';
import type { BootAction } from '../boot/boot-actions.ts';
import type { DataAction } from '../data/data-actions.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { FilesAction } from '../files/files-actions.ts';
import type { NetworkAction } from '../network/network-actions.ts';
import type { AptAction, DpkgAction } from '../plan/package-actions.ts';
import type { Plan } from '../plan/plan.ts';
import type { ServiceAction } from '../services/service-actions.ts';
import type { SoftwareAction } from '../software/software-actions.ts';
import type { BeforeRecord } from '../state/before-record.ts';
import type { MilestoneName } from '../state/state.ts';
import type { Facts } from './facts.ts';

export type Phase = 'prepare' | 'kernel' | 'switch' | 'finish';

/** What a step may look at: values only. */
export interface StepContext {
  readonly pair: ArchitecturePair;
  readonly facts: Facts;
  readonly plan: Plan;
  /** Empty until `prepare/record-before` has run. */
  readonly record: BeforeRecord | undefined;
  readonly answers: Answers;
}

/** What belongs to no other room. */
export type RunAction =
  /** Inside the root; must exit with 0, unless it may fail, which is told. */
  | { readonly do: 'command'; readonly argv: readonly string[]; readonly mayFail?: true }
  | { readonly do: 'write'; readonly path: RootPath; readonly content: string; readonly mode?: number }
  | { readonly do: 'remove'; readonly path: RootPath }
  | { readonly do: 'remove-tree'; readonly path: RootPath }
  /** Fills the `before` folder. */
  | { readonly do: 'record' }
  /** Folders and symlinks of / and /usr that maintainer scripts made or took away. */
  | { readonly do: 'restore-top-folders' }
  /** Looks into the archives for shared files that differ, and makes the plan anew with what it finds. */
  | { readonly do: 'compare-shared-files' }
  /** Both builds of these packages, for `crossgrade rescue`. */
  | { readonly do: 'save-for-rescue'; readonly names: readonly string[] }
  /** crossgrade's own things in /var/cache. */
  | { readonly do: 'remove-cache' }
  /** The package names afterwards, the marks, /etc: everything that verify looks at. */
  | { readonly do: 'verify' }
  | { readonly do: 'milestone'; readonly name: MilestoneName };

/**
 * One thing for the engine to do. Plain data, so that it can be shown, stored and undone. Each room has its own, and beside
 * them, in its `system/`, what performs them.
 */
export type Action =
  | AptAction
  | BootAction
  | DataAction
  | DpkgAction
  | FilesAction
  | NetworkAction
  | RunAction
  | ServiceAction
  | SoftwareAction;

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
  readonly needs?: readonly Ability[];
  /** What is still to be done, one sentence each; empty when there is nothing. */
  readonly remaining: (context: StepContext) => readonly string[];
  readonly plan: (context: StepContext) => readonly Action[];
  readonly undo: ((context: StepContext) => readonly Action[]) | 'point of no return';
}
