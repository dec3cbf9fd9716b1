import { CrossgradeError } from '../../base/error.ts';
import { bootDefaultFile } from '../../base/own-paths.ts';
import type { Performance, Performers } from '../../state/system/performance.ts';
import type { BootAction } from '../boot-actions.ts';
import { awaitDefault, awaitReboot } from './await-reboot.ts';
import { buildInitramfs } from './initramfs.ts';
import { tryInitramfs } from './try-initramfs.ts';

export const bootActions: Performers<BootAction> = {
  'build-initramfs': async ({ machine, pair, context }, { version, anyClass = false }) => {
    const { initramfsGenerator: generator, elsewhere } = context.facts;
    if (generator) await buildInitramfs(machine, generator, version, pair, anyClass, elsewhere?.initramfs);
  },
  'try-initramfs': tryInitramfs,
  'await-reboot': awaitReboot,
  'await-default': awaitDefault,
  'await-old-kernel': awaitOldKernel,
};

async function awaitOldKernel({ context }: Performance): Promise<never> {
  throw new CrossgradeError('The new kernel is running, and a kernel that runs cannot be removed.', {
    code: 'CG0254',
    hint:
      bootDefaultFile in context.facts.ownFiles
        ? 'What came after it has been taken back. Reboot: the old kernel is GRUB’s default again. Then type crossgrade rollback.'
        : 'What came after it has been taken back. Make the old kernel the default again, boot it, then type crossgrade rollback.',
    exitCode: 4,
  });
}
