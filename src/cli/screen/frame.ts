import { formatBar, formatBytes, formatBytesOf, formatDuration, percent, plural } from '../words/format.ts';
import { plainLine } from '../words/text.ts';
import { drawFailure, drawPackageFailures, drawWarnings } from './frame-end.ts';
import {
  capitalise,
  drawHeader,
  drawLine,
  drawPhaseLine,
  drawStepLine,
  type FrameOptions,
  frameWidth,
  headingSign,
  last,
  type Part,
  phaseState,
  phaseTitle,
  signOf,
} from './frame-line.ts';
import type { ActivityView, PhaseView, RunView, StepState, StepView } from './run-view.ts';
import { isSettled, rateOf } from './run-view.ts';
import type { Style } from './terminal.ts';

/** Too narrow for a bar: percent instead. */
const narrowColumns = 56;
const barCells = { fewest: 10, most: 30 };

const activityNames: Readonly<Record<string, string>> = {
  download: 'Downloading',
  unpack: 'Unpacking',
  configure: 'Configuring',
  remove: 'Removing',
  purge: 'Purging',
  check: 'Checking',
};

/** How much of the run is folded. */
interface Folding {
  readonly blankLines: boolean;
  readonly footerLines: number;
  readonly messages: number;
  /** Finished and waiting steps of the phase at hand that have a line of their own, next to the running one. */
  readonly doneSteps: number;
  readonly waitingSteps: number;
  readonly donePhases: number;
  readonly waitingPhases: number;
}

const all = Number.POSITIVE_INFINITY;

/** Tried in this order until the frame fits. */
const foldings: readonly Folding[] = [
  {
    blankLines: true,
    footerLines: 2,
    messages: 3,
    doneSteps: all,
    waitingSteps: all,
    donePhases: all,
    waitingPhases: all,
  },
  {
    blankLines: true,
    footerLines: 2,
    messages: 2,
    doneSteps: 3,
    waitingSteps: all,
    donePhases: all,
    waitingPhases: all,
  },
  { blankLines: true, footerLines: 2, messages: 2, doneSteps: 3, waitingSteps: 3, donePhases: all, waitingPhases: all },
  { blankLines: true, footerLines: 1, messages: 1, doneSteps: 2, waitingSteps: 2, donePhases: all, waitingPhases: 2 },
  { blankLines: false, footerLines: 1, messages: 1, doneSteps: 1, waitingSteps: 1, donePhases: 0, waitingPhases: 1 },
  { blankLines: false, footerLines: 0, messages: 1, doneSteps: 0, waitingSteps: 0, donePhases: 0, waitingPhases: 0 },
];

/** @returns lines of the live frame, none wider than the terminal, never more than `rows` */
export function drawFrame(view: RunView, options: FrameOptions): string[] {
  let lines: string[] = [];
  for (const folding of foldings) {
    lines = drawFolded(view, options, folding);
    if (lines.length <= options.rows) return lines;
  }
  return lines.slice(0, options.rows);
}

function drawFolded(view: RunView, options: FrameOptions, folding: Folding): string[] {
  const at = currentPhaseIndex(view);
  const before = view.phases.slice(0, at);
  const after = view.phases.slice(at + 1);
  const current = view.phases[at];
  const blank = folding.blankLines ? [''] : [];
  const lines = [drawHeader(view, options), ...blank];

  const shownBefore = last(before, folding.donePhases);
  const hiddenBefore = before.length - shownBefore.length;
  if (hiddenBefore > 0) lines.push(drawFoldedLine('done', plural(hiddenBefore, 'phase'), 'finished', 0, options));
  lines.push(...shownBefore.map((phase) => drawPhaseLine(phase, view, options)));
  if (current !== undefined) lines.push(...drawCurrentPhase(current, options, folding));
  const shownAfter = after.slice(0, folding.waitingPhases);
  const hiddenAfter = after.length - shownAfter.length;
  lines.push(...shownAfter.map((phase) => drawPhaseLine(phase, view, options)));
  if (hiddenAfter > 0) lines.push(drawFoldedLine('waiting', plural(hiddenAfter, 'more phase'), '', 0, options));

  const footer = drawFooter(view, options).slice(0, folding.footerLines);
  return footer.length === 0 ? lines : [...lines, ...blank, ...footer];
}

function currentPhaseIndex(view: RunView): number {
  const index = view.phases.findIndex((phase) =>
    phase.steps.some((step) => !isSettled(step) || step.state === 'failed' || step.state === 'stopped'),
  );
  return index === -1 ? Math.max(0, view.phases.length - 1) : index;
}

