import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../../base/machine.ts';

/**
 * A signal may be the wish of somebody that the run shall stop, or only a lost connection, or a host that goes down: then
 * the next boot goes on.
 */
export async function isStopWanted(machine: Machine, signal: string): Promise<boolean> {
  if (signal === 'SIGINT') return true;
  if (signal !== 'SIGTERM' || !machine.root.can.has('init')) return false;
  for (let tries = 0; tries < 5; tries += 1) {
    const state = (await machine.run(['systemctl', 'is-system-running'])).stdout.trim();
    if (state !== '') return /^(initializing|starting|running|degraded|maintenance)$/.test(state);
    // systemd that starts itself anew, because its libraries were replaced, gives no answer.
    await sleep(askAgainMs);
  }
  return false;
}

const askAgainMs = 400;
