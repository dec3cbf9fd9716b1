/** Of systemd; all absent without it. */
export interface ServiceFacts {
  /** Units that start package programs by themselves, and are active now. */
  readonly activePackageUnits?: readonly string[];
  /** Units that ran before and do not now, near the end of a run; absent until then. */
  readonly stoppedUnits?: readonly string[];
}
