import type { Machine, RootPath } from '../core/machine.ts';
import { loginNoticeFile } from '../core/paths.ts';

/** Has every login be told of the crossgrade, until it is told something else. Of no use in a root in a folder. */
export async function tellLogins(machine: Machine, lines: readonly string[]): Promise<void> {
  if (!machine.root.can.has('live')) return;
  await machine.write(loginNoticeFile, `\n${lines.map((line) => `  ${line}\n`).join('')}\n`, { mode: 0o644 });
}

/** @param etc the folder itself, or a copy of it */
export async function removeNotice(machine: Machine, etc: RootPath): Promise<void> {
  const notice: RootPath = `${etc}${loginNoticeFile.slice('/etc'.length)}`;
  const folder = notice.slice(0, notice.lastIndexOf('/')) as RootPath;
  if (!(await machine.exists(notice))) return;
  await machine.remove(notice);
  // Debian has no such folder by itself.
  if ((await machine.list(folder)).length === 0) await machine.remove(folder);
}
