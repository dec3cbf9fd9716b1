import type { ArchitecturePair } from '../core/architecture.ts';
import type { Facts } from '../core/facts.ts';
import type { Machine, RootPath } from '../core/machine.ts';
import type { Survey } from '../core/survey.ts';
import type { Unseen } from '../core/unseen.ts';
import { careful, condense } from './survey/careful.ts';
import { surveyLoginModules } from './survey/login-modules.ts';
import { surveyMachine } from './survey/machine.ts';
import { surveyNetwork } from './survey/network.ts';
import { lookForData, lookOutsidePackages } from './survey/outside-packages.ts';
import { surveySession } from './survey/session.ts';

/**
 * Looks at what is no matter of packages, for a report. Changes nothing; the parts are in src/engine/survey/.
 *
 * @param folders where to look for data and software outside packages; undefined for the usual places, empty for
 *   nowhere, `data` for the usual places, and for data alone
 */
export async function lookAround(
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
    machine: await surveyMachine(machine, facts, pair, look),
    loginModules: await look('modules of logins', () => surveyLoginModules(machine, facts, pair), []),
    ...(machine.root.kind === 'host' && { session: await surveySession(machine, unseen, look) }),
    ...(network && { network }),
    ...outside,
    notLookedAt: [...unseen, ...condense(notLookedAt)],
  };
}
