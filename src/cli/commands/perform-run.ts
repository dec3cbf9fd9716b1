import type { ArchitecturePair } from '../../core/architecture.ts';
import type { Comparison } from '../../core/comparison.ts';
import type { RunEvent } from '../../core/event.ts';
import { comparisonFile, journalFile, logFolder, reportFile } from '../../core/paths.ts';
import type { Interruption } from '../../engine/context.ts';
import { runSteps } from '../../engine/run.ts';
import type { StateStore } from '../../engine/state-store.ts';
import type { CommonOptions, RunOptions } from '../arguments.ts';
import { formatComparison } from '../comparison-view.ts';
import { createScreen } from '../create-screen.ts';
import { exitCodes } from '../exit-codes.ts';
import { nameRoot } from '../name-root.ts';
import type { Session, Wiring } from '../session.ts';
import { createLook } from '../terminal.ts';

/** Runs the steps before the user's eyes; the same for run and resume. */
export async function performRun(
  { machine }: Session,
  store: StateStore,
  pair: ArchitecturePair,
  options: CommonOptions & RunOptions,
  wiring: Wiring,
  resumed: boolean,
): Promise<number> {
  const screen = createScreen({ ...options, ...wiring });
  const observe = (told: RunEvent): void => {
    const event = withRoot(told, options.root);
    screen.observe(event);
    // A journal that cannot be written must not stop the run: the disk may just be full.
    machine
      .append(journalFile, `${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`)
      .catch(() => undefined);
  };
  const interruption: Interruption = { requested: false };
  let current = '';
  const stopListening = wiring.onSignal((name) => {
    interruption.requested = true;
    observe({ type: 'step-message', step: current, text: `${name}: stopping when the running dpkg call is done` });
  });
  try {
    const end = await runSteps({
      machine,
      store,
      pair,
      steps: wiring.steps,
      interruption,
      ...(options.until !== undefined && { until: options.until }),
      rootName: options.root,
      resumed,
      observe: (event) => {
        if (event.type === 'step-started') {
          current = event.step;
        }
        observe(event);
      },
    });
    await screen.finish();
    const comparison: Comparison | undefined =
      end === 'finished' ? JSON.parse(await machine.readText(comparisonFile)) : undefined;
    if (comparison && options.output === 'json') {
      screen.observe({ type: 'compared', comparison });
    } else if (comparison) {
      const look = createLook(wiring.stdout, wiring.environment, options.color);
      wiring.stdout.write(`${formatComparison(comparison, { look, columns: wiring.stdout.columns }).join('\n')}\n`);
      wiring.stderr.write(`The report is in ${reportFile}, the logs are in ${logFolder} (inside the root).\n`);
    }
    return end === 'interrupted' ? exitCodes.interrupted : exitCodes.done;
  } finally {
    stopListening();
    await screen.finish();
  }
}

/** What to type next, for this root. */
function withRoot(event: RunEvent, root: string): RunEvent {
  if (event.type === 'run-stopped') {
    return { ...event, next: nameRoot(event.next, root) };
  }
  if (event.type === 'step-failed' && event.failure.hint !== undefined) {
    return { ...event, failure: { ...event.failure, hint: nameRoot(event.failure.hint, root) } };
  }
  return event;
}
