import { existsSync, readFileSync } from 'node:fs';
import { rescueMarker, stateFile } from '../base/own-paths.ts';
import type { State } from '../state/state.ts';
import { resolveInRoot } from './files/resolve-in-root.ts';

/**
 * @param directory of the root, without symlinks
 * @returns what puts back lost programs, where a crossgrade has begun, is not finished, and has saved them
 */
export function rescueHint(directory: string): string | undefined {
  const place = (path: typeof stateFile): string => resolveInRoot(directory, path, { followLast: true });
  try {
    // Not read as a run reads it: what checks all of it takes long to load, and is in each command that opens a root.
    const { tool, finishedAt } = JSON.parse(readFileSync(place(stateFile), 'utf8')) as Partial<State>;
    if (tool !== 'crossgrade' || finishedAt !== null || !existsSync(place(rescueMarker))) return undefined;
  } catch {
    // No state, or none that could be read: then nobody knows of copies.
    return undefined;
  }
  return (
    'Nothing has been changed now. A crossgrade has begun here, and saved the programs that nothing works without: ' +
    'type crossgrade rescue, then crossgrade resume.'
  );
}
