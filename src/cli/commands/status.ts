import { rollbackBegun } from '../../core/state.ts';
import { phaseOf, readContext, replacedPackages } from '../../engine/run.ts';
import { StateStore } from '../../engine/state-store.ts';
import type { CommonOptions } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTime } from '../format.ts';
import { nameRoot } from '../name-root.ts';
import type { Wiring } from '../session.ts';
import { createLook } from '../terminal.ts';
import { pairOf } from './resume.ts';

/** What `status --json` prints. */
export interface Status {
  readonly schemaVersion: 1;
  readonly state: 'none' | 'in progress' | 'finished';
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly pastPointOfNoReturn?: boolean;
  /** The dpkg call that is at work right now. */
  readonly running?: string;
  readonly steps?: readonly StepStatus[];
  /** What to type next. */
  readonly next: string;
}

export interface StepStatus {
  readonly id: string;
  readonly title: string;
  readonly phase: string;
  /** `waiting`: its turn comes later. */
  readonly state: 'done' | 'open' | 'waiting' | 'skipped';
  readonly remaining: readonly string[];
}

/** Where are we, what is next. Changes nothing, and needs no lock. */
export async function statusCommand(
  options: CommonOptions & { readonly json: boolean },
  wiring: Wiring,
): Promise<number> {
  const session = await wiring.openSession(options.root, 'read');
  try {
    const found = await readStatus(new StateStore(session.machine), session, wiring);
    const status: Status = { ...found, next: nameRoot(found.next, options.root) };
    const { stdout, environment } = wiring;
    if (options.json || options.output === 'json') {
      stdout.write(`${JSON.stringify(status)}\n`);
    } else {
      const { paint, signs } = createLook(stdout, environment, options.color);
      stdout.write(`${formatStatus(status, paint, signs)}\n`);
    }
    return exitCodes.done;
  } finally {
    await session.close();
  }
}

async function readStatus(
  store: StateStore,
  { machine }: { machine: StateStoreMachine },
  { steps }: Wiring,
): Promise<Status> {
  const state = await store.load();
  if (!state) {
    return { schemaVersion: 1, state: 'none', next: 'crossgrade run' };
  }
  if (state.finishedAt !== null) {
    return {
      schemaVersion: 1,
      state: 'finished',
      startedAt: state.startedAt,
      finishedAt: state.finishedAt,
      next: 'crossgrade verify',
    };
  }
  const context = await readContext(machine, store, pairOf(state));
  const { running } = state;
  const isRunning = running !== null && (await machine.isAlive(running.process));
  let isLater = false;
  const past = context.before !== undefined && replacedPackages(context).length > 0;
  return {
    schemaVersion: 1,
    state: 'in progress',
    startedAt: state.startedAt,
    pastPointOfNoReturn: past,
    ...(isRunning && { running: running.batch }),
    steps: steps.map((step) => {
      const skipped = (step.needs ?? []).some((need) => !machine.root.can.has(need));
      const remaining = skipped ? [] : step.remaining(context);
      const settled = isLater ? 'waiting' : 'done';
      isLater ||= remaining.length > 0;
      return {
        id: step.id,
        title: step.title,
        phase: phaseOf(step),
        state: skipped ? 'skipped' : remaining.length === 0 ? settled : 'open',
        remaining: remaining.slice(0, 3),
      };
    }),
    next: isRunning
      ? 'wait: dpkg is at work'
      : rollbackBegun in state.milestones
        ? 'crossgrade rollback, which has not come to its end'
        : past
          ? 'crossgrade resume'
          : 'crossgrade resume, or crossgrade rollback',
  };
}

type StateStoreMachine = Parameters<typeof readContext>[0];

function formatStatus(
  status: Status,
  paint: ReturnType<typeof createLook>['paint'],
  signs: ReturnType<typeof createLook>['signs'],
): string {
  if (status.state === 'none') {
    return 'No crossgrade was begun on this root.\nNext: crossgrade run';
  }
  if (status.state === 'finished') {
    return `The crossgrade was finished at ${formatTime(status.finishedAt ?? '')}.\nNext: ${status.next}`;
  }
  const steps = (status.steps ?? []).map((step) => {
    const sign =
      step.state === 'done'
        ? paint('green', signs.done)
        : step.state === 'skipped'
          ? '-'
          : paint('yellow', signs.waiting);
    const left = step.remaining.length > 0 ? `, to do: ${step.remaining.join('; ')}` : '';
    return `  ${sign} ${step.title}${left}`;
  });
  return [
    `A crossgrade is in progress, begun at ${formatTime(status.startedAt ?? '')}.`,
    ...steps,
    status.pastPointOfNoReturn ? 'The point of no return is passed.' : 'It can still be taken back.',
    ...(status.running ? [`dpkg is at work on ${status.running}.`] : []),
    `Next: ${status.next}`,
  ].join('\n');
}
