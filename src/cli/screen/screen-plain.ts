import { joinLines, printable } from '../../base/printable.ts';
import type { Failure, PackageFailure, Progress, RunEvent } from '../../run/event.ts';
import { formatBytesOf, formatDuration, percent, plural } from '../words/format.ts';
import { hang, plainLine, textColumns } from '../words/text.ts';
import type { Screen, ScreenOptions } from './screen.ts';
import { writeSafely } from './screen.ts';
import type { TerminalStream } from './terminal.ts';

/**
 * Lines for a file, a pipe, a dumb terminal or a screen reader: nothing is redrawn, no colours, no control
 * characters. A step that takes a moment says that it began, how far it is now and then, and that it is done.
 */
export function createPlainScreen(options: ScreenOptions): Screen {
  const write = writeSafely(options.stream);
  const now = options.now ?? Date.now;
  const lines = new PlainLines(options.verbose === true);
  return {
    observe: (event) => {
      try {
        for (const line of lines.of(event, now()).flatMap((long) => fit(long, options.stream))) {
          write(joinLines([printable(line)]));
        }
      } catch {
        // A screen that breaks must not stop a crossgrade.
      }
    },
    finish: async () => undefined,
  };
}

/** A dumb terminal breaks long lines in the middle of words; a file and a pipe take them as they are. */
function fit(line: string, { isTTY, columns }: TerminalStream): string[] {
  const [, before = '', text = ''] = /^(\[ *\d+\/\d+\] |\s*)(.*)$/.exec(line) ?? [];
  return isTTY ? hang(before, text, textColumns(columns)) : [line];
}

/** Shortest time between two lines about the same activity, unless it takes very long. */
const quickestMs = 1000;
const slowestMs = 10_000;
const percentStep = 10;

const activityNames: Readonly<Record<string, string>> = {
  download: 'downloaded',
  unpack: 'unpacked',
  configure: 'configured',
  remove: 'removed',
  purge: 'purged',
  check: 'checked',
};

interface Milestone {
  readonly percent: number;
  readonly at: number;
}

type StepEvent = Extract<RunEvent, { readonly step: string }>;

/** Turns events into lines; remembers what was said. */
class PlainLines {
  readonly #verbose: boolean;
  readonly #numbers = new Map<string, number>();
  readonly #titles = new Map<string, string>();
  readonly #milestones = new Map<string, Milestone>();
  #total = 0;
  #linesOfStep = 0;

  constructor(verbose: boolean) {
    this.#verbose = verbose;
  }

  of(event: RunEvent, now: number): string[] {
    switch (event.type) {
      case 'run-started':
        return this.#start(event);
      case 'finding':
        return [`${event.finding.severity}: ${plainLine(event.finding.title)} (${event.finding.id})`];
      case 'planned':
      case 'compared':
      case 'error':
        return [];
      case 'run-stopped':
        return [`${stopWords[event.reason]} Next: ${plainLine(event.next)}`];
      case 'run-finished':
        return [`Done in ${formatDuration(event.seconds)}.`];
      default:
        return this.#ofStep(event, now);
    }
  }

