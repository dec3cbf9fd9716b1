import { spawn } from 'node:child_process';
import { cleanEnvironment } from './environment.ts';

/**
 * Keeps the host from being shut down or suspended as long as a process lives, whatever becomes of us. Where logind is
 * not there it does nothing: nothing else may depend on it.
 *
 * @see systemd-inhibit(1)
 */
export function inhibitWhileAlive(pid: number): void {
  const what = ['--what=shutdown:sleep', '--mode=block', '--who=crossgrade', '--why=dpkg is replacing packages'];
  const child = spawn('systemd-inhibit', [...what, 'tail', `--pid=${pid}`, '--follow', '/dev/null'], {
    cwd: '/',
    env: cleanEnvironment(),
    detached: true,
    stdio: 'ignore',
  });
  child.on('error', () => undefined);
  child.unref();
}
