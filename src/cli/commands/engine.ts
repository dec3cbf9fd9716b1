import { hasDataLeft } from '../../core/data/outcome.ts';
import { text } from '../../core/printable.ts';
import { rollbackBegun } from '../../core/state.ts';
import { readExportsOf } from '../../engine/data/carry.ts';
import { hasStopped, tellLogins } from '../../engine/login-notice.ts';
import { StateStore } from '../../engine/state-store.ts';
import type { CommonOptions } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Wiring } from '../session.ts';
import { performRun } from './perform-run.ts';
import { pairOf } from './resume.ts';

/** At boot others may be at work on the packages, and nobody is there who could begin again. */
const lockPatienceMs = 300_000;

/** What crossgrade.service runs: goes on, forward or back, with what the state file says. Asks nothing. */
export async function engineCommand(options: CommonOptions, wiring: Wiring): Promise<number> {
  const session = await wiring.openSession(options.root, 'write');
  try {
    const store = new StateStore(session.machine);
    const state = await store.load();
    if (!state) return exitCodes.done;
    if (state.finishedAt !== null && !hasDataLeft(await readExportsOf(session.machine))) return exitCodes.done;
    if (state.stoppedAt && !(rollbackBegun in state.milestones)) {
      await tellLogins(session.machine, hasStopped);
      wiring.stderr.write(
        text`The crossgrade has stopped, and waits for somebody. It goes on with crossgrade resume.\n`,
      );
      return exitCodes.done;
    }
    const resumed = Object.keys(state.finishedSteps).length > 0;
    return await performRun(session, store, pairOf(state), options, wiring, resumed, lockPatienceMs);
  } finally {
    await session.close();
  }
}
