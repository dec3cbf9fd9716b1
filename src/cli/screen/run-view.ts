import type { Failure, PackageFailure, Progress, RunEvent, StepSummary } from '../../run/event.ts';
import { plainLine } from '../words/text.ts';

/** What is known of a run at a moment, gathered from its events. The live screen draws this. */

export type StepState = 'waiting' | 'running' | 'done' | 'unneeded' | 'skipped' | 'failed' | 'stopped';

export interface ActivityView {
  progress: Progress;
  /** Some moments of the last seconds, oldest first: they give the rate. */
  readonly samples: { readonly at: number; readonly done: number }[];
}

export interface BatchView {
  readonly id: string;
  readonly packages: number;
  readonly startedAt: number;
}

export interface StepView {
  readonly id: string;
  readonly title: string;
  state: StepState;
  /** Milliseconds of the run's clock. */
  startedAt: number | undefined;
  seconds: number | undefined;
  /** Why it was skipped. */
  reason: string | undefined;
  failure: Failure | undefined;
  /** The last lines of what it said. */
  readonly messages: string[];
  /** What nobody may miss. */
  readonly warnings: { readonly text: string; readonly details: readonly string[] }[];
  /** By what is counted; those of the batch at hand. */
  readonly activities: Map<string, ActivityView>;
  batch: BatchView | undefined;
  batches: number;
  packages: number;
  readonly packageFailures: PackageFailure[];
}

export interface PhaseView {
  readonly name: string;
  readonly steps: StepView[];
}

export type RunEnd =
  | { readonly kind: 'finished'; readonly seconds: number }
  | { readonly kind: 'stopped'; readonly reason: 'interrupted' | 'failed' | 'until' | 'reboot'; readonly next: string };

export interface RunView {
  readonly root: string;
  readonly resumed: boolean;
  readonly startedAt: number;
  readonly phases: PhaseView[];
  passedPointOfNoReturn: boolean;
  end: RunEnd | undefined;
  endedAt: number | undefined;
}

/** Lines of a step's own words that are kept; a screen shows fewer. */
const keptMessages = 5;
/** A rate is that of the last seconds: long enough to be calm, short enough to notice a stalled mirror. */
const rateWindowMs = 15_000;
const sampleEveryMs = 500;

/** @param steps in the order of the run; neighbours of one phase are shown together */
export function createRunView(
  start: { readonly root: string; readonly resumed: boolean; readonly steps: readonly StepSummary[] },
  now: number,
): RunView {
  const phases: PhaseView[] = [];
  for (const { id, title, phase } of start.steps) {
    let last = phases.at(-1);
    if (last?.name !== phase) {
      last = { name: phase, steps: [] };
      phases.push(last);
    }
    last.steps.push(createStepView(id, title));
  }
  return {
    root: start.root,
    resumed: start.resumed,
    startedAt: now,
    phases,
    passedPointOfNoReturn: false,
    end: undefined,
    endedAt: undefined,
  };
}

function createStepView(id: string, title: string): StepView {
  return {
    id,
    title: plainLine(title),
    state: 'waiting',
    startedAt: undefined,
    seconds: undefined,
    reason: undefined,
    failure: undefined,
    messages: [],
    warnings: [],
    activities: new Map(),
    batch: undefined,
    batches: 0,
    packages: 0,
    packageFailures: [],
  };
}

/** @returns whether the step's fate is known: nothing more is to be expected of it */
export function isSettled(step: StepView): boolean {
  return step.state !== 'waiting' && step.state !== 'running';
}

/** Changes the view as the event says. */
export function applyEvent(view: RunView, event: RunEvent, now: number): void {
  switch (event.type) {
    case 'run-started':
    // Shown elsewhere, before a run starts and after it has ended.
    case 'finding':
    case 'planned':
    case 'compared':
    case 'error':
      return;
    case 'point-of-no-return':
      view.passedPointOfNoReturn = true;
      return;
    case 'run-finished':
      endRun(view, { kind: 'finished', seconds: event.seconds }, now);
      return;
    case 'run-stopped':
      endRun(view, { kind: 'stopped', reason: event.reason, next: event.next }, now);
      return;
    default:
      applyStepEvent(findStep(view, event.step, 'title' in event ? event.title : event.step), event, now);
  }
}

