import type { Kernel } from '../src/boot/kernel-facts.ts';
import { compareVersions } from '../src/debian/version.ts';
import type { StepContext } from '../src/run/step.ts';

/** The running kernel cannot run programs of the target. */
export function needsNewKernel({ pair, facts }: StepContext): boolean {
  return !pair.target.kernelMachines.includes(facts.runningKernel.machine);
}

/** The running kernel came with this run. */
export function runsOwnKernel({ pair, facts, record: before }: StepContext): boolean {
  const { release } = facts.runningKernel;
  const names = [`linux-image-${release}:${pair.target.name}`, `linux-image-${release}-unsigned:${pair.target.name}`];
  const isOfTarget = facts.kernels.some((one) => one.version === release && one.architecture === pair.target.name);
  return isOfTarget && before !== undefined && !names.some((name) => name in before.packages);
}

/** Kernels of the source, the newest first. */
export function oldKernels({ pair, facts }: StepContext): Kernel[] {
  return facts.kernels
    .filter(({ architecture }) => architecture === pair.source.name)
    .sort((a, b) => compareVersions(b.version, a.version));
}

/** The newest kernel of the target. */
export function newKernel({ pair, facts }: StepContext): Kernel | undefined {
  return facts.kernels
    .filter(({ architecture }) => architecture === pair.target.name)
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}