  #start({ root, resumed, steps }: Extract<RunEvent, { type: 'run-started' }>): string[] {
    this.#total = steps.length;
    for (const [index, { id, title }] of steps.entries()) {
      this.#numbers.set(id, index + 1);
      this.#titles.set(id, title);
    }
    return [`Crossgrading ${plainLine(root)}: ${plural(steps.length, 'step')}${resumed ? ', resumed' : ''}`];
  }

  #ofStep(event: StepEvent, now: number): string[] {
    switch (event.type) {
      case 'step-started':
        return this.#begin(event.step, event.title, '');
      case 'step-skipped':
        return this.#begin(event.step, event.title, `: skipped, ${event.reason}`);
      case 'step-unneeded':
        return this.#begin(event.step, event.title, ': nothing to do');
      case 'step-finished':
        // A quick step that said nothing needs no second line.
        if (event.seconds < 1 && this.#linesOfStep === 0) return [];
        return this.#headed(event.step, `${this.#titleOf(event.step)}: done in ${formatDuration(event.seconds)}`);
      case 'step-failed':
        return [
          ...this.#headed(event.step, `${this.#titleOf(event.step)}: failed`),
          ...this.#below(describeFailure(event.failure)),
        ];
      case 'step-warning':
        return this.#below([
          `warning: ${plainLine(event.text)}`,
          ...event.details.map((line) => `${line.startsWith(' ') ? '    ' : '  '}${plainLine(line)}`),
        ]);
      case 'step-progress':
        return this.#progress(event.step, event.progress, now);
      case 'batch-started':
        this.#milestones.clear();
        return this.#below(describeStepEvent(event));
      case 'command':
        return this.#verbose ? this.#below(describeStepEvent(event)) : [];
      default:
        return this.#below(describeStepEvent(event));
    }
  }

  #progress(step: string, progress: Progress, now: number): string[] {
    const key = `${step} ${progress.activity}`;
    const before = this.#milestones.get(key);
    const reached = percent(progress.done, progress.total);
    const isFirst = before === undefined || reached < before.percent;
    if (!isFirst && !isMilestone(before, reached, now)) return [];
    this.#milestones.set(key, { percent: reached, at: now });
    return isFirst ? [] : this.#below([describeProgress(progress, reached)]);
  }

  #begin(step: string, title: string, fate: string): string[] {
    this.#titles.set(step, title);
    this.#milestones.clear();
    this.#linesOfStep = 0;
    return this.#headed(step, title + fate);
  }

  #headed(step: string, text: string): string[] {
    return [`${this.#prefix(step)} ${plainLine(text)}`];
  }

  #below(texts: readonly string[]): string[] {
    this.#linesOfStep += texts.length;
    return texts.map((text) => `${' '.repeat(this.#prefix('').length + 1)}${text}`);
  }

  #prefix(step: string): string {
    const number = String(this.#numbers.get(step) ?? '-').padStart(String(this.#total).length);
    return `[${number}/${this.#total}]`;
  }

  #titleOf(step: string): string {
    return this.#titles.get(step) ?? step;
  }
}

function isMilestone(before: Milestone, reached: number, now: number): boolean {
  const waited = now - before.at;
  if (waited >= slowestMs) return reached > before.percent;
  return waited >= quickestMs && Math.floor(reached / percentStep) > Math.floor(before.percent / percentStep);
}

function describeStepEvent(
  event: Extract<
    StepEvent,
    { type: 'step-message' | 'batch-started' | 'batch-finished' | 'package-failed' | 'command' | 'point-of-no-return' }
  >,
): string[] {
  switch (event.type) {
    case 'step-message':
      return splitLines(event.text);
    case 'batch-started':
      return [`${event.batch}: ${plural(event.packages, 'package')}`];
    case 'batch-finished':
      return [
        `${event.batch}: ${event.exitCode === 0 ? 'done' : `exit code ${event.exitCode}`} after ${formatDuration(event.seconds)}`,
      ];
    case 'package-failed':
      return describePackageFailure(event.failure);
    case 'command':
      return [`$ ${plainLine(event.argv.join(' '))}${event.exitCode === 0 ? '' : ` (exit code ${event.exitCode})`}`];
    case 'point-of-no-return':
      return ['Point of no return: only forward from here.'];
  }
}

const stopWords = {
  interrupted: 'Interrupted.',
  failed: 'Stopped: a step failed.',
  until: 'Stopped where you asked for it.',
  reboot: 'Waiting for a reboot.',
} as const;

function describeProgress({ activity, done, total, unit }: Progress, reached: number): string {
  const amount = unit === 'bytes' ? formatBytesOf(done, total) : `${done}/${total} ${unit}`;
  return `${reached} % ${activityNames[activity] ?? plainLine(activity)} (${amount})`;
}

function describeFailure(failure: Failure): string[] {
  const hint = failure.hint === undefined ? [] : [`Next: ${plainLine(failure.hint)}`];
  return [`${failure.code}  ${plainLine(failure.message)}`, ...failure.details.map(plainLine), ...hint];
}

function describePackageFailure(failure: PackageFailure): string[] {
  const head = `${plainLine(failure.package)} failed${failure.consequence ? ' as a consequence' : ''}: ${plainLine(failure.message)}`;
  return [head, ...failure.output.map((line) => `  ${plainLine(line)}`)];
}

function splitLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map(plainLine)
    .filter((line) => line !== '');
}
