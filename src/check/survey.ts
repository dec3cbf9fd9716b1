import type { Unseen } from '../base/unseen.ts';
import type { DataStore } from '../data/data-survey.ts';
import type { LoginModule } from '../files/login-modules.ts';
import type { HardwareSurvey } from '../hardware/hardware-survey.ts';
import type { NetworkSurvey } from '../network/network-files.ts';
import type { SessionSurvey } from '../session/session-survey.ts';
import type { Guest } from '../software/guests.ts';
import type { DependentSoftware } from '../software/local-software.ts';
import type { HookLine } from '../software/run-hooks.ts';
import type { SoftwareSurvey } from '../software/software-survey.ts';

/** Parts of a survey, each with a list of what it could not look at. */
export type SurveyPart =
  | 'packages'
  | 'hardware'
  | 'logins'
  | 'session'
  | 'network'
  | 'files'
  | 'data'
  | 'software'
  | 'capabilities'
  | 'libraries'
  | 'hooks'
  | 'guests';

/** What a report looks at besides packages: the hardware, the session, data and local software. Values only. */
export interface Survey {
  readonly hardware?: HardwareSurvey;
  /** Of a host. */
  readonly session?: SessionSurvey;
  /** Of a host, seen by root. */
  readonly network?: NetworkSurvey;
  /** Modules of PAM and NSS that are configured and there. */
  readonly loginModules?: readonly LoginModule[];
  /** Data that the target's programs can't read. */
  readonly data?: readonly DataStore[];
  readonly software?: SoftwareSurvey;
  /** Images, containers and virtual machines of the source. */
  readonly guests?: readonly Guest[];
  /** What of it depends on programs and libraries that a run replaces. */
  readonly dependent?: DependentSoftware;
  /** Lines of what a run sets in motion that may not work in both architectures. */
  readonly hooks?: readonly HookLine[];
  /** What could not be looked at, and why: shown in the report, never silently left out. */
  readonly notLookedAt: readonly Unseen[];
  /** The same, by the part that it is missing in; each in full. */
  readonly unseenIn?: Readonly<Partial<Record<SurveyPart, readonly Unseen[]>>>;
}
