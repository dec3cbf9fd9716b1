import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { FileUser } from '../../base/machine.ts';
import { commandLine, openDescriptors, parentOf, processIds } from '../programs/processes.ts';
import type { HostPath } from './resolve-in-root.ts';

/** A file as the kernel knows it, whatever path leads to it. */
interface Wanted {
  readonly name: string;
  readonly dev: number;
  readonly ino: number;
}

/**
 * Processes that can write to a file that they have open or mapped, or that work in a folder; a backup that reads is
 * none of them. By device and inode: a process may live in another root or in another mount namespace.
 *
 * @see proc(5), /proc/[pid]/fd, fdinfo, cwd, maps
 */
export function fileUsers(paths: readonly HostPath[]): FileUser[] {
  const wanted = paths.flatMap((path): Wanted[] => {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats ? [{ name: basename(path), dev: stats.dev, ino: stats.ino }] : [];
  });
  if (wanted.length === 0) return [];
  return processIds()
    .filter((pid) => pid !== process.pid && uses(pid, wanted))
    .map((pid) => ({ pid, parent: parentOf(pid), program: programOf(pid), words: commandLine(pid) ?? [] }));
}

function uses(pid: number, wanted: readonly Wanted[]): boolean {
  const written = (name: string) => leadsTo(`/proc/${pid}/fd/${name}`, wanted) && isForWriting(pid, name);
  return leadsTo(`/proc/${pid}/cwd`, wanted) || openDescriptors(pid).some(written) || maps(pid, wanted);
}

/** Only a link with the right name is followed: a network filesystem that does not answer must not hold us up. */
function leadsTo(link: string, wanted: readonly Wanted[]): boolean {
  try {
    const name = basename(readlinkSync(link));
    const candidates = wanted.filter((one) => one.name === name);
    if (candidates.length === 0) return false;
    const { dev, ino } = statSync(link);
    return candidates.some((one) => one.dev === dev && one.ino === ino);
  } catch {
    // It has been closed, or its process has ended.
    return false;
  }
}

/** As open(2) has them: the lowest two bits are O_WRONLY and O_RDWR. */
function isForWriting(pid: number, descriptor: string): boolean {
  const [, flags = '1'] = /^flags:\s+([0-7]+)$/m.exec(readIfThere(`/proc/${pid}/fdinfo/${descriptor}`)) ?? [];
  return (Number.parseInt(flags, 8) & 3) !== 0;
}

/** Without the device: overlays and btrfs show it under another number than stat(2). */
function maps(pid: number, wanted: readonly Wanted[]): boolean {
  const text = readIfThere(`/proc/${pid}/maps`);
  return wanted.some(
    ({ name, ino }) => text.includes(` ${ino} `) && text.split('\n').some((line) => isSharedMap(line, name, ino)),
  );
}

function isSharedMap(line: string, name: string, ino: number): boolean {
  const [, inode, path = ''] = /^\S+ .w.s \S+ \S+ (\d+) +(.*)$/.exec(line) ?? [];
  return inode === String(ino) && basename(path) === name;
}

function programOf(pid: number): string {
  return readIfThere(`/proc/${pid}/comm`).trimEnd() || 'a program';
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
