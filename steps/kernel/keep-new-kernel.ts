import { entryOf } from '../../src/core/grub-menu.ts';
import { bootDefaultFile } from '../../src/core/paths.ts';
import type { Step, StepContext } from '../../src/core/step.ts';
import { needsNewKernel } from '../new-kernel.ts';

/** Source: the GRUB manual, Simple configuration; grub-mkconfig(8). */
export const keepNewKernel: Step = {
  id: 'kernel/keep-new-kernel',
  title: 'Make the kernel that has come up the default',
  why: 'After a power cut in the next steps the old kernel could not run the system any more.',
  purpose:
    'Writes /etc/default/grub.d/zz-crossgrade.cfg, which makes GRUB start the running kernel, and runs update-grub. When the old kernel is gone the file is taken away.',
  needs: ['boot'],
  remaining: (context) =>
    wanted(context) === undefined || context.facts.ownFiles[bootDefaultFile] === wanted(context)
      ? []
      : ['GRUB could start the old kernel after a power cut'],
  plan: (context) => [
    { do: 'write', path: bootDefaultFile, content: wanted(context) ?? '', mode: 0o644 },
    { do: 'command', argv: ['update-grub'] },
  ],
  undo: ({ facts }) =>
    bootDefaultFile in facts.ownFiles
      ? [
          { do: 'remove', path: bootDefaultFile },
          { do: 'command', argv: ['update-grub'] },
        ]
      : [],
};

/** undefined where there is no other kernel that GRUB could start. */
function wanted(context: StepContext): string | undefined {
  const { pair, facts } = context;
  const { grub } = facts.boot ?? {};
  const old = facts.kernels.some(({ architecture }) => architecture === pair.source.name);
  if (!grub || !old || needsNewKernel(context) || facts.milestones.cleanup) return undefined;
  const id = entryOf(grub.entries, facts.runningKernel.release);
  return id === undefined
    ? undefined
    : `# Written by crossgrade, and removed at its end: the old kernel cannot run this system any more.\nGRUB_DEFAULT="${id}"\n`;
}
