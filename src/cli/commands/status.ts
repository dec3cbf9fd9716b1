import { exitCodes } from '../../base/exit-codes.ts';
import { redacted } from '../../base/passwords.ts';
import { joinLines, printableIn, printableJson } from '../../base/printable.ts';
import { nameRoot } from '../../run/name-root.ts';
import { StateStore } from '../../state/system/state-store.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import { formatStatus, type Status } from '../report/status-view.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import { handsOver } from './hand-over.ts';
import type { Session, Shell } from './wiring.ts';

/** Where are we, what is next. Changes nothing, and needs no lock. */
export async function statusCommand(
  options: CommonOptions & { readonly json: boolean; readonly watch: boolean },
  wiring: Shell,
): Promise<number> {
  const isAtWork = handsOver(options, wiring) && (await wiring.engineService.isActive()) !== false;
  if (options.watch && isAtWork) return (await import('../screen/watch.ts')).watchRun(options, wiring);
  const session = await wiring.openSession(options.root, 'read');
  try {
    const found = await readStatus(session, wiring, isAtWork, options.target);
    const status: Status = { ...found, next: nameRoot(found.next, options.root) };
    const { stdout, environment } = wiring;
    if (options.json || options.output === 'json') {
      stdout.write(joinLines([printableJson(redacted(status))]));
    } else {
      const look = createLook(stdout, environment, options.color);
      const lines = formatStatus(printableIn(status), { look, columns: stdout.columns, verbose: options.verbose });
      stdout.write(shownLines(lines, look));
    }
    return exitCodes.done;
  } finally {
    await session.close();
  }
}

async function readStatus(
  { machine }: Session,
  { loadSteps }: Shell,
  isAtWork: boolean,
  target: string | undefined,
): Promise<Status> {
  const store = new StateStore(machine);
  const state = await store.load();
  if (!state) return (await import('./status-of-root.ts')).statusOfRoot(machine, target);
  // What looks at a run takes long to load, and there is none before the first.
  const { statusOfRun } = await import('./status-of-run.ts');
  return statusOfRun(machine, store, state, await loadSteps(), isAtWork);
}
