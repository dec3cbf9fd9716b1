import { type ArchitecturePair, findPair } from '../../core/architecture.ts';
import { CrossgradeError } from '../../core/error.ts';
import { rollbackBegun, type State } from '../../core/state.ts';
import { StateStore } from '../../engine/state-store.ts';
import type { CommonOptions, RunOptions } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import { formatTime } from '../format.ts';
import type { Wiring } from '../session.ts';
import { performRun } from './perform-run.ts';

/** Goes on from wherever the root is. */
export async function resumeCommand(options: CommonOptions & RunOptions, wiring: Wiring): Promise<number> {
  const session = await wiring.openSession(options.root, 'write');
  try {
    const store = new StateStore(session.machine);
    const state = await store.load();
    if (!state) {
      wiring.stderr.write(
        'No crossgrade was begun on this root: there is nothing to resume. Begin one with crossgrade run.\n',
      );
      return exitCodes.done;
    }
    if (state.finishedAt !== null) {
      wiring.stderr.write(
        `The crossgrade of this root was finished at ${formatTime(state.finishedAt)}: there is nothing to resume.\n`,
      );
      return exitCodes.done;
    }
    if (rollbackBegun in state.milestones) {
      throw new CrossgradeError('A rollback of this root has begun, and has not come to its end.', {
        code: 'CG0154',
        hint: 'Nothing was changed. Type crossgrade rollback again; after it, a new crossgrade can begin.',
      });
    }
    return await performRun(session, store, pairOf(state), options, wiring, true);
  } finally {
    await session.close();
  }
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