function drawCurrentPhase(phase: PhaseView, options: FrameOptions, folding: Folding): string[] {
  const state = phaseState(phase);
  const lines = [
    drawLine([...headingSign(state, options), { text: phaseTitle(phase), style: 'bold' }], undefined, options),
  ];

  const first = phase.steps.findIndex(
    (step) => step.state === 'running' || step.state === 'failed' || step.state === 'stopped',
  );
  const waiting = phase.steps.findIndex((step) => step.state === 'waiting');
  const at = first !== -1 ? first : waiting !== -1 ? waiting : phase.steps.length;
  const done = phase.steps.slice(0, at);
  const rest = phase.steps.slice(at + 1);
  const current = phase.steps[at];

  const shownDone = last(done, folding.doneSteps);
  const hiddenDone = done.length - shownDone.length;
  if (hiddenDone > 0) lines.push(drawFoldedLine('done', plural(hiddenDone, 'step'), 'finished', 1, options));
  lines.push(...shownDone.flatMap((step) => [drawStepLine(step, options), ...drawWarnings(step, options)]));
  if (current !== undefined) {
    lines.push(drawStepLine(current, options));
    lines.push(...drawWarnings(current, options));
    if (current.state === 'running') lines.push(...drawRunningDetail(current, options, folding.messages));
    if (current.failure !== undefined) lines.push(...drawFailure(current.failure, options));
  }
  const shownRest = rest.slice(0, folding.waitingSteps);
  const hiddenRest = rest.length - shownRest.length;
  lines.push(...shownRest.map((step) => drawStepLine(step, options)));
  if (hiddenRest > 0) lines.push(drawFoldedLine('waiting', plural(hiddenRest, 'more step'), '', 1, options));
  return lines;
}

/** What only the running step shows: its batch, its bars, failed packages, its last words. */
function drawRunningDetail(step: StepView, options: FrameOptions, messages: number): string[] {
  const lines: string[] = [];
  const indent: Part = { text: '      ' };
  if (step.batch !== undefined) {
    const seconds = Math.floor((options.now - step.batch.startedAt) / 1000);
    const time = seconds > 0 ? `  ${formatDuration(seconds)}` : '';
    const text = `${step.batch.id}  ${plural(step.batch.packages, 'package')}${time}`;
    lines.push(drawLine([indent, { text, style: 'dim' }], undefined, options));
  }
  for (const activity of step.activities.values()) lines.push(drawActivity(activity, options));
  lines.push(...drawPackageFailures(step, options, 3, 0));
  for (const message of last(step.messages, messages)) {
    lines.push(
      drawLine([indent, { text: `${options.look.signs.message} ${message}`, style: 'dim' }], undefined, options),
    );
  }
  return lines;
}

/** The widths of all parts but the last are fixed, so that a bar does not jump about while numbers grow. */
function drawActivity(activity: ActivityView, options: FrameOptions): string {
  const { activity: name, done, total, unit } = activity.progress;
  const label = (activityNames[name] ?? capitalise(plainLine(name))).padEnd(12);
  const { numbers, tail, tailColumns } = unit === 'bytes' ? byteNumbers(activity, options) : countNumbers(activity);
  const free = frameWidth(options) - 6 - label.length - 2 - 2 - numbers.length - 2 - tailColumns;
  const cells = Math.max(barCells.fewest, Math.min(barCells.most, free));
  const parts: Part[] = [
    { text: '      ' },
    { text: label },
    ...drawBar(done, total, cells, options),
    { text: `  ${numbers}` },
  ];
  if (tail !== '') parts.push({ text: `  ${tail}`, style: 'dim' });
  return drawLine(parts, undefined, options);
}

interface ActivityNumbers {
  readonly numbers: string;
  readonly tail: string;
  /** Kept free for the tail, whatever is in it now. */
  readonly tailColumns: number;
}

function byteNumbers(activity: ActivityView, { now }: FrameOptions): ActivityNumbers {
  const { done, total } = activity.progress;
  const numbers = formatBytesOf(done, total).padStart(formatBytesOf(total, total).length);
  const rate = done >= total ? undefined : rateOf(activity, now);
  const left = rate === undefined ? '' : formatDuration(Math.ceil((total - done) / rate));
  const tail = rate === undefined ? '' : `${`${formatBytes(rate)}/s`.padStart(10)}  ${left} left`;
  return { numbers, tail, tailColumns: 28 };
}

function countNumbers({ progress: { done, total, current } }: ActivityView): ActivityNumbers {
  const numbers = `${done}/${total}`.padStart(String(total).length * 2 + 1);
  return { numbers, tail: done < total && current !== undefined ? plainLine(current) : '', tailColumns: 24 };
}

function drawBar(done: number, total: number, cells: number, options: FrameOptions): Part[] {
  if (frameWidth(options) < narrowColumns) return [{ text: `${String(percent(done, total)).padStart(3)} %` }];
  const { filled, rest } = formatBar(done, total, cells);
  const style: Style = done >= total ? 'green' : 'cyan';
  return [{ text: '[' }, { text: filled, style }, { text: rest, style: 'dim' }, { text: ']' }];
}

function drawFooter(view: RunView, options: FrameOptions): string[] {
  const back = view.passedPointOfNoReturn
    ? 'Past the point of no return: only forward from here.'
    : '`crossgrade rollback` can still take it all back.';
  return [
    drawLine([{ text: 'Safe to interrupt: `crossgrade resume` goes on.', style: 'dim' }], undefined, options),
    drawLine([{ text: back, style: view.passedPointOfNoReturn ? 'yellow' : 'dim' }], undefined, options),
  ];
}

function drawFoldedLine(state: StepState, what: string, rest: string, level: number, options: FrameOptions): string {
  const text = `${what} ${rest}`.trim();
  return drawLine(
    [{ text: '  '.repeat(level) }, ...signOf(state, options), { text, style: 'dim' }],
    undefined,
    options,
  );
}
