import { setTimeout as sleep } from 'node:timers/promises';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { archiveFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';

/** apt's methods end a moment after apt. */
const lookAgainMs = 200;
const mostLooks = 25;

/**
 * What apt's unprivileged user has fetched becomes root's: nobody shall change an archive between the look at its sum and
 * the call of dpkg. Does nothing where that is done.
 *
 * @throws {CrossgradeError} CG0291 when somebody has still opened one to write to it
 */
export async function takeArchives(machine: Machine): Promise<void> {
  const folder = await machine.info(archiveFolder);
  if (folder === undefined || folder.uid === 0) return;
  await machine.run(['chown', '--no-dereference', '0:0', archiveFolder]);
  const entries = ['find', archiveFolder, '-mindepth', '1', '-maxdepth', '1'];
  // A name that leads elsewhere is no archive.
  await machine.run([...entries, '!', '-type', 'd', '(', '!', '-type', 'f', '-o', '-links', '+1', ')', '-delete']);
  await machine.run([...entries, '-type', 'f', '-exec', 'chown', '--no-dereference', '0:0', '{}', '+']);
  const files = (await machine.list(archiveFolder)).map((name): RootPath => `${archiveFolder}/${name}`);
  let [user] = await machine.usersOf(files);
  for (let looks = 0; user !== undefined && looks < mostLooks; looks += 1) {
    await sleep(lookAgainMs);
    [user] = await machine.usersOf(files);
  }
  if (user === undefined) return;
  throw new CrossgradeError('A program has opened an archive to write to it.', {
    code: 'CG0291',
    details: [`${user.program} (process ${user.pid})`],
    hint: 'No package was touched by this step. See what that program is and end it, then type crossgrade resume.',
  });
}

/** Of the plain files in a folder, by name. */
export async function readSizes(machine: Machine, folder: RootPath): Promise<Record<string, number>> {
  const files = (await machine.walk(folder)).filter(({ info }) => info.type === 'file');
  return Object.fromEntries(files.map(({ path, info }) => [path.slice(folder.length + 1), info.bytes]));
}
