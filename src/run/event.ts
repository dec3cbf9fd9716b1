import { CrossgradeError } from '../base/error.ts';
import type { Finding } from '../base/finding.ts';
import type { Comparison } from '../compare/comparison.ts';
import type { Plan, WaveName } from '../plan/plan.ts';

/** What happens in a run, in the order it happens. Screens and the journal are fed by these alone. */
export type RunEvent =
  | {
      readonly type: 'run-started';
      readonly root: string;
      readonly resumed: boolean;
      readonly steps: readonly StepSummary[];
    }
  | { readonly type: 'finding'; readonly finding: Finding }
  | { readonly type: 'step-started'; readonly step: string; readonly title: string }
  | { readonly type: 'step-skipped'; readonly step: string; readonly title: string; readonly reason: string }
  /** Nothing was left to do: an earlier run did it, or the root was so already. */
  | { readonly type: 'step-unneeded'; readonly step: string; readonly title: string }
  | { readonly type: 'step-progress'; readonly step: string; readonly progress: Progress }
  | { readonly type: 'step-message'; readonly step: string; readonly text: string }
  /** Something that nobody may miss, also when the step has done what it had to do. */
  | {
      readonly type: 'step-warning';
      readonly step: string;
      readonly text: string;
      /** Lines; those with a blank at their beginning are commands. */
      readonly details: readonly string[];
    }
  | { readonly type: 'step-finished'; readonly step: string; readonly seconds: number }
  | { readonly type: 'step-failed'; readonly step: string; readonly failure: Failure }
  | {
      readonly type: 'batch-started';
      readonly step: string;
      readonly batch: string;
      readonly wave: WaveName;
      readonly packages: number;
    }
  | {
      readonly type: 'batch-finished';
      readonly step: string;
      readonly batch: string;
      readonly seconds: number;
      readonly exitCode: number;
    }
  | { readonly type: 'package-failed'; readonly step: string; readonly failure: PackageFailure }
  | {
      readonly type: 'command';
      readonly step: string;
      readonly argv: readonly string[];
      readonly exitCode: number;
      readonly seconds: number;
    }
  | { readonly type: 'point-of-no-return'; readonly step: string }
  | {
      readonly type: 'run-stopped';
      readonly reason: 'interrupted' | 'failed' | 'until' | 'reboot';
      readonly next: string;
    }
  | { readonly type: 'run-finished'; readonly seconds: number }
  /** Before the first change, for programs that read events. */
  | { readonly type: 'planned'; readonly plan: Plan }
  /** After the last one. */
  | { readonly type: 'compared'; readonly comparison: Comparison }
  /** The program ends with this exit code. */
  | { readonly type: 'error'; readonly failure: Failure; readonly exitCode: number };

export interface StepSummary {
  readonly id: string;
  readonly title: string;
  readonly phase: string;
}

export interface Progress {
  /** What is being counted: `download`, `unpack`, `configure`, `remove`, `check`. */
  readonly activity: string;
  readonly done: number;
  readonly total: number;
  /** `packages` or `bytes`. */
  readonly unit: 'packages' | 'bytes' | 'files';
  /** The package at hand. */
  readonly current?: string;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly details: readonly string[];
}

/** What is told of an error, of whatever kind. */
export function failureOf(error: unknown): Failure {
  if (error instanceof CrossgradeError) {
    return {
      code: error.code,
      message: error.message,
      details: error.details,
      ...(error.hint !== undefined && { hint: error.hint }),
    };
  }
  return { code: 'CG0000', message: error instanceof Error ? error.message : String(error), details: [] };
}

/** A package that dpkg could not deal with. */
export interface PackageFailure {
  readonly package: string;
  /** dpkg's own sentence. */
  readonly message: string;
  /** The last lines of the maintainer script's output. */
  readonly output: readonly string[];
  /** It failed only because of another one that failed. */
  readonly consequence: boolean;
}

export type Observer = (event: RunEvent) => void;
