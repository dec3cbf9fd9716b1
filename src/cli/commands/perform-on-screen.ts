import type { ArchitecturePair } from '../../debian/architecture.ts';
import { performRun } from '../../run/system/perform-run.ts';
import type { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import { showEnd } from '../report/show-end.ts';
import { createScreen } from '../screen/create-screen.ts';
import type { Session, Wiring } from './wiring.ts';

/**
 * Runs the steps, or takes them back, before the user's eyes.
 *
 * @returns the exit code
 */
export async function performOnScreen(
  { machine }: Session,
  store: StateStore,
  pair: ArchitecturePair,
  options: CommonOptions,
  wiring: Wiring,
  resumed: boolean,
  lockPatienceMs = 0,
): Promise<number> {
  const screen = createScreen({ ...options, ...wiring });
  try {
    const end = await performRun({
      machine,
      store,
      pair,
      steps: wiring.steps,
      rootName: options.root,
      resumed,
      lockPatienceMs,
      observe: (event) => screen.observe(event),
      onSignal: (callback) => wiring.onSignal(callback),
    });
    await screen.finish();
    return await showEnd(end, machine, options, wiring, screen);
  } finally {
    await screen.finish();
  }
}
