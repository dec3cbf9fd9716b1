import { instanceKey } from '../../src/debian/package.ts';
import { isConfigured } from '../../src/dpkg/dpkg-model.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: dpkg(1), `--no-triggers`, `--configure --pending`; deb-triggers(5). */
export const runTriggers: Step = {
  id: 'finish/run-triggers',
  title: 'Run the triggers that were put off',
  why: 'Caches and indices are rebuilt once, instead of after every batch.',
  purpose:
    'Configures what waits, and runs the triggers that all dpkg calls before have put off: caches of fonts, manual pages, libraries and so on.',
  remaining: (context) => pending(context).map((key) => `${key} has triggers to run`),
  plan: (context) => [{ do: 'run-triggers', instances: pending(context) }],
  undo: 'point of no return',
};

function pending({ facts }: StepContext): `${string}:${string}`[] {
  return facts.inventory.packages
    .filter((one) => one.state !== 'config-files' && (!isConfigured(one.state) || one.state !== 'installed'))
    .map(instanceKey);
}
