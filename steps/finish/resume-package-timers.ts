import { unitsPausedFile } from '../../src/base/own-paths.ts';
import type { Step, StepContext } from '../../src/run/step.ts';
import { letRun } from '../prepare/pause-package-timers.ts';

/** Source: systemctl(1), `start` and `unmask`. */
export const resumePackageTimers: Step = {
  id: 'finish/resume-package-timers',
  title: 'Let apt’s timers run again',
  why: 'They were stopped for the time of the crossgrade.',
  purpose:
    'Starts those of apt-daily.timer, apt-daily-upgrade.timer, unattended-upgrades.service, packagekit.service and etckeeper.timer that were active before; from outside, where nothing can be started, lets the next boot start them.',
  remaining: (context) => [
    ...(isMarked(context) ? ['they do not start yet'] : []),
    ...stopped(context).map((unit) => `${unit} is stopped`),
  ],
  plan: (context) => [
    ...(isMarked(context) ? [{ do: 'remove', path: unitsPausedFile } as const] : []),
    ...letRun(stopped(context)),
  ],
  undo: 'point of no return',
};

function isMarked({ facts }: StepContext): boolean {
  return facts.milestones.cleanup !== undefined && unitsPausedFile in facts.ownFiles;
}

function stopped({ record: before, facts }: StepContext): string[] {
  const { activePackageUnits: active } = facts;
  // Before the clean-up they are stopped on purpose. A host that was cut off may be finished from a rescue system.
  if (!facts.milestones.cleanup || active === undefined) return [];
  return (before?.activePackageUnits ?? []).filter((unit) => !active.includes(unit));
}
