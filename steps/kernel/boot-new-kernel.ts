import { shellWords } from '../../src/base/shell-word.ts';
import type { BootLoader } from '../../src/hardware/hardware-survey.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';
import { entryFor, forgetNextEntry, isDefault } from '../boot-default.ts';
import { needsNewKernel, newKernel, oldKernels, runsOwnKernel } from '../new-kernel.ts';

/** Source: the procedure's “reboot, and make sure that the 64-bit kernel boots”; uname(1); grub-reboot(8). */
export const bootNewKernel: Step = {
  id: 'kernel/boot-new-kernel',
  title: 'Boot the new kernel, once',
  why: 'The programs that come next only run under it.',
  purpose:
    'Tells GRUB to boot the new kernel just once, so that the next start after that is one with the old kernel again, and reboots, or asks you to. After the reboot it looks which kernel came up. Other boot loaders have to be told by hand.',
  needs: ['boot'],
  remaining: (context) =>
    needsNewKernel(context)
      ? [`the running kernel (${context.facts.runningKernel.release}) cannot run ${context.pair.target.name} programs`]
      : [],
  plan: (context) => [reboot(context)],
  undo: (context) => {
    const armed = context.facts.boot?.grub?.nextEntry !== undefined;
    return [
      ...(armed ? [forgetNextEntry] : []),
      // A kernel that runs cannot be removed.
      ...(runsOwnKernel(context) && oldKernels(context).length > 0 ? [{ do: 'await-old-kernel' } as const] : []),
    ];
  },
};

function reboot(context: StepContext): Action {
  const { facts, answers, pair } = context;
  const kernel = newKernel(context)?.version ?? pair.defaultKernel;
  const { loader, grub } = facts.boot ?? {};
  const own = entryFor(context, kernel);
  const entry = grub?.cannotWrite === undefined ? own : undefined;
  const old = entryFor(context, facts.runningKernel.release);
  return {
    do: 'await-reboot',
    kernel,
    // Where nobody tells the boot loader, a reboot by itself would lead back to the old kernel.
    automatic: answers.reboot === 'automatic' && entry !== undefined,
    ...(entry === undefined ? { instruction: instructions(loader, kernel, own) } : { entry }),
    hasWayBack: old !== undefined && isDefault(context, old),
  };
}

/** @param entry of GRUB's menu, which it could not forget while it boots */
function instructions(loader: BootLoader | undefined, kernel: string, entry: string | undefined): string {
  switch (loader) {
    case 'grub':
      return (
        `Reboot, and choose the kernel ${kernel} at GRUB’s menu, under “Advanced options”.` +
        (entry === undefined
          ? ''
          : ` Where nobody can, type ${shellWords(['grub-reboot', entry])} before it: then GRUB starts it again and again, even if it does not come up.`)
      );
    case 'systemd-boot':
      return `Find the entry of the kernel ${kernel} with bootctl list, type bootctl set-oneshot with its id, and reboot.`;
    case 'extlinux':
    case 'syslinux':
      return `Add an entry for /boot/vmlinuz-${kernel} to the configuration of ${loader}, type extlinux --once=LABEL /boot/${loader} with its label, and reboot.`;
    case 'lilo':
      return `Add /boot/vmlinuz-${kernel} to /etc/lilo.conf, type lilo and lilo -R LABEL with its label, and reboot.`;
    case undefined:
      return `Have your boot loader start /boot/vmlinuz-${kernel} with /boot/initrd.img-${kernel} the next time, and reboot.`;
  }
}
