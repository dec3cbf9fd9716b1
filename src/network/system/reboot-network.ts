import { setTimeout as sleep } from 'node:timers/promises';
import type { Difference, PartComparison } from '../../base/difference.ts';
import type { Machine } from '../../base/machine.ts';
import {
  beforeFolder,
  networkBeforeFile,
  networkChangesFile,
  rebootFolder,
  rebootRecordFile,
} from '../../base/own-paths.ts';
import { careful } from '../../base/system/careful.ts';
import type { Unseen } from '../../base/unseen.ts';
import type { Facts } from '../../run/facts.ts';
import { inProgress, tellLogins } from '../../session/system/login-notice.ts';
import type { Telling } from '../../state/system/performance.ts';
import { compareNetwork } from '../compare-network.ts';
import { type LoginPath, readNetworkRecord } from '../network.ts';
import { type NetworkChanges, type RebootRecord, readNetworkChanges, readRebootRecord } from '../reboot-record.ts';
import { loginRisks, type RunTimeOnly, runTimeOnlyOf } from '../run-time-only.ts';
import { readNetwork, saveRulesets } from './read-network.ts';
import { surveyNetwork } from './survey-network.ts';

/** Keeps how the host is connected, for the time after a reboot: the one that comes, or one that nobody wanted. */
export async function keepNetwork(machine: Machine, earlier: readonly LoginPath[] = []): Promise<void> {
  const network = machine.root.can.has('live') ? await readNetwork(machine, earlier) : undefined;
  if (network === undefined) return;
  const { bootId } = await machine.runningKernel();
  const record: RebootRecord = { version: 1, bootId, network };
  await machine.removeTree(rebootFolder);
  await machine.makeDirectory(rebootFolder, 0o700);
  await saveRulesets(machine, rebootFolder);
  await machine.write(rebootRecordFile, JSON.stringify(record), { mode: 0o600 });
}

/** The same at the beginning of a run: for its end, too. */
export async function recordNetwork(machine: Machine): Promise<void> {
  const network = await readNetwork(machine);
  if (network === undefined) return;
  await machine.write(networkBeforeFile, `${JSON.stringify(network)}\n`, { mode: 0o600 });
  await saveRulesets(machine, beforeFolder);
  await keepNetwork(machine);
}

/** How the host is connected, at the beginning of the run and now. Nothing for a root in a folder. */
export async function compareWithBefore(machine: Machine): Promise<PartComparison> {
  if (!machine.root.can.has('live')) return { rows: [], differences: [] };
  const text = await machine.readTextIfThere(networkBeforeFile);
  // ip(8) was not there.
  if (text === undefined) return { rows: [unknownNetwork], differences: [] };
  const before = readNetworkRecord(text);
  const now = before && (await readNetwork(machine, before.logins));
  if (before && now) return compareNetwork(before, now);
  const why = before ? 'ip does not work now' : `${networkBeforeFile} is damaged`;
  return { rows: [], differences: [{ what: `the network is not compared: ${why}`, explanation: null }] };
}

const unknownNetwork = { label: 'routes and rules', before: 'not looked at', after: 'not looked at' };

/** @returns in which boot the record was made, and in which it was compared last */
export async function readNetworkState(machine: Machine): Promise<Facts['network']> {
  const record = readRebootRecord(await machine.readTextIfThere(rebootRecordFile));
  const compared = readNetworkChanges(await machine.readTextIfThere(networkChangesFile));
  return record && { bootId: record.bootId, ...(compared && { comparedIn: compared.bootId }) };
}

/** What of the network the next reboot would lose. */
export interface RebootRisk {
  readonly items: readonly RunTimeOnly[];
  /** Those that somebody who is, or was, logged in depends on. */
  readonly onTheWay: readonly RunTimeOnly[];
}

/** @param logins of before, beside those of now */
export async function findRebootRisk(machine: Machine, logins: readonly LoginPath[]): Promise<RebootRisk> {
  const unseen: Unseen[] = [];
  const look = careful(unseen);
  const network = await surveyNetwork(machine, unseen, look, logins);
  if (network === undefined) return { items: [], onTheWay: [] };
  const items = runTimeOnlyOf({ network });
  return { items, onTheWay: loginRisks(items, network.network) };
}

/** What is late comes in this time: addresses by DHCP, routes of routers. */
const lookAgainMs = 3000;
const looks = 10;
const startedLimitMs = 90_000;

/**
 * Compares the network with what it was before the reboot, and says what is different.
 *
 * @param pauseMs between two looks
 */
export async function compareSinceReboot(
  { machine, step, observe }: Telling & { readonly machine: Machine },
  pauseMs = lookAgainMs,
): Promise<void> {
  const before = readRebootRecord(await machine.readTextIfThere(rebootRecordFile));
  if (before === undefined) return;
  await untilStarted(machine);
  let open: Difference[] = [];
  for (let look = 0; look < looks; look += 1) {
    if (look > 0) await sleep(pauseMs);
    const now = await readNetwork(machine, before.network.logins);
    if (now === undefined) break;
    const { differences } = compareNetwork(before.network, now, rebootFolder);
    open = differences.filter(({ explanation }) => explanation === null);
    if (open.length === 0) break;
  }
  const { bootId } = await machine.runningKernel();
  const changes: NetworkChanges = {
    version: 1,
    bootId,
    differences: open.map(({ what, command }) => ({ what, ...(command !== undefined && { command }) })),
  };
  await machine.write(networkChangesFile, JSON.stringify(changes), { mode: 0o600 });
  if (open.length === 0) return;
  const title = 'The network is not as it was before the reboot';
  observe({
    type: 'step-warning',
    step,
    text: title,
    details: open.flatMap(({ what, command }) => [what, ...(command === undefined ? [] : [`  ${command}`])]),
  });
  await tellLogins(machine, [...inProgress, `${title}: crossgrade status lists it, with the commands.`]);
}

/** A host that is starting has not set up everything yet. */
async function untilStarted(machine: Machine): Promise<void> {
  const deadline = Date.now() + startedLimitMs;
  while (Date.now() < deadline) {
    const { stdout } = await machine.run(['systemctl', 'is-system-running']);
    if (!/^(initializing|starting)/.test(stdout)) return;
    await sleep(lookAgainMs);
  }
}
