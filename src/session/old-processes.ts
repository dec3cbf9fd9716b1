import * as z from 'zod';
import type { Difference } from '../base/difference.ts';
import { guardUnit } from '../base/own-paths.ts';

/** Programs of the old architecture that still run, and what started them. */
export const oldProcessesSchema = z.strictObject({
  /** `ssh.service`, `session-3.scope`; null for what belongs to no unit. */
  unit: z.string().nullable(),
  /** Names and pids: `sshd (812)`. */
  programs: z.array(z.string()).readonly(),
  /**
   * What a restart makes of them. `stays`: a program that is still of the old architecture, as decided. `dead`: one
   * that cannot start any more. Absent for what comes back in the new architecture.
   */
  fate: z.enum(['stays', 'dead']).exactOptional(),
});

export type OldProcesses = Readonly<z.infer<typeof oldProcessesSchema>>;

/** What /proc says of a process. */
export interface ProcessFiles {
  readonly pid: number;
  readonly name: string;
  /** Text of `maps`; '' for a kernel thread. */
  readonly maps: string;
  /** Text of `cgroup`. */
  readonly cgroup: string;
  /** What becomes of its program when it is started anew; absent when it comes back. */
  readonly fate?: 'stays' | 'dead';
}

/**
 * @param files of all processes
 * @param oldBits of the programs that are looked for; the kernel is of 64 bit
 * @param ownFolder programs from there do not count: crossgrade's own
 * @see proc(5), /proc/[pid]/maps and /proc/[pid]/cgroup
 */
export function findOldProcesses(files: readonly ProcessFiles[], oldBits: 32 | 64, ownFolder: string): OldProcesses[] {
  const byUnit = new Map<string, OldProcesses & { programs: string[] }>();
  for (const { pid, name, maps, cgroup, fate } of files) {
    if (maps === '' || maps.includes(` ${ownFolder}/`) || bitsOf(maps) !== oldBits) continue;
    const unit = unitOf(cgroup);
    // It has helpers, and ends by itself.
    if (unit === guardUnit) continue;
    const key = `${fate ?? ''} ${unit ?? ''}`;
    const found = byUnit.get(key) ?? { unit, programs: [], ...(fate && { fate }) };
    found.programs.push(`${name} (${pid})`);
    byUnit.set(key, found);
  }
  return [...byUnit.values()].sort((a, b) => (a.unit ?? '').localeCompare(b.unit ?? ''));
}

/** A 64-bit kernel puts the stack of a 32-bit program below 4 GiB, that of a 64-bit one far above. */
function bitsOf(maps: string): 32 | 64 {
  return maps.split('\n').some((line) => /^[0-9a-f]+-[0-9a-f]{9,}/.test(line) && !line.endsWith('[vsyscall]'))
    ? 64
    : 32;
}

/** The innermost unit; that of the user's manager for what it has started. systemd may be in a hierarchy of its own. */
function unitOf(cgroup: string): string | null {
  const line = cgroup.split('\n').find((one) => /^(0:|\d+:name=systemd:)/.test(one)) ?? '';
  const names = line.split('/').filter((name) => /\.(service|scope)$/.test(name));
  return names.find((name) => /^user@\d+\.service$/.test(name)) ?? names.at(-1) ?? null;
}

/** What a restart makes new: all but what stays as it is, and what would not come back. */
export function comingBack(found: readonly OldProcesses[]): OldProcesses[] {
  const dead = new Set(found.flatMap(({ unit, fate }) => (fate === 'dead' && unit !== null ? unit : [])));
  return found.filter(({ unit, fate }) => fate === undefined && !dead.has(unit ?? ''));
}

/** What runs only because nobody has stopped it yet: as a difference, with what to do. */
export function compareOldProcesses(found: readonly OldProcesses[]): Difference[] {
  return found
    .filter(({ fate }) => fate === 'dead')
    .map(({ unit, programs }) => ({
      what: `${unit ?? 'without a unit'}: ${programs.join(', ')} still runs, and will not start again: do not restart it, and do not reboot, before its program is there in the new architecture, or its libraries are back`,
      explanation: null,
    }));
}

/** Services that a restart makes new; not those that take logins or the bus with them. */
export function restartable(found: readonly OldProcesses[]): string[] {
  const never = /^(dbus|systemd-logind|user@\d+|init|crossgrade|display-manager|gdm3?|lightdm|sddm)\.(service|scope)$/;
  return found.flatMap(({ unit }) => (unit?.endsWith('.service') && !never.test(unit) ? unit : []));
}
