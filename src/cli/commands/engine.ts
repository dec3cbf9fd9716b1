import { exitCodes } from '../../base/exit-codes.ts';
import { text } from '../../base/printable.ts';
import { hasDataLeft } from '../../data/outcome.ts';
import { readExportsOf } from '../../data/system/carry.ts';
import { hasStopped, tellLogins } from '../../session/system/login-notice.ts';
import { pairOf } from '../../state/pair-of.ts';
import { rollbackBegun } from '../../state/state.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import { performOnScreen } from './perform-on-screen.ts';
import type { Wiring } from './wiring.ts';

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
    return await performOnScreen(session, store, pairOf(state), options, wiring, resumed, lockPatienceMs);
  } finally {
    await session.close();
  }
}
