import { CrossgradeError } from '../core/error.ts';
import type { Machine } from '../core/machine.ts';
import type { Action } from '../core/step.ts';
import type { Performance } from './context.ts';

/**
 * Has the host booted into the new kernel, once. Ends in an error in any case: after the reboot another process goes on.
 *
 * @throws {CrossgradeError} CG0250 (exit code 4) the host is about to be rebooted, or waits for it; CG0252 it was
 *   rebooted, and the old kernel came up; CG0255 GRUB could not be told
 */
export async function awaitReboot(
  { machine, store, context }: Performance,
  { kernel, entry, instruction, automatic }: Extract<Action, { do: 'await-reboot' }>,
): Promise<never> {
  const { runningKernel, boot } = context.facts;
  const asked = store.state.reboot;
  if (asked && asked.bootId !== runningKernel.bootId && asked.kernel === kernel) {
    // The next resume tries once more.
    await store.update({ reboot: null });
    throw new CrossgradeError(`The host was rebooted, but ${kernel} is not the kernel that runs.`, {
      code: 'CG0252',
      details: [`running: ${runningKernel.release} (${runningKernel.machine})`],
      hint:
        'The system is as it was before the reboot, and works. The new kernel was not chosen, or did not come up: look ' +
        'at journalctl --list-boots and at the console. Then type crossgrade resume to try it again, or crossgrade rollback.',
    });
  }
  if (entry !== undefined && boot?.grub?.nextEntry !== entry) {
    const told = await machine.run(['grub-reboot', entry]);
    if (told.exitCode !== 0) {
      throw new CrossgradeError('GRUB could not be told to boot the new kernel once.', {
        code: 'CG0255',
        details: [`grub-reboot '${entry}'`, ...told.stderr.split('\n').filter((line) => line.trim() !== '')],
        hint: 'The old kernel stays the default. Mend the cause, then type crossgrade resume.',
      });
    }
  }
  await store.update({
    reboot: { bootId: runningKernel.bootId, kernel, requestedAt: new Date().toISOString() },
  });
  if (automatic) await rebootSoon(machine);
  throw new CrossgradeError(
    automatic
      ? `The host reboots into the new kernel in ${secondsToRead} seconds.`
      : 'The host has to be rebooted into the new kernel.',
    {
      code: 'CG0250',
      details: [
        entry === undefined
          ? `kernel ${kernel}`
          : `kernel ${kernel}, booted once: if it does not come up, the next start is one with the old kernel`,
      ],
      hint: automatic
        ? 'Log in again in a few minutes. The crossgrade goes on by itself: crossgrade status --watch shows it.'
        : `${instruction ?? 'Reboot: systemctl reboot.'} After it, log in again and type crossgrade resume.`,
      exitCode: 4,
    },
  );
}

/** Whoever watches shall be able to read what is going to happen. */
const secondsToRead = 10;

async function rebootSoon(machine: Machine): Promise<void> {
  const timer = ['--quiet', `--on-active=${secondsToRead}s`, '--timer-property=AccuracySec=1s'];
  const { exitCode } = await machine.run(['systemd-run', ...timer, 'systemctl', 'reboot']);
  if (exitCode !== 0) await machine.run(['systemctl', '--no-block', 'reboot']);
}
