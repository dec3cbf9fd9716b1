import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { parseMountinfo } from '../../base/mount.ts';
import { shellWords } from '../../base/shell-word.ts';
import type { Plan } from '../../plan/plan.ts';
import { offerSnapshot, readLogicalVolumes, type SnapshotOffer } from '../filesystem-snapshots.ts';

const columns = 'vg_name,lv_name,lv_dm_path,vg_free,segtype';

/** What the running system's storage offers to keep it as it is; undefined for a root in a folder, and where nothing does. */
export async function findSnapshot(machine: Machine, plan: Plan): Promise<SnapshotOffer | undefined> {
  if (machine.root.kind !== 'host') return undefined;
  const mounts = parseMountinfo((await machine.readTextIfThere('/proc/self/mountinfo')) ?? '');
  const listed = await machine.run([
    'lvs',
    '--noheadings',
    '--units',
    'b',
    '--nosuffix',
    '--separator',
    ':',
    '-o',
    columns,
  ]);
  const volumes = listed.exitCode === 0 ? readLogicalVolumes(listed.stdout) : [];
  const needed = plan.space.reduce((sum, { bytes }) => sum + bytes, 0);
  return offerSnapshot(mounts, volumes, needed);
}

/** @throws {CrossgradeError} CG0271 */
export async function makeSnapshot(machine: Machine, { commands }: SnapshotOffer): Promise<void> {
  for (const argv of commands) {
    const { exitCode, stderr } = await machine.run(argv);
    if (exitCode === 0) continue;
    throw new CrossgradeError('The snapshot could not be made.', {
      code: 'CG0271',
      details: [
        shellWords(argv),
        ...stderr
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(0, 6),
      ],
      hint: 'Nothing of the crossgrade has begun. Mend the cause, or begin without a snapshot.',
    });
  }
}
