import { setTimeout as sleep } from 'node:timers/promises';
import { CrossgradeError } from '../../base/error.ts';
import type { Machine } from '../../base/machine.ts';
import { rebootRecordFile, refusalFile } from '../../base/own-paths.ts';
import { shellWords } from '../../base/shell-word.ts';
import { readRebootRecord } from '../../network/reboot-record.ts';
import { findRebootRisk, keepNetwork, type RebootRisk } from '../../network/system/reboot-network.ts';
import { defaultAsked } from '../../state/state.ts';
import type { Performance } from '../../state/system/performance.ts';
import type { BootAction } from '../boot-actions.ts';

/**
 * Has the host booted into the new kernel, once. Ends in an error in any case: after the reboot another process goes on.
 *
 * The network is kept, to be compared after it. Where the way of a login would be lost, the host is not rebooted by itself.
 *
 * @throws {CrossgradeError} CG0250 (exit code 4) the host is about to be rebooted, or waits for it; CG0252 it was
 *   rebooted, and the old kernel came up; CG0255 GRUB could not be told
 */
export async function awaitReboot(
  performance: Performance,
  { kernel, entry, hasWayBack, instruction, automatic: wanted }: Extract<BootAction, { do: 'await-reboot' }>,
): Promise<never> {
  const { machine, store, context } = performance;
  const { bootId } = context.facts.runningKernel;
  await assertNewKernelCame(performance, kernel);
  if (entry !== undefined) await bootOnce(performance, entry);
  const risk = await prepareNetwork(performance);
  // Whoever looks after this host could not log in any more to see to it.
  const isSafe = wanted && risk.onTheWay.length === 0;
  // Was somebody asked to make it the default, the old one has come up all the same: it is asked again.
  const { [defaultAsked]: _, ...milestones } = store.state.milestones;
  await store.update({ milestones, reboot: { bootId, kernel, requestedAt: new Date().toISOString() } });
  const automatic = isSafe && (await rebootSoon(machine));
  throw new CrossgradeError(
    automatic
      ? `The host reboots into the new kernel in ${secondsToRead} seconds.`
      : 'The host has to be rebooted into the new kernel.',
    {
      code: 'CG0250',
      details: [
        hasWayBack
          ? `kernel ${kernel}, booted once: if it does not come up, the next start is one with the old kernel`
          : `kernel ${kernel}; see that the old one can be chosen, should it not come up`,
        ...linesOf(risk),
        ...(wanted && !automatic ? [`It does not reboot by itself: ${isSafe ? refused : cutOff}.`] : []),
      ],
      hint: automatic
        ? 'Log in again in a few minutes. The crossgrade goes on by itself: crossgrade status --watch shows it.'
        : `${instruction ?? 'Reboot: systemctl reboot.'} After it, log in again and type crossgrade resume.`,
      exitCode: 4,
    },
  );
}

const cutOff = 'the way by which somebody is logged in depends on what would be lost';
const refused = 'systemd could not be asked to';

/**
 * Has somebody make the new kernel the default, where crossgrade cannot.
 *
 * @throws {CrossgradeError} CG0257
 */
export async function awaitDefault(
  { store }: Performance,
  { kernel, instruction }: Extract<BootAction, { do: 'await-default' }>,
): Promise<never> {
  const now = new Date().toISOString();
  // No boot goes on before somebody has seen to it.
  await store.update({ milestones: { ...store.state.milestones, [defaultAsked]: now }, stoppedAt: now });
  throw new CrossgradeError('The new kernel has come up, and has to become the one that always starts.', {
    code: 'CG0257',
    details: [`kernel ${kernel}; after a power cut in the next steps the old one could not run this system any more`],
    hint: `${instruction} Then type crossgrade resume.`,
  });
}

/** Where the host was rebooted for it, the kernel that runs should be another one. */
async function assertNewKernelCame({ store, context }: Performance, kernel: string): Promise<void> {
  const { runningKernel } = context.facts;
  const asked = store.state.reboot;
  if (!asked || asked.bootId === runningKernel.bootId || asked.kernel !== kernel) return;
  // The next resume tries once more, and no boot: who looks into it may reboot as often as that takes.
  await store.update({ reboot: null, stoppedAt: new Date().toISOString() });
  throw new CrossgradeError(`The host was rebooted, but ${kernel} is not the kernel that runs.`, {
    code: 'CG0252',
    details: [`running: ${runningKernel.release} (${runningKernel.machine})`],
    hint:
      'The system is as it was before the reboot, and works. The new kernel was not chosen, or did not come up: look ' +
      'at journalctl --list-boots and at the console. Then type crossgrade resume to try it again, or crossgrade rollback.',
  });
}

async function bootOnce({ machine, context }: Performance, entry: string): Promise<void> {
  if (context.facts.boot?.grub?.nextEntry === entry) return;
  const told = await machine.run(['grub-reboot', entry]);
  if (told.exitCode === 0) return;
  throw new CrossgradeError('GRUB could not be told to boot the new kernel once.', {
    code: 'CG0255',
    details: [shellWords(['grub-reboot', entry]), ...told.stderr.split('\n').filter((line) => line.trim() !== '')],
    hint: 'The old kernel stays the default. Mend the cause, then type crossgrade resume.',
  });
}

/** Keeps the network as it is at this moment, and says what of it the reboot loses. */
async function prepareNetwork({ machine, step, observe }: Performance): Promise<RebootRisk> {
  const earlier = readRebootRecord(await machine.readTextIfThere(rebootRecordFile))?.network.logins ?? [];
  const risk = await findRebootRisk(machine, earlier);
  const details = risk.items.map(({ what }) => what);
  if (details.length > 0) {
    observe({ type: 'step-warning', step, text: 'The reboot loses what is in no file of the network’s', details });
  }
  await keepNetwork(machine, earlier);
  return risk;
}

function linesOf({ items }: RebootRisk): string[] {
  const more = items.length - fewLines;
  return [
    ...items.slice(0, fewLines).map(({ what }) => `lost with the reboot: ${what}`),
    ...(more > 0 ? [`and ${more} more: crossgrade check has them all`] : []),
  ];
}

const fewLines = 6;

/** Whoever watches shall be able to read what is going to happen. */
const secondsToRead = 10;

/** How long crossgrade-guard.service is given to see that no program is at work any more. */
const allowTries = 60;
const allowMs = 250;

/** @returns whether it will be rebooted: not without systemd, nor where that refuses it */
async function rebootSoon(machine: Machine): Promise<boolean> {
  // The last program has just ended.
  for (let tries = 0; tries < allowTries && (await machine.exists(refusalFile)); tries += 1) await sleep(allowMs);
  const timer = ['--quiet', `--on-active=${secondsToRead}s`, '--timer-property=AccuracySec=1s'];
  const { exitCode } = await machine.run(['systemd-run', ...timer, 'systemctl', 'reboot']);
  return exitCode === 0 || (await machine.run(['systemctl', '--no-block', 'reboot'])).exitCode === 0;
}