type StepEvent = Exclude<Extract<RunEvent, { readonly step: string }>, { readonly type: 'point-of-no-return' }>;

function applyStepEvent(step: StepView, event: StepEvent, now: number): void {
  switch (event.type) {
    case 'step-started':
      step.state = 'running';
      step.startedAt = now;
      return;
    case 'step-skipped':
      step.state = 'skipped';
      step.reason = plainLine(event.reason);
      return;
    case 'step-unneeded':
      step.state = 'unneeded';
      return;
    case 'step-finished':
      step.state = 'done';
      step.seconds = event.seconds;
      return;
    case 'step-failed':
      step.state = 'failed';
      step.failure = event.failure;
      step.seconds = secondsSince(step.startedAt, now);
      return;
    case 'step-message':
      addMessages(step, event.text);
      return;
    case 'step-warning':
      step.warnings.push({ text: plainLine(event.text), details: event.details });
      return;
    case 'step-progress':
      addProgress(step, event.progress, now);
      return;
    case 'batch-started':
      step.batch = { id: event.batch, packages: event.packages, startedAt: now };
      step.activities.clear();
      return;
    case 'batch-finished':
      if (step.batch !== undefined) step.packages += step.batch.packages;
      step.batches += 1;
      step.batch = undefined;
      step.activities.clear();
      return;
    case 'package-failed':
      step.packageFailures.push(event.failure);
      return;
    case 'command':
      return;
    default:
      // No more than a word to the compiler: an event of another version is no reason for a screen to fail.
      event satisfies never;
  }
}

function endRun(view: RunView, end: RunEnd, now: number): void {
  view.end = end;
  view.endedAt = now;
  for (const step of view.phases.flatMap((phase) => phase.steps)) {
    if (step.state !== 'running') continue;
    step.state = 'stopped';
    step.seconds = secondsSince(step.startedAt, now);
  }
}

/** A step that was not announced is shown all the same, where the run is now. */
function findStep(view: RunView, id: string, title: string): StepView {
  const steps = view.phases.flatMap((phase) => phase.steps);
  const known = steps.find((step) => step.id === id);
  if (known !== undefined) return known;
  const step = createStepView(id, title);
  const phase = view.phases.find(({ steps: own }) => own.some((other) => !isSettled(other))) ?? view.phases.at(-1);
  if (phase === undefined) view.phases.push({ name: id.split('/')[0] ?? id, steps: [step] });
  else phase.steps.push(step);
  return step;
}

function addMessages(step: StepView, text: string): void {
  for (const line of text.split(/\r?\n/)) {
    const plain = plainLine(line);
    if (plain !== '') step.messages.push(plain);
  }
  step.messages.splice(0, Math.max(0, step.messages.length - keptMessages));
}

function addProgress(step: StepView, progress: Progress, now: number): void {
  const activity = step.activities.get(progress.activity) ?? { progress, samples: [] };
  step.activities.set(progress.activity, activity);
  // Less than before: counting began anew, and an old sample would give a nonsensical rate.
  if (progress.done < activity.progress.done) activity.samples.length = 0;
  activity.progress = progress;
  const last = activity.samples.at(-1);
  if (last === undefined || now - last.at >= sampleEveryMs) activity.samples.push({ at: now, done: progress.done });
  while ((activity.samples[1]?.at ?? now) < now - rateWindowMs) activity.samples.shift();
}

/** @returns units per second over the last seconds; undefined while too little is known */
export function rateOf(activity: ActivityView, now: number): number | undefined {
  const first = activity.samples[0];
  if (first === undefined || now - first.at < 1000) return undefined;
  const rate = ((activity.progress.done - first.done) * 1000) / (now - first.at);
  return rate > 0 ? rate : undefined;
}

function secondsSince(startedAt: number | undefined, now: number): number | undefined {
  return startedAt === undefined ? undefined : (now - startedAt) / 1000;
}
