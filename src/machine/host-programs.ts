import { readFileSync } from 'node:fs';
import { programMark } from '../core/machine.ts';
import type { EnteredProgram } from './keeper.ts';
import { commandLine, processHandle, processIds, sessionOf } from './processes.ts';

/** In the environment of every program that we start on the running system. */
export const ownMark: Readonly<Record<string, string>> = { [programMark]: 'yes' };

/**
 * Programs on the running system that a crossgrade, perhaps one that was killed, has started itself: each leads a
 * session of its own. What they have started, and daemons that a maintainer script left behind, are not among them.
 */
export function hostPrograms(): EnteredProgram[] {
  return processIds().flatMap((pid) => {
    const isOurs = pid !== process.pid && sessionOf(pid) === pid && bearsMark(pid);
    const handle = isOurs ? processHandle(pid) : undefined;
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
