import type { ArchitecturePair } from '../../core/architecture.ts';
import type { Facts } from '../../core/facts.ts';
import type { Machine, RootPath } from '../../core/machine.ts';
import type { Survey } from '../../core/survey.ts';
import { dataAmong, lookAtData } from './data.ts';
import { lookAtDependents } from './dependent.ts';
import { findLocalFiles } from './local-files.ts';
import { lookAtSoftware } from './software.ts';

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
): Promise<Required<Pick<Survey, 'data' | 'software' | 'dependent' | 'notLookedAt'>>> {
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
  const notLookedAt = [...files.unseen, ...unseenData, ...unseenSoftware, ...unseenDependent];
  return { data, software, dependent, notLookedAt };
}

/** Only what a run has to carry over, or to decide on. */
export async function lookForData(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
): Promise<Required<Pick<Survey, 'data' | 'dependent' | 'notLookedAt'>>> {
  const files = await findLocalFiles(machine, facts, pair, undefined);
  const { data, unseen } = await lookAtData(machine, dataAmong(files));
  const { dependent, unseen: unseenDependent } = await lookAtDependents(machine, facts, pair, files);
  return { data, dependent, notLookedAt: [...files.unseen, ...unseen, ...unseenDependent] };
}
