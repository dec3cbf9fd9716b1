import type { Machine } from '../../base/machine.ts';
import type { RootPath } from '../../base/root.ts';
import { careful, condense } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { ArchitecturePair } from '../../debian/architecture.ts';
import { findLoginModules } from '../../files/system/find-login-modules.ts';
import { surveyHardware } from '../../hardware/system/survey-hardware.ts';
import { surveyNetwork } from '../../network/system/survey-network.ts';
import type { Facts } from '../../run/facts.ts';
import { surveySession } from '../../session/system/survey-session.ts';
import type { Survey } from '../survey.ts';
import { lookForData, lookOutsidePackages } from './outside-packages.ts';

/**
 * Looks at what is no matter of packages, for a report. Changes nothing; the parts are in the `system/` of their rooms.
 *
 * @param folders where to look for data and software outside packages; undefined for the usual places, empty for
 *   nowhere, `data` for the usual places, and for data alone
 */
export async function surveyRoot(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  folders?: readonly RootPath[] | 'data',
): Promise<Survey> {
  const unseen: Unseen[] = [];
  const look = careful(unseen);
  const { notLookedAt, ...outside } = await look(
    'data and software outside packages',
    () => (folders === 'data' ? lookForData(machine, facts, pair) : lookOutsidePackages(machine, facts, pair, folders)),
    { notLookedAt: [] },
  );
  const network = machine.root.kind === 'host' ? await surveyNetwork(machine, unseen, look) : undefined;
  return {
    hardware: await surveyHardware(machine, facts, pair, look),
    loginModules: await look('modules of logins', () => findLoginModules(machine, facts, pair), []),
    ...(machine.root.kind === 'host' && { session: await surveySession(machine, unseen, look) }),
    ...(network && { network }),
    ...outside,
    notLookedAt: [...unseen, ...condense(notLookedAt)],
  };
}
