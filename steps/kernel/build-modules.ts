import type { Step, StepContext } from '../../src/run/step.ts';
import { needsNewKernel, newKernel } from '../new-kernel.ts';

/** Source: the procedure's “make sure that the modules were really built before the reboot”; dkms(8). */
export const buildModules: Step = {
  id: 'kernel/build-modules',
  title: 'Have DKMS build its modules for the new kernel',
  why: 'A host whose disk or network needs such a module would not come back from the reboot.',
  purpose:
    'Looks whether each module that DKMS has installed for the running kernel is installed for the new one, too, and has it built where the package’s scripts have not. The crossgrade does not reboot without them.',
  needs: ['boot'],
  remaining: (context) =>
    unbuilt(context).map((name) => `DKMS has not built ${name} for ${newKernel(context)?.version}`),
  plan: (context) => [{ do: 'command', argv: ['dkms', 'autoinstall', '-k', newKernel(context)?.version ?? ''] }],
  // They go with their kernel.
  undo: () => [],
};

function unbuilt(context: StepContext): string[] {
  const { dkmsModules = {}, runningKernel } = context.facts;
  const kernel = newKernel(context)?.version;
  if (kernel === undefined || !needsNewKernel(context)) return [];
  return Object.entries(dkmsModules)
    .filter(([, kernels]) => kernels.includes(runningKernel.release) && !kernels.includes(kernel))
    .map(([name]) => name);
}
