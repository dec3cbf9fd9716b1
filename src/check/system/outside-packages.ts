import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { dataAmong, lookAtData } from '../../data/system/survey-data.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import { lookAtDependents } from '../../software/system/dependent.ts';
import { findLocalFiles } from '../../software/system/local-files.ts';
import { lookAtHooks } from '../../software/system/look-at-hooks.ts';
import { lookAtSoftware } from '../../software/system/survey-software.ts';
import type { Survey } from '../survey.ts';

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
): Promise<Required<Pick<Survey, 'data' | 'software' | 'dependent' | 'hooks' | 'notLookedAt'>>> {
  const files = await findLocalFiles(machine, facts, pair, folders);
  const { data, unseen: unseenData } = await lookAtData(machine, dataAmong(files));
  const { software, unseen: unseenSoftware } = await lookAtSoftware(
    machine,
    facts,
    pair,
    files.found,
    files.packageFiles,
  );
  const { dependent, unseen: unseenDependent } = await lookAtDependents(machine, facts, pair, files);
  const { hooks, unseen: unseenHooks } = await lookAtHooks(machine, facts, pair, files.packageFiles);
  const notLookedAt = [...files.unseen, ...unseenData, ...unseenSoftware, ...unseenDependent, ...unseenHooks];
  return { data, software, dependent, hooks, notLookedAt };
}
