import { formatDuration, plural } from '../words/format.ts';
import { plainLine, truncate } from '../words/text.ts';
import { isSettled, type PhaseView, type RunView, type StepState, type StepView } from './run-view.ts';
import type { Look, Style } from './terminal.ts';

export function phaseTitle(phase: PhaseView): string {
  return capitalise(plainLine(phase.name));
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Only a step turns: two spinners on a screen would compete. */
export function headingSign(state: StepState, options: FrameOptions): Part[] {
  const isOpen = state === 'running' || state === 'waiting';
  return isOpen ? [{ text: `${options.look.signs.current} `, style: 'cyan' }] : signOf(state, options);
}

export function signOf(state: StepState, { look: { signs }, tick }: FrameOptions): Part[] {
  switch (state) {
    case 'waiting':
      return [{ text: `${signs.waiting} `, style: 'dim' }];
    case 'running':
      return [{ text: `${signs.spinner[tick % signs.spinner.length]} `, style: 'cyan' }];
    case 'done':
      return [{ text: `${signs.done} `, style: 'green' }];
    case 'unneeded':
      return [{ text: `${signs.done} `, style: 'dim' }];
    case 'skipped':
      return [{ text: `${signs.skipped} `, style: 'yellow' }];
    case 'failed':
      return [{ text: `${signs.failed} `, style: 'red' }];
    case 'stopped':
      return [{ text: `${signs.warning} `, style: 'yellow' }];
  }
}

/** Tenths of a running clock would only make the line restless. */
export function formatWholeSeconds(milliseconds: number): string {
  return milliseconds < 1000 ? '0 s' : formatDuration(Math.floor(milliseconds / 1000));
}

export function frameWidth({ columns }: FrameOptions): number {
  // The last column stays free: after writing to it, terminals differ in where the cursor is.
  return Math.max(20, Math.min(columns - 1, widestFrame));
}

/** One line: parts from the left, cut to what fits, and one part at the right end, which is never cut. */
export function drawLine(
  parts: readonly Part[],
  right: Part | undefined,
  options: FrameOptions | LastFrameOptions,
): string {
  const width = frameWidth(options);
  const { paint, signs } = options.look;
  const whole = 'whole' in options && right === undefined;
  let free = whole ? Number.POSITIVE_INFINITY : width - (right === undefined ? 0 : right.text.length + 2);
  let line = '';
  let used = 0;
  for (const part of parts) {
    const text = truncate(part.text, free, signs.ellipsis);
    line += part.style === undefined || text === '' ? text : paint(part.style, text);
    used += text.length;
    free -= text.length;
    if (free <= 0) break;
  }
  if (right === undefined) return line.trimEnd();
  const gap = ' '.repeat(Math.max(1, width - used - right.text.length));
  return line + gap + (right.style === undefined ? right.text : paint(right.style, right.text));
}

export function last<T>(items: readonly T[], count: number): readonly T[] {
  if (count <= 0) return [];
  return count >= items.length ? items : items.slice(items.length - count);
}

/**
 * Draws a run as lines of text; pure. The live frame always fits the terminal: what is finished or far away
 * is folded until it does. The last frame, which stays on the screen, has every step.
 */
export interface FrameOptions {
  readonly look: Look;
  readonly columns: number;
  /** Lines that the frame may have. */
  readonly rows: number;
  readonly now: number;
  /** Counts up; turns the spinner. */
  readonly tick: number;
}

/** Beyond this, the time at the right end of a line is too far from its title. */
export const widestFrame = 100;

export interface Part {
  readonly text: string;
  readonly style?: Style;
}

export function drawHeader(view: RunView, options: FrameOptions): string {
  const steps = view.phases.flatMap((phase) => phase.steps);
  const settled = steps.filter(isSettled).length;
  const step = Math.min(steps.length, view.end === undefined ? settled + 1 : settled);
  const elapsed = formatWholeSeconds((view.endedAt ?? options.now) - view.startedAt);
  const title = view.root === '/' ? 'Crossgrading this system' : `Crossgrading ${plainLine(view.root)}`;
  const parts: Part[] = [{ text: title, style: 'bold' }];
  if (view.resumed) parts.push({ text: '  resumed', style: 'cyan' });
  return drawLine(parts, { text: `step ${step} of ${steps.length}   ${elapsed}`, style: 'dim' }, options);
}

/** A phase that is folded into one line. */
export function drawPhaseLine(phase: PhaseView, view: RunView, options: FrameOptions): string {
  const state = phaseState(phase);
  const widest = Math.max(...view.phases.map(({ name }) => name.length));
  const skipped = phase.steps.filter((step) => step.state === 'skipped').length;
  const failed = phase.steps.reduce((sum, step) => sum + step.packageFailures.length, 0);
  const parts: Part[] = [
    ...signOf(state, options),
    { text: phaseTitle(phase).padEnd(widest + 2), ...(state === 'waiting' ? { style: 'dim' as const } : {}) },
    { text: plural(phase.steps.length, 'step'), style: 'dim' },
  ];
  if (skipped > 0) parts.push({ text: `, ${skipped} skipped`, style: 'yellow' });
  if (failed > 0) parts.push({ text: `, ${plural(failed, 'package')} failed`, style: 'red' });
  return drawLine(parts, state === 'waiting' ? undefined : phaseDuration(phase), options);
}

export function drawPhaseHeading(phase: PhaseView, options: FrameOptions): string {
  const state = phaseState(phase);
  return drawLine(
    [...headingSign(state, options), { text: phaseTitle(phase), style: 'bold' }],
    state === 'waiting' ? undefined : phaseDuration(phase),
    options,
  );
}

export function drawStepLine(step: StepView, options: FrameOptions): string {
  const style: Style | undefined =
    step.state === 'failed' ? 'red' : step.state === 'running' ? 'bold' : step.state === 'done' ? undefined : 'dim';
  const sign = signOf(step.state === 'done' && step.packageFailures.length > 0 ? 'stopped' : step.state, options);
  const parts: Part[] = [{ text: '  ' }, ...sign, { text: step.title, ...(style ? { style } : {}) }];
  if (step.state === 'skipped') parts.push({ text: `  skipped: ${step.reason ?? ''}`, style: 'yellow' });
  if (step.state !== 'running' && step.packageFailures.length > 0) {
    parts.push({ text: `  ${step.packageFailures.length} failed`, style: 'red' });
  }
  if (step.state === 'done' && step.packages > 0)
    parts.push({ text: `  ${plural(step.packages, 'package')}`, style: 'dim' });
  return drawLine(parts, stepTime(step, options), options);
}

export function stepTime(step: StepView, options: FrameOptions): Part | undefined {
  if (step.state === 'unneeded') return { text: 'nothing to do', style: 'dim' };
  if (step.state === 'running' && step.startedAt !== undefined) {
    return { text: formatWholeSeconds(options.now - step.startedAt), style: 'cyan' };
  }
  return step.seconds === undefined ? undefined : { text: formatDuration(step.seconds), style: 'dim' };
}

export function phaseState(phase: PhaseView): StepState {
  const states = new Set(phase.steps.map((step) => step.state));
  if (states.has('failed')) return 'failed';
  if (states.has('stopped')) return 'stopped';
  if (states.has('running')) return 'running';
  if (states.has('waiting')) return states.size === 1 ? 'waiting' : 'running';
  return states.size === 1 && states.has('skipped') ? 'skipped' : 'done';
}

function phaseDuration(phase: PhaseView): Part | undefined {
  const seconds = phase.steps.reduce((sum, step) => sum + (step.seconds ?? 0), 0);
  return phase.steps.some((step) => step.seconds !== undefined)
    ? { text: formatDuration(seconds), style: 'dim' }
    : undefined;
}

/**
 * In the last frame nothing that matters is cut off: it may be all that is left to read, and paths and commands
 * are copied from it. The terminal may break these lines as it likes, for they are never drawn again.
 */
export interface LastFrameOptions extends FrameOptions {
  readonly whole: true;
}
