import type { CheckInput } from './check.ts';
import { isOldKernel } from './kernel-image.ts';

/**
 * Whether the root has to be booted into another kernel on the way. `impossible`: it has to, but has no kernel
 * package that the crossgrade could exchange for one of the target.
 */
export function rebootNeed({
  pair,
  root,
  facts,
  survey,
}: Pick<CheckInput, 'pair' | 'root' | 'facts' | 'survey'>): 'no' | 'yes' | 'impossible' {
  const isContainer = survey?.machine?.host?.virtualization?.kind === 'container';
  const canRun = pair.targetKernelMachines.includes(facts.runningKernel.machine);
  if (!root.can.has('boot') || isContainer || canRun) return 'no';
  const hasKernel = facts.inventory.packages.some(
    ({ name, state }) => state !== 'config-files' && name.startsWith('linux-image-') && isOldKernel(name, pair),
  );
  const hasTargetKernel = facts.kernels.some(({ architecture }) => architecture === pair.target.name);
  return hasKernel || hasTargetKernel ? 'yes' : 'impossible';
}
