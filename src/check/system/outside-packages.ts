import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import type { Unseen } from '../../base/unseen.ts';
import { dataAmong, lookAtData } from '../../data/system/survey-data.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import type { Facts } from '../../run/facts.ts';
import { lookAtDependents } from '../../software/system/dependent.ts';
import { findLocalFiles } from '../../software/system/local-files.ts';
import { lookAtHooks } from '../../software/system/look-at-hooks.ts';
import { lookAtSoftware } from '../../software/system/survey-software.ts';
import type { Survey, SurveyPart } from '../survey.ts';

export interface OutsidePackages extends Required<Pick<Survey, 'data' | 'software' | 'dependent' | 'hooks'>> {
  /** In the order in which it was looked at. */
  readonly unseen: Readonly<Partial<Record<SurveyPart, readonly Unseen[]>>>;
}

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
): Promise<OutsidePackages> {
  const files = await findLocalFiles(machine, facts, pair, folders);
  const { data, unseen: unseenData } = await lookAtData(machine, dataAmong(files));
  const {
    software,
    unseen: unseenSoftware,
    unseenCapabilities,
  } = await lookAtSoftware(machine, facts, pair, files.found, files.packageFiles);
  const { dependent, unseen: unseenDependent } = await lookAtDependents(machine, facts, pair, files);
  const { hooks, unseen: unseenHooks } = await lookAtHooks(machine, facts, pair, files.packageFiles);
  const unseen = {
    files: files.unseen,
    data: unseenData,
    software: unseenSoftware,
    capabilities: unseenCapabilities,
    libraries: unseenDependent,
    hooks: unseenHooks,
  };
  return { data, software, dependent, hooks, unseen };
}
