import type { Failure } from '../../run/event.ts';
import type { StepStatus } from '../screen/step-status.ts';
import type { Look } from '../screen/terminal.ts';
import { formatTime, plural } from '../words/format.ts';
import { fold, hang, plainLine, textColumns } from '../words/text.ts';

/** What `status --json` prints. */
export interface Status {
  readonly schemaVersion: 1;
  readonly state: 'none' | 'in progress' | 'finished';
  /** Sentences: how the root stands, where no crossgrade of ours was begun. */
  readonly standing?: readonly string[];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly pastPointOfNoReturn?: boolean;
  /** The kernel that the host has to be rebooted into, when that is what the run waits for. */
  readonly waitingForReboot?: string;
  /** A process of the crossgrade is running. */
  readonly atWork?: boolean;
  /** When somebody stopped it: then it does not go on by itself at the next boot. */
  readonly stoppedAt?: string | null | undefined;
  /** The dpkg call that is at work right now. */
  readonly running?: string;
  /** As long as it is, the host is neither shut down nor suspended. */
  readonly refusesShutdown?: boolean;
  readonly steps?: readonly StepStatus[];
  /** What ended the last run, where nothing has run since. */
  readonly lastError?: Failure;
  /** What of the network is not as it was before the last reboot, with what puts it back. */
  readonly networkChanges?: readonly { readonly what: string; readonly command?: string }[];
  /** Units that do not start until their data is imported. */
  readonly heldServices?: readonly string[];
  /** What to type next. */
  readonly next: string;
}

export interface StatusViewOptions {
  readonly look: Look;
  readonly columns?: number | undefined;
  /** What is left to do of every step, not of the one at hand alone. */
  readonly verbose?: boolean;
}

/** @returns lines: where the crossgrade is, and what comes next; the phase at hand in full, short enough for 80×24 */
export function formatStatus(status: Status, options: StatusViewOptions): string[] {
  const { look } = options;
  const columns = textColumns(options.columns);
  const next = hang('Next: ', status.next, columns);
  if (status.state === 'none') {
    const words = status.standing ?? ['No crossgrade was begun on this root.'];
    return [...words.flatMap((text) => hang('', text, columns)), ...next];
  }
  if (status.state === 'finished') {
    const title = `The crossgrade was finished at ${formatTime(status.finishedAt ?? '')}.`;
    return [title, ...formatHeldServices(status, options), ...next];
  }
  const atHand = status.steps?.find(({ state }) => state === 'open');
  return [
    `A crossgrade is in progress, begun at ${formatTime(status.startedAt ?? '')}.`,
    ...phasesOf(status.steps ?? []).flatMap((steps) => formatPhase(steps, { ...options, atHand })),
    '',
    status.pastPointOfNoReturn ? 'The point of no return is passed.' : 'It can still be taken back.',
    ...(status.running ? [`dpkg is at work on ${status.running}.`] : []),
    ...(status.refusesShutdown ? refusal.map((line) => (line.startsWith(' ') ? look.paint('cyan', line) : line)) : []),
    ...(status.waitingForReboot ? [`It waits for a reboot into the kernel ${status.waitingForReboot}.`] : []),
    ...(status.stoppedAt ? [`It was stopped at ${formatTime(status.stoppedAt)}, and does not go on by itself.`] : []),
    ...(status.atWork ? [] : ['Nothing is at work now.']),
    ...formatLastError(status.lastError, options),
    ...formatNetworkChanges(status.networkChanges ?? [], options),
    ...formatHeldServices(status, options),
    ...next,
  ];
}

/** The same as packaging/guard.sh tells each terminal. */
const refusal = [
  'Meanwhile the host does not shut down, reboot or suspend, whoever asks for it.',
  'When the dpkg call is done (crossgrade resume goes on then):',
  '  systemctl stop crossgrade && systemctl reboot',
  'At once (dpkg is ended, and the crossgrade goes on by itself after the boot):',
  '  systemctl stop crossgrade-guard && systemctl reboot',
];

