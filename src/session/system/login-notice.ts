import type { Machine } from '../../base/machine.ts';
import { loginNoticeFile } from '../../base/own-paths.ts';
import { joinLines, type Printable, printable } from '../../base/printable.ts';
import type { RootPath } from '../../base/root.ts';
import { wrap } from '../../base/wrap.ts';
import { readHeldUnits } from '../../services/system/held-units.ts';
import { removeOwnFile } from '../../state/system/own-folders.ts';

/** Nobody knows the terminal of a login; of 79, less the indent. */
const noticeColumns = 77;

/** True after a power cut as well, where no boot goes on by itself. */
const whereItIs = 'How far is it, and how to go on if it has stopped: crossgrade status';

/** The engine may be killed while this is told: then packaging/has-stopped.sh makes it one of the last two. */
export const inProgress = ['A crossgrade of this system to 64 bit is in progress.', whereItIs];
export const takingBack = ['A crossgrade of this system to 64 bit is being taken back.', whereItIs];

export const notTakenBack = [
  'A crossgrade of this system to 64 bit is not yet taken back.',
  'Go on: crossgrade rollback',
];
export const hasStopped = ['A crossgrade of this system to 64 bit has stopped.', 'Go on: crossgrade resume'];

const heldTitle = 'These services do not start until their data is imported:';

/**
 * Has every login be told of the crossgrade, and of the services that do not run because of it, until it is told
 * something else. Of no use in a root in a folder.
 */
export async function tellLogins(machine: Machine, told: readonly string[]): Promise<void> {
  if (!machine.root.can.has('live')) return;
  // What is wrong with a damaged list is told where it is needed.
  const held = await readHeldUnits(machine).catch(() => []);
  const lines = [
    ...told.flatMap((line) => wrap(printable(line), noticeColumns)),
    ...(held.length > 0 ? [heldTitle, ...held.map((unit) => `  ${unit}`)] : []),
  ];
  await writeNotice(machine, ['', ...lines.map((line) => `  ${line}`), ''].map(printable));
}

/** It is printed on the terminal of everybody who logs in. */
async function writeNotice(machine: Machine, lines: readonly Printable[]): Promise<void> {
  await machine.write(loginNoticeFile, joinLines(lines), { mode: 0o644 });
}

/** @param etc the folder itself, or a copy of it */
export async function removeNotice(machine: Machine, etc: RootPath): Promise<void> {
  await removeOwnFile(machine, `${etc}${loginNoticeFile.slice('/etc'.length)}`);
}
