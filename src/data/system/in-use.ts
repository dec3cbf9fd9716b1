import { setTimeout as sleep } from 'node:timers/promises';
import type { FileUser, Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { DataTrouble } from '../../base/system/must.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { hasSystemd } from '../../services/system/hold-units.ts';
import { describeItem, type ExportItem } from '../exports.ts';

/** A server that writes much to disk at its end takes longer than systemd, or a script of init, waits for it. */
const patienceMs = 30_000;
const lookAgainMs = 500;

/**
 * Nobody may write to what is exported, taken away or made anew: also not who was started by hand, or on a system
 * whose services we cannot stop.
 *
 * @throws {DataTrouble} who still uses an item
 */
export async function assertUnused(machine: Machine, item: ExportItem, pair: ArchitecturePair): Promise<void> {
  const deadline = Date.now() + ((await hasSystemd(machine)) ? patienceMs : 0);
  let users = await usersOf(machine, item, pair);
  while (users.length > 0 && Date.now() < deadline) {
    await sleep(lookAgainMs);
    users = await usersOf(machine, item, pair);
  }
  if (users.length === 0) return;
  const names = users.map(({ program, pid }) => `${program} (process ${pid})`);
  const rest = names.length > 3 ? ` and ${names.length - 3} more` : '';
  throw new DataTrouble(
    `${describeItem(item)} is in use by ${names.slice(0, 3).join(', ')}${rest}: stop it, and see that nothing starts it again`,
  );
}

async function usersOf(machine: Machine, item: ExportItem, { source }: ArchitecturePair): Promise<readonly FileUser[]> {
  switch (item.kind) {
    case 'postgresql':
      // Each process of a server works in the data directory.
      return othersServers(await machine.usersOf([item.path]));
    case 'slapd': {
      const files: RootPath[] = [];
      for (const folder of [item.path, `${item.path}/crossgrade-${source.name}`] as const) {
        for (const name of await machine.list(folder)) {
          const path: RootPath = `${folder}/${name}`;
          if ((await machine.info(path))?.type === 'file') files.push(path);
        }
      }
      return machine.usersOf(files);
    }
    case 'rrd':
      // They are opened for a moment each; one that was written to is told after the import.
      return [];
  }
}

/** Servers, but for the private one that an attempt which was killed has left: that is stopped where it is found. */
function othersServers(users: readonly FileUser[]): FileUser[] {
  const servers = users.filter(({ program }) => program === 'postgres' || program === 'postmaster');
  const ours = new Set(servers.filter(({ words }) => words.some(isPrivate)).map(({ pid }) => pid));
  return servers.filter(({ pid, parent }) => !ours.has(pid) && !ours.has(parent));
}

function isPrivate(word: string): boolean {
  return /^hba_file=.*crossgrade.*\/postgresql\/pg_hba\.conf$/.test(word);
}
