import { type ArchitecturePair, findPair } from '../../core/architecture.ts';
import { hasDataLeft, unimported } from '../../core/data/outcome.ts';
import { CrossgradeError } from '../../core/error.ts';
import { isPastPointOfNoReturn } from '../../core/point-of-no-return.ts';
import { text } from '../../core/printable.ts';
import { rollbackBegun, type State } from '../../core/state.ts';
import { readExportsOf, retryImports } from '../../engine/data/carry.ts';
import { removeNotice } from '../../engine/login-notice.ts';
import { rollbackUnfinished } from '../../engine/rollback.ts';
import { readContext } from '../../engine/run.ts';
import { StateStore } from '../../engine/state-store.ts';
import type { CommonOptions, RunOptions } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTime } from '../format.ts';
import { handOver, handsOver } from '../hand-over.ts';
import { nameRoot } from '../name-root.ts';
import { confirm, createPromptPort } from '../prompts.ts';
import type { Session, Wiring } from '../session.ts';
import { createLook } from '../terminal.ts';
import { say } from '../text.ts';
import { watchRun } from '../watch.ts';
import { performRun } from './perform-run.ts';
import { planAnewIfChanged } from './plan-anew.ts';

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
      const words = 'No crossgrade was begun on this root: there is nothing to resume. Begin one with crossgrade run.';
      say(wiring.stderr, nameRoot(words, options.root));
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
    return await performRun(session, store, pairOf(state), options, wiring, true);
  } finally {
    await session.close();
  }
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

/** @throws {CrossgradeError} CG0146 when the state names architectures that this crossgrade does not know */
export function pairOf(state: State): ArchitecturePair {
  const pair = findPair(state.sourceArchitecture, state.targetArchitecture);
  if (!pair) {
    throw new CrossgradeError(
      `This run leads from ${state.sourceArchitecture} to ${state.targetArchitecture}, which this crossgrade does not know.`,
      { code: 'CG0146', hint: 'Nothing was changed. Go on with the crossgrade that began this run.' },
    );
  }
  return pair;
}
