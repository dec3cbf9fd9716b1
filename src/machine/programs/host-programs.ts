import { readFileSync } from 'node:fs';
import { programMark } from '../../base/machine.ts';
import type { EnteredProgram } from './keeper.ts';
import { commandLine, isOurUsers, pidNamespace, processHandle, processIds, sessionOf } from './processes.ts';

/** In the environment of every program that we start on the running system. */
export const ownMark: Readonly<Record<string, string>> = { [programMark]: 'yes' };

/**
 * Programs on the running system that a crossgrade, perhaps one that was killed, has started itself: each leads a
 * session of its own. What they have started, and daemons that a maintainer script left behind, are not among them: a
 * daemon leads a session as well, so the shell that waits for a long program keeps the mark to itself. Neither the words
 * of a process nor its parent would tell: a script is run by its shell, and what we leave behind gets the first process
 * for its parent, as a daemon does. Anybody can mark his own processes, and would have each run wait for them.
 */
export function hostPrograms(): EnteredProgram[] {
  // Those of a container are its own crossgrade's.
  const namespace = pidNamespace(process.pid);
  return processIds().flatMap((pid) => {
    const leads = pid !== process.pid && sessionOf(pid) === pid && pidNamespace(pid) === namespace;
    const handle = leads && bearsMark(pid) && isOurUsers(pid) ? processHandle(pid) : undefined;
    return handle ? [{ handle, words: commandLine(pid) ?? [] }] : [];
  });
}

function bearsMark(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`${programMark}=yes`);
  } catch {
    return false;
  }
}
