import { wrap } from '../../base/wrap.ts';
import type { Failure } from '../../run/event.ts';
import { formatBar, formatBytes, formatBytesOf, formatDuration, percent, plural } from '../words/format.ts';
import { fold, hang, plainLine, truncate } from '../words/text.ts';
import type { ActivityView, PhaseView, RunView, StepState, StepView } from './run-view.ts';
import { isSettled, rateOf } from './run-view.ts';
import type { Look, Style } from './terminal.ts';

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

/**
 * In the last frame nothing that matters is cut off: it may be all that is left to read, and paths and commands
 * are copied from it. The terminal may break these lines as it likes, for they are never drawn again.
 */
interface LastFrameOptions extends FrameOptions {
  readonly whole: true;
}

/** Beyond this, the time at the right end of a line is too far from its title. */
const widestFrame = 100;
/** Too narrow for a bar: percent instead. */
const narrowColumns = 56;
const barCells = { fewest: 10, most: 30 };
const failureLines = 8;

const activityNames: Readonly<Record<string, string>> = {
  download: 'Downloading',
  unpack: 'Unpacking',
  configure: 'Configuring',
  remove: 'Removing',
  purge: 'Purging',
  check: 'Checking',
};

interface Part {
  readonly text: string;
  readonly style?: Style;
}

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

/** @returns every step with its fate, and how the run ended; as many lines as it takes */
export function drawLastFrame(view: RunView, frameOptions: FrameOptions): string[] {
  const options: LastFrameOptions = { ...frameOptions, whole: true };
  const lines = [drawHeader(view, options)];
  let folded = false;
  for (const phase of view.phases) {
    const unreached = view.end?.kind !== 'finished' && phaseState(phase) === 'waiting';
    // Phases that were not reached have nothing to tell and would push the reason out of sight.
    if (!unreached)
      lines.push('', drawPhaseHeading(phase, options), ...phase.steps.flatMap((step) => drawFinalStep(step, options)));
    else lines.push(...(folded ? [] : ['']), drawPhaseLine(phase, view, options));
    folded = unreached;
  }
  return [...lines, ...drawEnd(view, options)];
}

function currentPhaseIndex(view: RunView): number {
  const index = view.phases.findIndex((phase) =>
    phase.steps.some((step) => !isSettled(step) || step.state === 'failed' || step.state === 'stopped'),
  );
  return index === -1 ? Math.max(0, view.phases.length - 1) : index;
}

