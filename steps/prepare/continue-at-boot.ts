import { engineAtBootLink, engineUnit } from '../../src/core/paths.ts';
import type { Step } from '../../src/core/step.ts';

/** Source: systemctl(1), `enable`. */
export const continueAtBoot: Step = {
  id: 'prepare/continue-at-boot',
  title: 'Go on by itself after a reboot',
  why: 'After the reboot into the new kernel, and after a power cut, the crossgrade shall go on without anybody.',
  purpose:
    'Enables crossgrade.service, which goes on with the crossgrade at each boot until it is done, unless somebody has stopped it; then it is disabled. Where you have decided to reboot by hand it stays disabled: then crossgrade resume goes on.',
  needs: ['init'],
  remaining: ({ facts, answers }) =>
    engineAtBootLink in facts.ownFiles || facts.milestones.cleanup || answers.reboot === 'by-hand'
      ? []
      : [`${engineUnit} is not started at boot`],
  plan: () => [{ do: 'command', argv: ['systemctl', 'enable', '--quiet', engineUnit] }],
  undo: ({ facts }) =>
    engineAtBootLink in facts.ownFiles
      ? [{ do: 'command', argv: ['systemctl', 'disable', '--quiet', engineUnit] }]
      : [],
};
