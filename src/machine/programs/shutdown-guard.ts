import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { programFolder } from '../../base/own-paths.ts';
import { cleanEnvironment } from './environment.ts';
import { childHandle } from './processes.ts';

/** A file for each program at work; packaging/guard.sh reads them. On no disk, so that no boot finds them. */
const folder = '/run/crossgrade/at-work';

/** What must not be cut short by a shutdown of the host. */
export interface ShutdownGuard {
  /** From now on shutdown, reboot and suspend are refused, until `began` is called and that program has ended. */
  begin(): Promise<void>;
  /** @param pid leads a session, which is ended where the host goes down all the same; undefined when it did not start */
  began(pid: number | undefined): void;
}

/**
 * Asks crossgrade-guard.service, which outlives us. Where that does not run there is none: nothing else may depend on it.
 */
export const shutdownGuard: ShutdownGuard = {
  async begin() {
    note(process.pid);
    const script = [`${programFolder}/guard.sh`, 'refuse'];
    const { execa } = await import('execa');
    await execa(`${programFolder}/busybox`, ['sh', ...script], {
      cwd: '/',
      env: cleanEnvironment(),
      extendEnv: false,
      reject: false,
      stdio: 'ignore',
      detached: true,
    });
  },
  began(pid) {
    if (pid !== undefined) note(pid);
    rmSync(`${folder}/${process.pid}`, { force: true });
  },
};

export const noGuard: ShutdownGuard = { begin: async () => undefined, began: () => undefined };

function note(pid: number): void {
  try {
    const { startTicks } = childHandle(pid);
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    writeFileSync(`${folder}/${pid}`, `${pid} ${startTicks}\n`);
  } catch {
    // It has ended already, or /run is full.
  }
}
