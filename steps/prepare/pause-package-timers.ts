import type { Step, StepContext } from '../../src/core/step.ts';

/** Source: apt's apt-daily.timer and apt-daily-upgrade.timer; unattended-upgrade(8). */
export const pausePackageTimers: Step = {
  id: 'prepare/pause-package-timers',
  title: 'Pause apt’s timers and unattended-upgrades',
  why: 'They would only meet the guard, fail, and send mail about it.',
  purpose:
    'Stops apt-daily.timer, apt-daily-upgrade.timer and unattended-upgrades.service, those that are active, until the crossgrade is done. Whether they are enabled is not changed.',
  needs: ['init'],
  remaining: (context) => active(context).map((unit) => `${unit} is active`),
  plan: (context) => [{ do: 'command', argv: ['systemctl', 'stop', ...active(context)] }],
  undo: ({ before, facts }) => {
    const stopped = (before?.activePackageUnits ?? []).filter((unit) => !facts.activePackageUnits?.includes(unit));
    return stopped.length > 0 ? [{ do: 'command', argv: ['systemctl', 'start', ...stopped] }] : [];
  },
};

function active({ facts }: StepContext): readonly string[] {
  return facts.milestones.cleanup ? [] : (facts.activePackageUnits ?? []);
}
