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
import { findGuests } from '../../software/system/find-guests.ts';
import type { Survey } from '../survey.ts';
import { lookOutsidePackages, type OutsidePackages } from './outside-packages.ts';

/**
 * Looks at what is no matter of packages, for a report and for a run. Changes nothing; the parts are in the `system/` of their rooms.
 *
 * @param folders where to look for data and software outside packages; undefined for the usual places, empty for
 *   nowhere
 */
export async function surveyRoot(
  machine: Machine,
  facts: Facts,
  pair: ArchitecturePair,
  folders?: readonly RootPath[],
): Promise<Survey> {
  const files: Unseen[] = [];
  const network: Unseen[] = [];
  const hardware: Unseen[] = [];
  const logins: Unseen[] = [];
  const session: Unseen[] = [];
  const guests: Unseen[] = [];
  const { unseen: ofOutside, ...outside } = await careful(files)<Partial<OutsidePackages>, Partial<OutsidePackages>>(
    'data and software outside packages',
    () => lookOutsidePackages(machine, facts, pair, folders),
    {},
  );
  const isHost = machine.root.kind === 'host';
  const ofNetwork = isHost ? await surveyNetwork(machine, network, careful(network)) : undefined;
  return {
    hardware: await surveyHardware(machine, facts, pair, careful(hardware)),
    loginModules: await careful(logins)('modules of logins', () => findLoginModules(machine, facts, pair), []),
    ...(isHost && { session: await surveySession(machine, session, careful(session)) }),
    ...(ofNetwork && { network: ofNetwork }),
    ...outside,
    guests: await careful(guests)('containers and virtual machines', () => findGuests(machine, pair), []),
    notLookedAt: [
      ...once([...files, ...network, ...hardware, ...logins, ...session, ...guests]),
      ...condense(Object.values(ofOutside ?? {}).flat()),
    ],
    unseenIn: { ...unseenOutside(files, ofOutside), network, hardware, logins, session, guests },
  };
}

/** What cannot be looked at is told once, whoever missed it. */
function once(unseen: readonly Unseen[]): Unseen[] {
  return [...new Map(unseen.map((one) => [one.what, one])).values()];
}

/** Where the scan itself failed, nothing that goes by it has looked. */
function unseenOutside(failed: readonly Unseen[], unseen: OutsidePackages['unseen'] = {}): Survey['unseenIn'] {
  return failed.length === 0
    ? unseen
    : { files: failed, data: failed, software: failed, capabilities: failed, libraries: failed, hooks: failed };
}
