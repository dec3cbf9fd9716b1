import type { ViewSession } from './cli/commands/wiring.ts';
import { makeFolders, writeDurably } from './machine/files/files.ts';
import { resolveInRoot } from './machine/files/resolve-in-root.ts';
import { openRoot } from './machine/open-root.ts';
import { realMachine } from './machine/real-machine.ts';
import { lockRoot } from './machine/root-lock.ts';
import { validateRoot } from './machine/root-validation.ts';
import { changedPaths } from './machine/view/changed-paths.ts';
import { keepArchives } from './machine/view/keep-archives.ts';
import { makeView } from './machine/view/make-view.ts';

/** See `Wiring`. The root is locked as for a run: none may begin meanwhile. */
export async function openView(path: string, neededBytes: number): Promise<ViewSession> {
  const directory = validateRoot(path, 'write');
  const lock = await lockRoot(directory);
  const closing: (() => void | Promise<void>)[] = [lock.release];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const view = makeView(directory, neededBytes);
    closing.push(view.close);
    const root = await openRoot(view.directory, { access: 'write', isView: true });
    closing.push(root.close);
    const { keptIn, leftOut, usedBytes } = view;
    return {
      machine: realMachine(root),
      takenOver: false,
      keptIn,
      leftOut,
      usedBytes,
      changes: () => changedPaths(view.layers),
      keepArchives: () => keepArchives(directory, view.directory),
      keep(path, text) {
        const file = resolveInRoot(directory, path, { followLast: true });
        makeFolders(file.slice(0, file.lastIndexOf('/')), 0o700);
        writeDurably(file, text, { mode: 0o600 });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
