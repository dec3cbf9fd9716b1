import { wrap } from '../../base/wrap.ts';
import type { Failure } from '../../run/event.ts';
import { formatDuration, plural } from '../words/format.ts';
import { fold, hang, plainLine } from '../words/text.ts';
import {
  drawHeader,
  drawLine,
  drawPhaseHeading,
  drawPhaseLine,
  drawStepLine,
  type FrameOptions,
  frameWidth,
  type LastFrameOptions,
  last,
  type Part,
  phaseState,
  signOf,
  stepTime,
} from './frame-line.ts';
import type { RunView, StepView } from './run-view.ts';

const failureLines = 8;
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

export function drawPackageFailures(
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
export function drawWarnings(step: StepView, options: FrameOptions | LastFrameOptions): string[] {
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
export function drawFailure(failure: Failure, options: FrameOptions): string[] {
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
