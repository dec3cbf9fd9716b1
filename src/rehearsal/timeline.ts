import type { RunEvent } from '../run/event.ts';
import type { RehearsalReport } from './rehearsal-report.ts';

/** How long what took, from the events of a run. */
export interface Timeline {
  observe(event: RunEvent): void;
  steps(): RehearsalReport['steps'];
  /** The longest first, those of a second and more. */
  slowest(most: number): RehearsalReport['slowest'];
  /** The step that has failed. */
  failedStep(): string | null;
}

/** @param now milliseconds */
export function createTimeline(now: () => number): Timeline {
  const steps: { id: string; seconds: number }[] = [];
  const packages = new Map<string, { package: string; activity: string; seconds: number }>();
  let current: { readonly package: string; readonly activity: string; readonly since: number } | undefined;
  let failed: string | null = null;

  const turnTo = (next: typeof current): void => {
    if (current !== undefined) {
      const { package: name, activity, since } = current;
      const known = packages.get(`${activity} ${name}`) ?? { package: name, activity, seconds: 0 };
      packages.set(`${activity} ${name}`, { ...known, seconds: known.seconds + (now() - since) / 1000 });
    }
    current = next;
  };

  return {
    observe(event) {
      switch (event.type) {
        case 'step-progress': {
          const { activity, current: name, unit } = event.progress;
          if (unit !== 'packages' || name === undefined || name === '') return;
          if (current?.package === name && current.activity === activity) return;
          turnTo({ package: name, activity, since: now() });
          return;
        }
        case 'batch-finished':
          turnTo(undefined);
          return;
        case 'step-finished':
          turnTo(undefined);
          steps.push({ id: event.step, seconds: event.seconds });
          return;
        case 'step-failed':
          failed = event.step;
          return;
        default:
      }
    },
    steps: () => steps,
    slowest: (most) =>
      [...packages.values()]
        .filter(({ seconds }) => seconds >= 1)
        .sort((one, other) => other.seconds - one.seconds)
        .slice(0, most),
    failedStep: () => failed,
  };
}
