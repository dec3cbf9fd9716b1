import type { PackageFacts } from '../apt/package-facts.ts';
import type { KernelFacts } from '../boot/kernel-facts.ts';
import type { Exports } from '../data/exports.ts';
import type { Capability } from '../files/capabilities.ts';
import type { Dictionaries } from '../files/dictionaries.ts';
import type { AtopLogs } from '../files/set-aside-logs.ts';
import type { ServiceFacts } from '../services/service-facts.ts';
import type { LocalSoftwareRecord, Rebuilt } from '../software/local-software.ts';
import type { Milestones } from '../state/state.ts';

/** Everything that steps and checks may know of a root, read in one go; each part is a room's own. */
export interface Facts extends PackageFacts, KernelFacts, ServiceFacts {
  /** crossgrade's own files in the root, those that are there: path to text. */
  readonly ownFiles: Readonly<Record<string, string>>;
  /** Of the files that had any before, when crossgrade has written that down: then, and now. */
  readonly capabilities?: { readonly before: readonly Capability[]; readonly now: readonly Capability[] };
  /** Of atop; absent where it has none. */
  readonly atopLogs?: AtopLogs;
  /** What packages compiled here for ispell; absent where there is none, or no program that compiles it. */
  readonly dictionaries?: Dictionaries;
  /** etckeeper keeps the history of /etc; absent where it does not. */
  readonly etckeeper?: true;
  /** Data that was exported; absent before. */
  readonly exports?: Exports;
  /** Programs and virtualenvs outside packages, as they were before; absent until they are written down. */
  readonly localSoftware?: LocalSoftwareRecord;
  /** What became of virtualenvs so far; absent before the first one. */
  readonly rebuilt?: Rebuilt;
  /** How the host was connected: the boot in which that was kept, and the one in which it was compared last. */
  readonly network?: { readonly bootId: string; readonly comparedIn?: string };
  /** Moments of this run that leave no trace in the system: name to ISO time. */
  readonly milestones: Milestones;
}
