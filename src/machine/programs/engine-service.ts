import { existsSync } from 'node:fs';
import { CrossgradeError } from '../../base/error.ts';
import { engineUnit } from '../../base/own-paths.ts';
import { cleanEnvironment } from './environment.ts';

/** The unit in which a crossgrade of the running system works, out of reach of any terminal. */
export const engineService = {
  /** systemd is the first process. */
  isThere(): boolean {
    return existsSync('/run/systemd/system');
  },
  /** @returns undefined where systemd does not answer, as long as it is replaced and starts itself anew */
  async isActive(): Promise<boolean | undefined> {
    const state = (await systemctl('is-active', engineUnit)).stdout.trim();
    if (/^(active|activating|deactivating|reloading)$/.test(state)) return true;
    return state === 'inactive' || state === 'failed' ? false : undefined;
  },
  /**
   * Returns at once.
   *
   * @throws {CrossgradeError} CG0323
   */
  async start(): Promise<void> {
    // It may have failed before; that must not keep it from starting.
    await systemctl('reset-failed', engineUnit);
    const { exitCode, stderr } = await systemctl('start', '--no-block', engineUnit);
    if (exitCode === 0) return;
    throw new CrossgradeError('systemd could not start the crossgrade.', {
      code: 'CG0323',
      details: stderr.split('\n').filter((line) => line !== ''),
      hint: `Nothing was changed now. Look at systemctl status ${engineUnit}, then type crossgrade resume.`,
    });
  },
  /** Asks it, in the name of somebody, to stop when the running dpkg call is done; returns at once. */
  async requestStop(): Promise<void> {
    await systemctl('kill', '--kill-who=main', '--signal=SIGINT', engineUnit);
  },
};

async function systemctl(...words: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const { execa } = await import('execa');
  const result = await execa('systemctl', words, {
    env: cleanEnvironment(),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    detached: true,
  });
  return { exitCode: result.exitCode ?? 127, stdout: result.stdout, stderr: result.stderr };
}
