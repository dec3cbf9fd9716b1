import type { Machine } from '../core/machine.ts';

/**
 * A signal may be the wish of somebody that the run shall stop, or only a lost connection, or a host that goes down: then
 * the next boot goes on.
 */
export async function isStopWanted(machine: Machine, signal: string): Promise<boolean> {
  if (signal === 'SIGINT') return true;
  if (signal !== 'SIGTERM' || !machine.root.can.has('init')) return false;
  const { stdout } = await machine.run(['systemctl', 'is-system-running']);
  return /^(initializing|starting|running|degraded|maintenance)$/.test(stdout.trim());
}