function formatLastError(failure: Failure | undefined, { look, columns }: StatusViewOptions): string[] {
  if (failure === undefined) return [];
  const width = textColumns(columns);
  const head = `${failure.code}  `;
  const [first = '', ...rest] = hang(head, plainLine(failure.message), width);
  const indent = ' '.repeat(head.length);
  return [
    'It has stopped with:',
    look.paint('red', failure.code) + first.slice(failure.code.length),
    ...rest,
    ...failure.details.flatMap((line) => fold(indent, line, width)),
    ...(failure.hint === undefined ? [] : hang(indent, plainLine(failure.hint), width)),
  ];
}

/** Commands are not wrapped: they are copied. */
function formatNetworkChanges(
  changes: NonNullable<Status['networkChanges']>,
  { look, columns }: StatusViewOptions,
): string[] {
  if (changes.length === 0) return [];
  return [
    look.paint('yellow', `${look.signs.warning} The network is not as it was before the reboot:`),
    ...changes.flatMap(({ what, command }) => [
      ...hang('  ', what, textColumns(columns)),
      ...(command === undefined ? [] : [look.paint('cyan', `    ${command}`)]),
    ]),
  ];
}

function formatHeldServices({ heldServices = [] }: Status, { look, columns }: StatusViewOptions): string[] {
  if (heldServices.length === 0) return [];
  return [
    look.paint('yellow', `${look.signs.warning} These services do not start until their data is imported:`),
    ...hang('  ', heldServices.join(', '), textColumns(columns)),
  ];
}

/** Neighbours of one phase. */
function phasesOf(steps: readonly StepStatus[]): StepStatus[][] {
  const phases: StepStatus[][] = [];
  for (const step of steps) {
    const last = phases.at(-1);
    if (last?.[0]?.phase === step.phase) last.push(step);
    else phases.push([step]);
  }
  return phases;
}

/** Of the longest name of a phase. */
const phaseWidth = 'prepare'.length;

interface StepViewOptions extends StatusViewOptions {
  /** The first step that has something left to do. */
  readonly atHand: StepStatus | undefined;
}

function formatPhase(steps: readonly StepStatus[], options: StepViewOptions): string[] {
  const { look, atHand, verbose } = options;
  const name = (steps[0]?.phase ?? '').padEnd(phaseWidth);
  const skipped = steps.filter(({ state }) => state === 'skipped').length;
  const notes = [plural(steps.length, 'step'), ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(', ');
  const isAtHand = steps.some((step) => step === atHand);
  const sign = isAtHand ? look.paint('cyan', look.signs.current) : signOf(steps, look);
  const title = `${sign} ${name.slice(0, 1).toUpperCase()}${name.slice(1)}  ${look.paint('dim', notes)}`;
  const shown = steps.filter((step) => isAtHand || verbose || isUndone(step));
  return [title, ...shown.flatMap((step) => formatStep(step, options))];
}

function formatStep(step: StepStatus, { look, columns, atHand, verbose }: StepViewOptions): string[] {
  const isAtHand = step === atHand;
  const sign = isAtHand ? look.paint('yellow', look.signs.current) : signOf([step], look);
  const left = isAtHand || verbose || isUndone(step) ? step.remaining : [];
  const before = isUndone(step) ? 'done, but not so any more: ' : '';
  const lines = left.flatMap((text) => hang('      ', before + text, textColumns(columns)));
  return [`  ${sign} ${step.title}`, ...lines.map((line) => look.paint('dim', line))];
}

/** Done by the run, and undone by something else meanwhile. */
function isUndone({ state, remaining }: StepStatus): boolean {
  return state === 'done' && remaining.length > 0;
}

function signOf(steps: readonly StepStatus[], { paint, signs }: Look): string {
  if (steps.every(({ state }) => state === 'skipped')) return signs.skipped;
  const isSettled = steps.every(({ state }) => state === 'done' || state === 'skipped');
  return isSettled ? paint('green', signs.done) : signs.waiting;
}
