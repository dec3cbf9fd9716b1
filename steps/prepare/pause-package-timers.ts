import type { Action, Step, StepContext } from '../../src/core/step.ts';

/** Source: apt's apt-daily.timer and apt-daily-upgrade.timer; unattended-upgrade(8). */
export const pausePackageTimers: Step = {
  id: 'prepare/pause-package-timers',
  title: 'Pause apt’s timers and unattended-upgrades',
  why: 'They would only meet the guard, fail, and send mail about it.',
  purpose:
    'Stops apt-daily.timer, apt-daily-upgrade.timer and unattended-upgrades.service, those that are active, until the crossgrade is done, and keeps packages from starting them. Whether they are enabled is not changed.',
  needs: ['init'],
  remaining: (context) => active(context).map((unit) => `${unit} is active`),
  // apt's own package would start them, when it is replaced. A mask of this kind ends with the next boot.
  plan: (context) => [
    { do: 'command', argv: ['systemctl', 'stop', ...active(context)] },
    { do: 'command', argv: ['systemctl', 'mask', '--runtime', ...active(context)] },
  ],
  undo: ({ before, facts }) =>
    letRun((before?.activePackageUnits ?? []).filter((unit) => !facts.activePackageUnits?.includes(unit))),
};

/** What takes a pause back. */
export function letRun(units: readonly string[]): Action[] {
  if (units.length === 0) return [];
  return [
    { do: 'command', argv: ['systemctl', 'unmask', '--runtime', ...units] },
    { do: 'command', argv: ['systemctl', 'start', ...units] },
  ];
}

function active({ facts }: StepContext): readonly string[] {
  return facts.milestones.cleanup ? [] : (facts.activePackageUnits ?? []);
}
