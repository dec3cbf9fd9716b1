import type { ArchitecturePair } from '../../core/architecture.ts';
import type { Facts } from '../../core/facts.ts';
import type { Machine, RootPath } from '../../core/machine.ts';
import type { Survey } from '../../core/survey.ts';
import { lookAtData } from './data.ts';
import { findLocalFiles } from './local-files.ts';
import { lookAtSoftware, markerFolders } from './software.ts';

/**
 * What a package manager can't see: data and software, found by one scan.
 *
 * @param folders where to look; undefined for everywhere that local software is usually kept
 */
export async function lookOutsidePackages(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  folders: readonly RootPath[] | undefined,
): Promise<Required<Pick<Survey, 'data' | 'software' | 'notLookedAt'>>> {
  const { found, unseen, packageFiles } = await findLocalFiles(machine, facts, pair, folders);
  // Another system's data is read by that system's programs.
  const systems = [...markerFolders(found, 'system')].map((folder) => `${folder}/`);
  const isHere = (path: string) => !systems.some((folder) => path.startsWith(folder));
  const { data, unseen: unseenData } = await lookAtData(machine, {
    files: found.flatMap(({ path, kind, bytes }) =>
      kind.what === 'data' && isHere(path) ? [{ path, format: kind.format, bytes }] : [],
    ),
    clusters: [...markerFolders(found, 'postgresql')].filter(isHere),
  });
  const { software, unseen: unseenSoftware } = await lookAtSoftware(machine, facts, pair, found, packageFiles);
  return { data, software, notLookedAt: [...unseen, ...unseenData, ...unseenSoftware] };
}
