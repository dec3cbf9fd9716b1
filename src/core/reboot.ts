import type { ArchitecturePair } from './architecture.ts';
import type { KernelFacts } from './kernel-facts.ts';
import { isOldKernel } from './kernel-image.ts';
import type { RootInfo } from './machine.ts';
import type { PackageFacts } from './package-facts.ts';
import type { MachineSurvey } from './survey-machine.ts';

/** What the need depends on. */
export interface Booting {
  readonly pair: ArchitecturePair;
  readonly root: RootInfo;
  readonly facts: Pick<KernelFacts & PackageFacts, 'inventory' | 'kernels' | 'runningKernel'>;
  readonly survey?: { readonly machine?: MachineSurvey };
}

/**
 * Whether the root has to be booted into another kernel on the way. `impossible`: it has to, but has no kernel
 * package that the crossgrade could exchange for one of the target.
 */
export function rebootNeed({ pair, root, facts, survey }: Booting): 'no' | 'yes' | 'impossible' {
  const isContainer = survey?.machine?.host?.virtualization?.kind === 'container';
  const canRun = pair.targetKernelMachines.includes(facts.runningKernel.machine);
  if (!root.can.has('boot') || isContainer || canRun) return 'no';
  const hasKernel = facts.inventory.packages.some(
    ({ name, state }) => state !== 'config-files' && name.startsWith('linux-image-') && isOldKernel(name, pair),
  );
  const hasTargetKernel = facts.kernels.some(({ architecture }) => architecture === pair.target.name);
  return hasKernel || hasTargetKernel ? 'yes' : 'impossible';
}
