import { unitsPausedFile } from '../../src/core/paths.ts';
import type { Step, StepContext } from '../../src/core/step.ts';
import { letRun } from '../prepare/pause-package-timers.ts';

/** Source: systemctl(1), `start` and `unmask`. */
export const resumePackageTimers: Step = {
  id: 'finish/resume-package-timers',
  title: 'Let apt’s timers run again',
  why: 'They were stopped for the time of the crossgrade.',
  purpose:
    'Starts those of apt-daily.timer, apt-daily-upgrade.timer, unattended-upgrades.service and packagekit.service that were active before.',
  needs: ['init'],
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

function stopped({ before, facts }: StepContext): string[] {
  // Before the clean-up they are stopped on purpose.
  if (!facts.milestones.cleanup) return [];
  return (before?.activePackageUnits ?? []).filter((unit) => !facts.activePackageUnits?.includes(unit));
}
