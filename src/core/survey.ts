import type { DependentSoftware } from './local-software.ts';
import type { LoginModule } from './login-modules.ts';
import type { NetworkSurvey } from './network-files.ts';
import type { DataStore } from './survey-data.ts';
import type { MachineSurvey } from './survey-machine.ts';
import type { SessionSurvey } from './survey-session.ts';
import type { LocalSoftware } from './survey-software.ts';
import type { Unseen } from './unseen.ts';

/** What a report looks at besides packages: the machine, the session, data and local software. Values only. */
export interface Survey {
  readonly machine?: MachineSurvey;
  /** Of a host. */
  readonly session?: SessionSurvey;
  /** Of a host, seen by root. */
  readonly network?: NetworkSurvey;
  /** Modules of PAM and NSS that are configured and there. */
  readonly loginModules?: readonly LoginModule[];
  /** Data that the target's programs can't read. */
  readonly data?: readonly DataStore[];
  readonly software?: LocalSoftware;
  /** What of it depends on programs and libraries that a run replaces. */
  readonly dependent?: DependentSoftware;
  /** What could not be looked at, and why: shown in the report, never silently left out. */
  readonly notLookedAt: readonly Unseen[];
}
