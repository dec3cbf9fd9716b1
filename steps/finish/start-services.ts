import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: systemctl(1), `start` and `reset-failed`. */
export const startServices: Step = {
  id: 'finish/start-services',
  title: 'Start what ran before and does not run now',
  why: 'A service may have been started while something it needs was not there yet.',
  purpose:
    'Compares the units of systemd that run with those that ran before the crossgrade, and starts the ones that are missing; those that do not come up once more, after what they need. What still does not run is named, with its journal, and in the comparison at the end.',
  needs: ['init'],
  remaining: (context) => stopped(context).map((unit) => `${unit} ran before, and does not now`),
  plan: (context) => [
    { do: 'start-services', units: stopped(context) },
    { do: 'milestone', name: 'servicesStarted' },
  ],
  undo: 'point of no return',
};

/** Once is enough: a service that cannot start is nothing that keeps a run from its end. */
function stopped({ facts: { stoppedUnits, milestones } }: StepContext): readonly string[] {
  return milestones.cleanup && !milestones.servicesStarted ? (stoppedUnits ?? []) : [];
}
