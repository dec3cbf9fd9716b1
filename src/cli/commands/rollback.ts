import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { text } from '../../base/printable.ts';
import { assertPackagesFree } from '../../dpkg/system/package-lock.ts';
import { assertNothingOnTop } from '../../run/system/find-changes.ts';
import { assertReversible } from '../../run/system/rollback.ts';
import { readContext } from '../../run/system/run.ts';
import { pairOf } from '../../state/pair-of.ts';
import { rollbackBegun } from '../../state/state.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import { confirm, createPromptPort } from '../screen/prompts.ts';
import { createLook } from '../screen/terminal.ts';
import { formatTime } from '../words/format.ts';
import { handOver, handsOver } from './hand-over.ts';
import { performOnScreen } from './perform-on-screen.ts';
import type { Wiring } from './wiring.ts';

/** Takes back what can be taken back. */
export async function rollbackCommand(
  options: CommonOptions & { readonly yes: boolean },
  wiring: Wiring,
): Promise<number> {
  const session = await wiring.openSession(options.root, 'write');
  try {
    const store = new StateStore(session.machine);
    const state = await store.load();
    if (!state) {
      wiring.stderr.write(text`No crossgrade was begun on this root: there is nothing to take back.\n`);
      return exitCodes.done;
    }
    if (state.finishedAt !== null) {
      throw new CrossgradeError(`The crossgrade of this root was finished at ${formatTime(state.finishedAt)}.`, {
        code: 'CG0462',
        hint: 'Nothing was changed. It cannot be taken back any more; going back means restoring your backup.',
      });
    }
    const context = await readContext(session.machine, store, pairOf(state));
    assertReversible(context, state);
    await assertNothingOnTop(store, context);
    const { stdin, stderr, environment } = wiring;
    if (!options.yes) {
      const look = createLook(stderr, environment, options.color);
      const port = createPromptPort(stdin, stderr, environment);
      if (
        !(await confirm(text`Take back the crossgrade that has begun?`, false, {
          look,
          input: stdin,
          output: stderr,
          port,
        }))
      ) {
        stderr.write(text`Nothing was changed.\n`);
        return exitCodes.interrupted;
      }
    }
    await assertPackagesFree(session.machine);
    // From here on the only way is back, also for the next process.
    await store.update({ milestones: { ...state.milestones, [rollbackBegun]: new Date().toISOString() } });
    if (handsOver(options, wiring)) return await handOver(session, options, wiring);
    return await performOnScreen(session, store, pairOf(state), options, wiring, true);
  } finally {
    await session.close();
  }
}
