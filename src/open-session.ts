import { CrossgradeError } from './base/error.ts';
import { exitCodes } from './base/exit-codes.ts';
import { programFolder } from './base/own-paths.ts';
import type { Session, Shell } from './cli/commands/wiring.ts';
import { isRecordedHost } from './machine/is-recorded-host.ts';
import { openRoot } from './machine/open-root.ts';
import { realMachine } from './machine/real-machine.ts';
import { lockRoot } from './machine/root-lock.ts';
import { validateRoot } from './machine/root-validation.ts';

/** See `Shell`. */
export async function openSession(path: string, purpose: Parameters<Shell['openSession']>[1]): Promise<Session> {
  const access = purpose === 'read' ? 'read' : 'write';
  if (access === 'read' && isRecordedHost(path)) {
    const { openRecordedHost } = await import('./machine/recorded-host.ts');
    return { ...openRecordedHost(path), takenOver: false };
  }
  if (access === 'read') {
    const root = await openRoot(path, { access });
    return { machine: realMachine(root), takenOver: false, close: () => root.close() };
  }
  const isRescue = purpose === 'rescue';
  const directory = validateRoot(path, access, { isRescue });
  if (directory === '/' && process.argv[1] !== `${programFolder}/crossgrade.mjs`) {
    // Another Node would be replaced under it, and no unit could go on after a reboot.
    throw new CrossgradeError('On the running system crossgrade works only as the installed package.', {
      code: 'CG0320',
      hint:
        'Nothing was changed. Install the package (apt install ./crossgrade_VERSION_all.deb): it brings a Node of its ' +
        'own, which the crossgrade does not touch. Or name another root with --root DIR.',
      exitCode: exitCodes.blocked,
    });
  }
  const lock = await lockRoot(directory, { isRescue });
  let isClosed = false;
  try {
    const root = await openRoot(directory, { access, isRescue });
    return {
      machine: realMachine(root),
      takenOver: root.takenOver,
      async close() {
        if (isClosed) return;
        isClosed = true;
        await root.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
