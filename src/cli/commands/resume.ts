import { exitCodes } from '../../base/exit-codes.ts';
import { text } from '../../base/printable.ts';
import { hasDataLeft, unimported } from '../../data/outcome.ts';
import { readExportsOf, retryImports } from '../../data/system/carry.ts';
import { nameRoot } from '../../run/name-root.ts';
import { isPastPointOfNoReturn } from '../../run/point-of-no-return.ts';
import { rollbackUnfinished } from '../../run/system/rollback.ts';
import { readContext } from '../../run/system/run.ts';
import { removeNotice } from '../../session/system/login-notice.ts';
import { pairOf } from '../../state/pair-of.ts';
import { rollbackBegun, type State } from '../../state/state.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions, RunOptions } from '../arguments/arguments.ts';
import { confirm, createPromptPort } from '../screen/prompts.ts';
import { createLook } from '../screen/terminal.ts';
import { watchRun } from '../screen/watch.ts';
import { formatTime } from '../words/format.ts';
import { say } from '../words/text.ts';
import { handOver, handsOver } from './hand-over.ts';
import { performOnScreen } from './perform-on-screen.ts';
import { planAnewIfChanged } from './plan-anew.ts';
import { statusOfRoot } from './status-of-root.ts';
import type { Session, Wiring } from './wiring.ts';

/** Goes on from wherever the root is. */
export async function resumeCommand(options: CommonOptions & RunOptions, wiring: Wiring): Promise<number> {
  if (handsOver(options, wiring) && (await wiring.engineService.isActive())) {
    wiring.stderr.write(text`The crossgrade is at work already; this is how far it is.\n`);
    return watchRun(options, wiring);
  }
  const session = await wiring.openSession(options.root, 'write');
  try {
    const store = new StateStore(session.machine);
    const state = await store.load();
    if (!state) {
      await tellHowItStands(session, options, wiring);
      return exitCodes.done;
    }
    const exports = await readExportsOf(session.machine);
    if (state.finishedAt !== null && !hasDataLeft(exports)) {
      // Whoever has taken care of the data himself is not told of it any more.
      await removeNotice(session.machine, '/etc');
      const when = formatTime(state.finishedAt);
      say(wiring.stderr, `The crossgrade of this root was finished at ${when}: there is nothing to resume.`);
      return exitCodes.done;
    }
    if (rollbackBegun in state.milestones) throw rollbackUnfinished();
    if (state.finishedAt === null) {
      const end = await planAnewIfChanged(session, store, pairOf(state), options, wiring);
      if (end !== undefined) return end;
    }
    if (!(await consents(session, store, state, options, wiring))) {
      wiring.stderr.write(text`Nothing was changed.\n`);
      return exitCodes.interrupted;
    }
    if (unimported(exports).length > 0) await retryImports(session.machine);
    await store.update({ until: options.until ?? null, stoppedAt: null });
    if (handsOver(options, wiring)) return await handOver(session, options, wiring);
    return await performOnScreen(session, store, pairOf(state), options, wiring, true);
  } finally {
    await session.close();
  }
}

async function tellHowItStands(
  { machine }: Session,
  { root, target }: CommonOptions,
  { stderr }: Wiring,
): Promise<void> {
  const { standing, next } = await statusOfRoot(machine, target);
  const go = next === 'crossgrade run' ? ' Begin with crossgrade run.' : '';
  say(stderr, nameRoot(`${standing?.join(' ') ?? ''} There is nothing to resume.${go}`, root));
}

const reversible: ReadonlySet<string | undefined> = new Set(['prepare', 'kernel', 'libraries']);

/** On a terminal nobody passes the point of no return unasked; without one, going on is what was asked for. */
async function consents(
  { machine }: Session,
  store: StateStore,
  state: State,
  options: CommonOptions & RunOptions,
  { stdin, stderr, environment }: Wiring,
): Promise<boolean> {
  const mayAsk = !options.yes && options.output === 'text' && stdin.isTTY && stderr.isTTY;
  if (!mayAsk || reversible.has(options.until)) return true;
  if (isPastPointOfNoReturn(await readContext(machine, store, pairOf(state)))) return true;
  const look = createLook(stderr, environment, options.color);
  const port = createPromptPort(stdin, stderr, environment);
  const question = text`This goes past the point of no return. Have you a backup, and shall it go on?`;
  return confirm(question, false, { look, input: stdin, output: stderr, port });
}
