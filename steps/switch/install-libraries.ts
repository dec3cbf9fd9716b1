import type { Step } from '../../src/run/step.ts';
import { planOfWave, remainingOfWave, undoOfWave } from '../wave.ts';

/** Source: dpkg(1); https://wiki.debian.org/Multiarch — `Multi-Arch: same` packages stand side by side. */
export const installLibraries: Step = {
  id: 'switch/install-libraries',
  title: 'Add the libraries beside the old ones',
  why: 'Nothing is replaced, so the system stays a working one; later every program finds its libraries at any moment.',
  purpose:
    'Installs the target’s build of every library that can stand beside the old one (Multi-Arch: same), in as few dpkg calls as their dependencies allow.',
  remaining: (context) => remainingOfWave(context, 'libraries'),
  plan: (context) => [...planOfWave(context, 'libraries'), { do: 'command', argv: ['ldconfig'] }],
  undo: (context) => undoOfWave(context, 'libraries'),
};
