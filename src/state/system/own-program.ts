import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { programFolder } from '../../base/own-paths.ts';
import type { RootPath } from '../../base/root.ts';

const program: readonly RootPath[] = ['/usr/sbin/crossgrade', `${programFolder}/crossgrade.mjs`];

/**
 * Who works on the running system would go on from memory when its package was removed, and nobody after it.
 *
 * @throws {CrossgradeError} CG0256
 */
export async function assertProgramIsThere(machine: Machine): Promise<void> {
  if (!machine.root.can.has('live')) return;
  for (const path of program) {
    if (await machine.exists(path)) continue;
    throw new CrossgradeError('The package crossgrade is not there any more.', {
      code: 'CG0256',
      details: [`${path} is missing`],
      hint:
        'No program of the system was replaced. Install the package again (dpkg -i crossgrade_VERSION_all.deb), then ' +
        'type crossgrade resume, or crossgrade rollback.',
    });
  }
}
