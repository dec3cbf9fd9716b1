import type { Machine } from '../../base/machine.ts';
import { defaultTarget } from '../../debian/architecture.ts';
import { readPackages } from '../../dpkg/system/read-packages.ts';
import { findWay, standing } from '../../plan/way.ts';
import type { Status } from '../report/status-view.ts';

/** How a root stands on which crossgrade has begun nothing. Changes nothing. */
export async function statusOfRoot(machine: Machine, wanted: string | undefined): Promise<Status> {
  // Where there is no package database, run says so.
  const packages = await readPackages(machine).catch(() => []);
  const nativeArchitecture = packages.find(({ name }) => name === 'dpkg')?.architecture ?? '';
  const target = wanted ?? defaultTarget(nativeArchitecture);
  const way = findWay({ nativeArchitecture, packages }, target);
  return {
    schemaVersion: 1,
    state: 'none',
    standing: standing({ packages }, way, target),
    next: way.kind === 'there' ? 'nothing, there is nothing to do' : 'crossgrade run',
  };
}
