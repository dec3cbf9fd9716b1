import type { Machine } from '../machine.ts';
import type { RootPath } from '../root.ts';

/**
 * What an ordinary user may not look at is not there for {@link Machine.exists} and its like. Whoever says of something
 * that it is missing asks here first: `hidden` is no reason to say so, and the report names the path by itself.
 *
 * @see Machine.unreadable
 */
export async function presence(machine: Machine, path: RootPath): Promise<'there' | 'missing' | 'hidden'> {
  if (await machine.exists(path)) return 'there';
  return machine.unreadable().includes(path) ? 'hidden' : 'missing';
}

/** Whether its content, where it is there, is kept from us. */
export async function isKeptFromUs(machine: Machine, path: RootPath): Promise<boolean> {
  if ((await machine.info(path))?.type === 'file') await machine.readTextIfThere(path);
  return machine.unreadable().includes(path);
}
