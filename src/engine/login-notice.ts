import type { Machine, RootPath } from '../core/machine.ts';
import { loginNoticeFile } from '../core/paths.ts';

const folder: RootPath = '/etc/motd.d';

/** Has every login be told of the crossgrade, until it is told something else. Of no use in a root in a folder. */
export async function tellLogins(machine: Machine, lines: readonly string[]): Promise<void> {
  if (machine.root.kind !== 'host') return;
  await machine.write(loginNoticeFile, `\n${lines.map((line) => `  ${line}\n`).join('')}\n`, { mode: 0o644 });
}

export async function tellLoginsNothing(machine: Machine): Promise<void> {
  if (machine.root.kind !== 'host') return;
  await machine.remove(loginNoticeFile);
  // Debian has no such folder by itself.
  if ((await machine.list(folder)).length === 0) await machine.remove(folder);
}
