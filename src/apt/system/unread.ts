import type { Machine } from '../../base/machine.ts';
import type { Unseen } from '../../base/unseen.ts';
import { readAptPlaces } from './apt-files.ts';

/**
 * What an ordinary user's report had to leave out so far.
 *
 * @param lockSeen whether apt could tell who else is changing packages
 */
export async function unread(machine: Machine, lockSeen: boolean): Promise<Unseen[]> {
  // apt needs them for some repositories, and reads them by itself.
  const { secrets, secretParts } = await readAptPlaces(machine);
  for (const path of [secrets, secretParts]) {
    await machine.readTextIfThere(path).catch(() => undefined);
    for (const name of await machine.list(path).catch(() => [])) {
      await machine.readTextIfThere(`${path}/${name}`);
    }
  }
  const lock: Unseen[] = lockSeen
    ? []
    : [{ what: 'whether another program is changing packages', why: 'only root can ask for the lock' }];
  return [...lock, ...machine.unreadable().map((path) => ({ what: path, why: 'only root can read it' }))];
}
