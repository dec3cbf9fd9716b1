import type { PackageFacts } from '../apt/package-facts.ts';
import type { RootInfo } from '../base/root.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import { isOldKernel } from '../debian/kernel-image.ts';
import type { HardwareSurvey } from '../hardware/hardware-survey.ts';
import type { KernelFacts } from './kernel-facts.ts';

/** What the need depends on. */
export interface Booting {
  readonly pair: ArchitecturePair;
  readonly root: RootInfo;
  readonly facts: Pick<KernelFacts & PackageFacts, 'inventory' | 'kernels' | 'runningKernel'>;
  readonly survey?: { readonly hardware?: HardwareSurvey };
}

/**
 * Whether the root has to be booted into another kernel on the way. `impossible`: it has to, but has no kernel
 * package that the crossgrade could exchange for one of the target.
 */
export function rebootNeed({ pair, root, facts, survey }: Booting): 'no' | 'yes' | 'impossible' {
  const isContainer = survey?.hardware?.host?.virtualization?.kind === 'container';
  const canRun = pair.targetKernelMachines.includes(facts.runningKernel.machine);
  if (!root.can.has('boot') || isContainer || canRun) return 'no';
  const hasKernel = facts.inventory.packages.some(
    ({ name, state }) => state !== 'config-files' && name.startsWith('linux-image-') && isOldKernel(name, pair),
  );
  const hasTargetKernel = facts.kernels.some(({ architecture }) => architecture === pair.target.name);
  return hasKernel || hasTargetKernel ? 'yes' : 'impossible';
}
