import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const enter = fileURLToPath(new URL('../../../bench/enter.sh', import.meta.url));

/**
 * Debian's crossgrader in a root, with yes to all that it asks.
 *
 * @param commands in their order
 * @param killAt everything in it is killed as soon as dpkg's own log, from now on, has this
 * @returns whether it was killed
 */
export async function crossgrader(
  directory: string,
  commands: readonly string[],
  killAt?: (log: string) => boolean,
): Promise<boolean> {
  const log = () => readFileSync(join(directory, 'var/log/dpkg.log'), 'utf8');
  const before = log().length;
  const script = 'dir=$1; shift; yes | "$0" "$dir" sh -c "$1"';
  const words = ['-c', script, enter, directory, commands.join('; ')];
  const child = spawn('sh', words, { detached: true, stdio: 'ignore' });
  let ended = false;
  child.on('close', () => {
    ended = true;
  });
  let killed = false;
  while (!ended) {
    await sleep(50);
    if (killed || killAt === undefined || !killAt(log().slice(before))) continue;
    // The first process of its pid namespace goes with the one that has made it, and all others with that.
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    killed = true;
  }
  return killed;
}

/** How often dpkg has noted that it unpacked, or removed, a build of an architecture. */
export function noted(log: string, state: 'unpacked' | 'not-installed', architecture: string): number {
  return log.split('\n').filter((line) => line.includes(` status ${state} `) && line.includes(`:${architecture} `))
    .length;
}