function drawHeader(view: RunView, options: FrameOptions): string {
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
function drawPhaseLine(phase: PhaseView, view: RunView, options: FrameOptions): string {
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

function drawPhaseHeading(phase: PhaseView, options: FrameOptions): string {
  const state = phaseState(phase);
  return drawLine(
    [...headingSign(state, options), { text: phaseTitle(phase), style: 'bold' }],
    state === 'waiting' ? undefined : phaseDuration(phase),
    options,
  );
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

function drawStepLine(step: StepView, options: FrameOptions): string {
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

function stepTime(step: StepView, options: FrameOptions): Part | undefined {
  if (step.state === 'unneeded') return { text: 'nothing to do', style: 'dim' };
  if (step.state === 'running' && step.startedAt !== undefined) {
    return { text: formatWholeSeconds(options.now - step.startedAt), style: 'cyan' };
  }
  return step.seconds === undefined ? undefined : { text: formatDuration(step.seconds), style: 'dim' };
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

function drawPackageFailures(
  step: StepView,
  options: FrameOptions | LastFrameOptions,
  most: number,
  outputLines: number,
): string[] {
  const lines: string[] = [];
  const causes = step.packageFailures.filter((failure) => !failure.consequence);
  const { signs } = options.look;
  for (const failure of causes.slice(0, most)) {
    const sign = `      ${signs.failed} `;
    const text = `${plainLine(failure.package)}: ${plainLine(failure.message)}`;
    const texts = 'whole' in options ? hang(sign, text, frameWidth(options)) : [sign + text];
    lines.push(...texts.map((line) => drawLine([{ text: line, style: 'red' }], undefined, options)));
    for (const line of last(failure.output, outputLines)) {
      lines.push(drawLine([{ text: `          ${plainLine(line)}`, style: 'dim' }], undefined, options));
    }
  }
  const hidden = causes.length - Math.min(causes.length, most);
  const consequences = step.packageFailures.length - causes.length;
  const rest = [
    ...(hidden > 0 ? [plural(hidden, 'more package')] : []),
    ...(consequences > 0
      ? [`${plural(consequences, 'package')} that ${consequences === 1 ? 'needs' : 'need'} one of these`]
      : []),
  ];
  if (rest.length > 0)
    lines.push(drawLine([{ text: `        and ${rest.join(', and ')}`, style: 'red' }], undefined, options));
  return lines;
}

/** Their details are many: only the last frame has them. */
function drawWarnings(step: StepView, options: FrameOptions | LastFrameOptions): string[] {
  const sign = `      ${options.look.signs.warning} `;
  return step.warnings.flatMap(({ text, details }) => {
    const lines = 'whole' in options ? hang(sign, text, frameWidth(options)) : [sign + text];
    const more =
      'whole' in options
        ? details.flatMap((line) => {
            const indent = `        ${line.trimStart() === line ? '' : '  '}`;
            return fold(indent, plainLine(line), frameWidth(options));
          })
        : [];
    return [
      ...lines.map((line) => drawLine([{ text: line, style: 'yellow' }], undefined, options)),
      ...more.map((line) => drawLine([{ text: line }], undefined, options)),
    ];
  });
}

/** What to type next is said once, at the end. */
function drawFailure(failure: Failure, options: FrameOptions): string[] {
  const message = hang(`${failure.code}  `, plainLine(failure.message), frameWidth(options) - 6);
  const details = failure.details
    .slice(0, failureLines)
    .map(plainLine)
    .flatMap((line) => ('whole' in options ? fold('        ', line, frameWidth(options) - 6) : [`        ${line}`]))
    .map((text): Part => ({ text }));
  const hidden = Math.max(0, failure.details.length - failureLines);
  if (hidden > 0) details.push({ text: `        and ${plural(hidden, 'more line')}`, style: 'dim' });
  const lines = [...message.map((text): Part => ({ text, style: 'red' })), ...details];
  return lines.map((part) => drawLine([{ text: '      ' }, part], undefined, options));
}

function drawFinalStep(step: StepView, options: LastFrameOptions): string[] {
  const lines: string[] = [];
  const time = stepTime(step, options)?.text.length ?? 0;
  const reason = step.state === 'skipped' ? `  skipped: ${step.reason ?? ''}` : '';
  if (reason !== '' && 4 + step.title.length + reason.length + time > frameWidth(options)) {
    const title: Part[] = [{ text: '  ' }, ...signOf(step.state, options), { text: step.title, style: 'dim' }];
    lines.push(drawLine(title, undefined, options));
    for (const text of wrap(reason.trim(), frameWidth(options) - 6)) {
      lines.push(drawLine([{ text: '      ' }, { text, style: 'yellow' }], undefined, options));
    }
  } else lines.push(drawStepLine(step, options));
  lines.push(...drawWarnings(step, options));
  lines.push(...drawPackageFailures(step, options, 10, 5));
  if (step.failure !== undefined) lines.push(...drawFailure(step.failure, options));
  return lines;
}

function drawEnd(view: RunView, options: FrameOptions): string[] {
  const { end } = view;
  if (end === undefined) return [];
  const { signs } = options.look;
  if (end.kind === 'finished') {
    return [
      '',
      drawLine([{ text: `${signs.done} Done in ${formatDuration(end.seconds)}.`, style: 'green' }], undefined, options),
    ];
  }
  const words: Readonly<Record<typeof end.reason, Part>> = {
    interrupted: { text: `${signs.warning} Interrupted.`, style: 'yellow' },
    failed: { text: `${signs.failed} Stopped: a step failed.`, style: 'red' },
    until: { text: `${signs.done} Stopped where you asked for it.`, style: 'green' },
    reboot: { text: `${signs.warning} Waiting for a reboot.`, style: 'yellow' },
  };
  const failure = view.phases.flatMap((phase) => phase.steps).find((step) => step.failure !== undefined)?.failure;
  const next = hang(
    '  Next: ',
    plainLine(end.reason === 'failed' ? (failure?.hint ?? end.next) : end.next),
    frameWidth(options),
  );
  return [
    '',
    drawLine([words[end.reason]], undefined, options),
    ...next.map((text) => drawLine([{ text, style: 'bold' }], undefined, options)),
  ];
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

function phaseState(phase: PhaseView): StepState {
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

function phaseTitle(phase: PhaseView): string {
  return capitalise(plainLine(phase.name));
}

function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Only a step turns: two spinners on a screen would compete. */
function headingSign(state: StepState, options: FrameOptions): Part[] {
  const isOpen = state === 'running' || state === 'waiting';
  return isOpen ? [{ text: `${options.look.signs.current} `, style: 'cyan' }] : signOf(state, options);
}

function signOf(state: StepState, { look: { signs }, tick }: FrameOptions): Part[] {
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
function formatWholeSeconds(milliseconds: number): string {
  return milliseconds < 1000 ? '0 s' : formatDuration(Math.floor(milliseconds / 1000));
}

function frameWidth({ columns }: FrameOptions): number {
  // The last column stays free: after writing to it, terminals differ in where the cursor is.
  return Math.max(20, Math.min(columns - 1, widestFrame));
}

/** One line: parts from the left, cut to what fits, and one part at the right end, which is never cut. */
function drawLine(parts: readonly Part[], right: Part | undefined, options: FrameOptions | LastFrameOptions): string {
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

function last<T>(items: readonly T[], count: number): readonly T[] {
  if (count <= 0) return [];
  return count >= items.length ? items : items.slice(items.length - count);
}
