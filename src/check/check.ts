import type { AptAnswers } from '../apt/apt-places.ts';
import type { Repositories } from '../apt/repositories.ts';
import type { StandIn } from '../apt/stand-in.ts';
import type { About, Answers, Found, Question } from '../base/finding.ts';
import type { RootInfo } from '../base/root.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Problem } from '../dpkg/dpkg-model.ts';
import type { LostFileList } from '../dpkg/file-lists.ts';
import type { StuckDrift } from '../plan/level.ts';
import type { Plan, SpaceNeed, TargetSet } from '../plan/plan.ts';
import type { Facts } from '../run/facts.ts';
import type { DependentGroup } from '../software/local-software.ts';
import type { LonePlugIn } from '../software/plug-ins.ts';
import type { Survey, SurveyPart } from './survey.ts';

/** What a check may look at: values only. */
export interface CheckInput {
  readonly pair: ArchitecturePair;
  readonly root: RootInfo;
  readonly facts: Facts;
  readonly answers: Answers;
  /** Instances that a finished crossgrade has kept; absent where there was none. */
  readonly kept?: ReadonlySet<string> | undefined;
  /** What apt says of the dependencies and of who has locked the package system; empty when it is content. */
  readonly aptComplaints: readonly string[];
  /** What apt says of its own settings; absent where nobody asked, or it could not answer. */
  readonly aptAnswers?: AptAnswers | undefined;
  /** Of packages; absent where nobody looked. */
  readonly lostFileLists?: readonly LostFileList[];
  /** Whether apt's own programs start, and what was done where they do not; absent where nobody tried. */
  readonly standIn?: StandIn | undefined;
  /** What the repositories have; absent where apt was not asked. */
  readonly repositories?: Repositories;
  /** Absent where apt was not asked, and when it could not answer. */
  readonly solved?: Solved;
  /** What is no matter of packages; absent where nobody asked for it. */
  readonly survey?: Survey;
}

export interface Solved {
  readonly target: TargetSet;
  readonly plan: Plan;
  readonly problems: readonly Problem[];
  /** Libraries that cannot be brought to their twin's version; absent where all can, or nothing has to be. */
  readonly stuck?: readonly StuckDrift[];
  readonly pendingUpgrades: readonly string[];
  /** Packages that stay, with what they load and do not depend on; absent where none does. */
  readonly undeclared?: readonly DependentGroup[];
  /** Of packages without a build for the target: what only programs that go over would load; absent where there is none. */
  readonly plugIns?: readonly LonePlugIn[];
  /** Free bytes beside what the plan needs, by filesystem. */
  readonly space: readonly SpaceState[];
}

/** One filesystem, with everything that will be written to it. */
export interface SpaceState {
  readonly paths: readonly SpaceNeed['path'][];
  readonly neededBytes: number;
  readonly freeBytes: number;
}

/** What a check needs beside the packages and files that are read of every root. */
export interface LooksAt {
  /** Of which roots it has something to say; absent for all. */
  readonly only?: 'host' | 'folder';
  /** What apt has to have said. */
  readonly apt?: 'repositories' | 'target';
  /** Whatever one of them could not look at is missing here. */
  readonly parts?: readonly SurveyPart[];
  /** `what` of that which is missing here, when it could not be looked at; of folders, what is in them, too. */
  readonly topics?: readonly string[];
}

/** One reason, or decision, that can keep a crossgrade from starting. Pure. */
export interface Check {
  /** `folder/name`, as the file. */
  readonly id: string;
  /** What it looks at, a few words: `The clock`. */
  readonly title: string;
  /** Absent where packages, and files of every root, are all that it looks at. */
  readonly looksAt?: LooksAt;
  /** By the id of every finding that it can make, `folder/what-is-wrong`. */
  readonly about: Readonly<Record<string, About>>;
  /** By the id of every question that it can ask. */
  readonly decisions?: Readonly<Record<string, About>>;
  readonly findings: (input: CheckInput) => readonly Found[];
  /** Where it blocks, there is no use in looking further. */
  readonly decisive?: true;
  /** Asked of a system that is of the target already, as well. */
  readonly whenThere?: true;
  readonly questions?: (input: CheckInput) => readonly Question[];
}
