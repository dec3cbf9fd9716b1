import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import type { State } from '../state.ts';

/**
 * @returns undefined for a root in a folder, which may be copied from machine to machine
 * @see machine-id(5)
 */
export async function readMachineId(machine: Machine): Promise<string | undefined> {
  if (machine.root.kind !== 'host') return undefined;
  const id = (await machine.readTextIfThere('/etc/machine-id'))?.trim();
  return id === undefined || id === '' ? undefined : id;
}

/** @throws {CrossgradeError} CG0253 when the run was begun on another machine, whose disk this one has, or a copy of it */
export async function assertSameMachine(machine: Machine, state: State): Promise<void> {
  const now = await readMachineId(machine);
  if (now === undefined || state.machineId === undefined || state.machineId === now) return;
  throw new CrossgradeError('This crossgrade was begun on another machine.', {
    code: 'CG0253',
    details: [`/etc/machine-id was ${state.machineId}, and is ${now}`],
    hint:
      'Nothing was changed now. If this is the same machine, or a copy on which the crossgrade shall go on, put that ' +
      'number back into /etc/machine-id, then type crossgrade resume.',
  });
}
