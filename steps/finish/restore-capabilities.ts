import { lostCapabilities } from '../../src/files/capabilities.ts';
import type { Step, StepContext } from '../../src/run/step.ts';

/** Source: capabilities(7), setcap(8): dpkg unpacks files without them, and knows only what package scripts set. */
export const restoreCapabilities: Step = {
  id: 'finish/restore-capabilities',
  title: 'Set file capabilities again',
  why: 'A file that dpkg replaces loses those that the administrator had set.',
  purpose:
    'Sets, with setcap, the capabilities that files had before the crossgrade and have not now, for programs that were replaced. Those that a package sets for its own programs are there already.',
  remaining: (context) => lost(context).map(({ path, capability }) => `${path} had ${capability}`),
  plan: (context) =>
    lost(context).map(({ path, capability }) => ({ do: 'command', argv: ['setcap', capability, path] })),
  undo: 'point of no return',
};

function lost({ facts: { capabilities } }: StepContext) {
  return capabilities ? lostCapabilities(capabilities.before, capabilities.now) : [];
}
