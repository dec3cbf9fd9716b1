import { readFileSync, statSync } from 'node:fs';
import { commandLine, openDescriptors } from '../programs/processes.ts';
import type { HostPath } from './resolve-in-root.ts';

/**
 * Who holds a lock of fcntl(2) on a file, as dpkg and apt do. /proc/locks tells it without an attempt to take the lock,
 * which nobody can on a root that is opened for reading, and an ordinary user on none.
 *
 * @returns `apt-get (process 4711)`; nothing where nobody holds it
 * @throws where it cannot be told: overlays and btrfs show a file under other numbers than the kernel's own, and who
 *   has it open, only root can see
 * @see proc(5), /proc/locks
 */
export function lockHolder(file: HostPath): string | undefined {
  const wanted = statSync(file, { throwIfNoEntry: false });
  if (wanted === undefined) return undefined;
  const device = deviceName(wanted.dev);
  let hidden = false;
  for (const line of readFileSync('/proc/locks', 'utf8').split('\n')) {
    const [, holder = '', locked = '', inode] = /^\d+: POSIX +\S+ +WRITE +(\d+) (\S+:\S+):(\d+) /.exec(line) ?? [];
    const pid = Number(holder);
    if (locked === device && inode === String(wanted.ino)) return describe(pid);
    if (!isAnonymous(locked) || !isAnonymous(device)) continue;
    const descriptors = openDescriptors(pid);
    hidden ||= descriptors.length === 0;
    if (descriptors.some((name) => isSame(`/proc/${pid}/fd/${name}`, wanted))) return describe(pid);
  }
  if (hidden) throw new Error(`who has locked ${file} cannot be told`);
  return undefined;
}

/** As the kernel prints it there: hexadecimal. */
function deviceName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  return [major, minor].map((number) => number.toString(16).padStart(2, '0')).join(':');
}

function isAnonymous(device: string): boolean {
  return device.startsWith('00:');
}

function isSame(path: string, wanted: { readonly dev: number; readonly ino: number }): boolean {
  try {
    const { dev, ino } = statSync(path);
    return dev === wanted.dev && ino === wanted.ino;
  } catch {
    return false;
  }
}

function describe(pid: number): string {
  const [program = 'a program'] = commandLine(pid) ?? [];
  return `${program.slice(program.lastIndexOf('/') + 1)} (process ${pid})`;
}
