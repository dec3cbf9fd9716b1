import { engineAtBootLink, engineUnit } from '../../src/base/own-paths.ts';
import type { Step, StepContext } from '../../src/run/step.ts';
import { needsNewKernel } from '../new-kernel.ts';

/** Source: systemctl(1), `enable`. */
export const continueAtBoot: Step = {
  id: 'prepare/continue-at-boot',
  title: 'Go on by itself after a reboot',
  why: 'After the reboot into the new kernel, and after a power cut, the crossgrade shall go on without anybody.',
  purpose:
    'Enables crossgrade.service, which goes on with the crossgrade at each boot until it is done, unless somebody has stopped it; then it is disabled. Where you have decided to reboot by hand it is enabled only when the new kernel has come up: until then crossgrade resume goes on.',
  needs: ['init'],
  remaining: (context) =>
    engineAtBootLink in context.facts.ownFiles || context.facts.milestones.cleanup || waitsForReboot(context)
      ? []
      : [`${engineUnit} is not started at boot`],
  plan: () => [{ do: 'command', argv: ['systemctl', 'enable', '--quiet', engineUnit] }],
  undo: ({ facts }) =>
    engineAtBootLink in facts.ownFiles
      ? [{ do: 'command', argv: ['systemctl', 'disable', '--quiet', engineUnit] }]
      : [],
};

function waitsForReboot(context: StepContext): boolean {
  return context.answers.reboot === 'by-hand' && needsNewKernel(context);
}
