import type { Kernel } from '../src/core/facts.ts';
import type { StepContext } from '../src/core/step.ts';
import { compareVersions } from '../src/core/version.ts';

/** The running kernel cannot run programs of the target. */
export function needsNewKernel({ pair, facts }: StepContext): boolean {
  return !pair.targetKernelMachines.includes(facts.runningKernel.machine);
}

/** The newest kernel of the target. */
export function newKernel({ pair, facts }: StepContext): Kernel | undefined {
  return facts.kernels
    .filter(({ architecture }) => architecture === pair.target.name)
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}
