import type { BootLink } from './boot-links.ts';

/** Of systemd; all absent without it. */
export interface ServiceFacts {
  /** Units that start package programs by themselves, and are active now. */
  readonly activePackageUnits?: readonly string[];
  /** Units that ran before and do not now, near the end of a run; absent until then. */
  readonly stoppedUnits?: readonly string[];
  /** What scripts of packages changed of what is started at boot; absent until all is configured. */
  readonly changedBootLinks?: readonly BootLink[];
}
