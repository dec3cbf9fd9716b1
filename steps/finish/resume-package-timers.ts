import type { Step, StepContext } from '../../src/core/step.ts';
import { letRun } from '../prepare/pause-package-timers.ts';

/** Source: systemctl(1), `start` and `unmask`. */
export const resumePackageTimers: Step = {
  id: 'finish/resume-package-timers',
  title: 'Let apt’s timers run again',
  why: 'They were stopped for the time of the crossgrade.',
  purpose:
    'Starts those of apt-daily.timer, apt-daily-upgrade.timer and unattended-upgrades.service that were active before.',
  needs: ['init'],
  remaining: (context) => stopped(context).map((unit) => `${unit} is stopped`),
  plan: (context) => letRun(stopped(context)),
  undo: 'point of no return',
};

function stopped({ before, facts }: StepContext): string[] {
  // Before the clean-up they are stopped on purpose.
  if (!facts.milestones.cleanup) return [];
  return (before?.activePackageUnits ?? []).filter((unit) => !facts.activePackageUnits?.includes(unit));
}
