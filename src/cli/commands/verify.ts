import { CrossgradeError } from '../../core/error.ts';
import { readFacts } from '../../engine/probe.ts';
import { StateStore } from '../../engine/state-store.ts';
import { verify } from '../../engine/verify.ts';
import type { CommonOptions } from '../arguments.ts';
import { formatComparison } from '../comparison-view.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Wiring } from '../session.ts';
import { createLook } from '../terminal.ts';
import { pairOf } from './resume.ts';

/** Compares the system with the plan and with what was there before. Changes nothing. */
export async function verifyCommand(options: CommonOptions, wiring: Wiring): Promise<number> {
  const session = await wiring.openSession(options.root, 'read');
  try {
    const { machine } = session;
    const store = new StateStore(machine);
    const state = await store.load();
    const before = state ? await store.before() : undefined;
    if (!state || !before) {
      throw new CrossgradeError('There is no record of a crossgrade to compare this root with.', {
        code: 'CG0147',
        hint: 'Nothing was changed. A record is made by crossgrade run.',
      });
    }
    if (state.finishedAt === null) {
      throw new CrossgradeError('The crossgrade of this root is not finished: there is nothing to compare yet.', {
        code: 'CG0153',
        hint: 'Nothing was changed. See how far it is with crossgrade status, go on with crossgrade resume.',
      });
    }
    const facts = await readFacts(machine, state.milestones);
    const comparison = await verify(machine, pairOf(state), await store.plan(), before, facts);
    const { stdout, environment } = wiring;
    if (options.output === 'json') {
      stdout.write(`${JSON.stringify({ schemaVersion: 1, ...comparison })}\n`);
    } else {
      const look = createLook(stdout, environment, options.color);
      stdout.write(`${formatComparison(comparison, { look, columns: stdout.columns }).join('\n')}\n`);
    }
    return comparison.differences.some((difference) => difference.explanation === null)
      ? exitCodes.failed
      : exitCodes.done;
  } finally {
    await session.close();
  }
}
