import { unitsPausedFile } from '../../src/base/own-paths.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';

/** Source: apt's apt-daily.timer and apt-daily-upgrade.timer; unattended-upgrade(8); packagekitd(8); etckeeper(8); systemd.unit(5). */
export const pausePackageTimers: Step = {
  id: 'prepare/pause-package-timers',
  title: 'Pause apt’s timers and unattended-upgrades',
  why: 'They would only meet the guard, fail, and send mail about it.',
  purpose:
    'Stops apt-daily.timer, apt-daily-upgrade.timer, unattended-upgrades.service, packagekit.service and etckeeper.timer, those that are active, until the crossgrade is done, and keeps packages and boots from starting them. Whether they are enabled is not changed.',
  needs: ['init'],
  remaining: (context) => [
    ...active(context).map((unit) => `${unit} is active`),
    ...(isMarked(context) || context.facts.milestones.cleanup ? [] : ['a boot would start what changes packages']),
  ],
  plan: (context) => [
    ...(isMarked(context) ? [] : [{ do: 'write', path: unitsPausedFile, content: mark, mode: 0o600 } as const]),
    ...pause(active(context)),
  ],
  undo: ({ record: before, facts }) => [
    ...(unitsPausedFile in facts.ownFiles ? [{ do: 'remove', path: unitsPausedFile } as const] : []),
    ...letRun((before?.activePackageUnits ?? []).filter((unit) => !facts.activePackageUnits?.includes(unit))),
  ],
};

const mark = 'Written by crossgrade: as long as it is there, apt’s timers and the like do not start.\n';

function isMarked({ facts }: StepContext): boolean {
  return unitsPausedFile in facts.ownFiles;
}

// apt's own package would start them, when it is replaced. A mask of this kind ends with the next boot.
function pause(units: readonly string[]): Action[] {
  if (units.length === 0) return [];
  return [
    { do: 'command', argv: ['systemctl', 'stop', ...units] },
    { do: 'command', argv: ['systemctl', 'mask', '--runtime', ...units] },
  ];
}

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
