import { engineEnvironmentFile, journalFile } from '../../base/own-paths.ts';
import { text } from '../../base/printable.ts';
import { formatEngineEnvironment } from '../../state/engine-environment.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import type { Session, Shell } from './wiring.ts';

/** The running system is worked on by a unit of its own, which no terminal can kill. Needs systemd. */
export function handsOver({ root }: CommonOptions, { engineService }: Shell): boolean {
  return root === '/' && engineService.isThere();
}

/** Lets the unit go on with what the state file says, and watches. Closes the session: the unit needs its lock. */
export async function handOver(session: Session, options: CommonOptions, wiring: Shell): Promise<number> {
  const from = (await session.machine.info(journalFile))?.bytes ?? 0;
  // Where none is set, those of an earlier hand-over hold: it may have been made in another shell.
  const environment = formatEngineEnvironment(wiring.environment);
  if (environment !== undefined) await session.machine.write(engineEnvironmentFile, environment, { mode: 0o600 });
  await session.close();
  await wiring.engineService.start();
  wiring.stderr.write(text`The crossgrade runs on its own now: closing this terminal does not stop it.\n`);
  const { watchRun } = await import('../screen/watch.ts');
  return watchRun(options, wiring, from);
}
