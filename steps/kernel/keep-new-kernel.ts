import { bootDefaultFile } from '../../src/base/own-paths.ts';
import type { BootLoader } from '../../src/hardware/hardware-survey.ts';
import type { Action, Step, StepContext } from '../../src/run/step.ts';
import { defaultAsked } from '../../src/state/state.ts';
import { entryFor, forgetNextEntry, isDefault, leaveDefaultAlone, makeDefault } from '../boot-default.ts';
import { needsNewKernel, oldKernels, runsOwnKernel } from '../new-kernel.ts';

/** Source: the GRUB manual, Simple configuration; grub-mkconfig(8). */
export const keepNewKernel: Step = {
  id: 'kernel/keep-new-kernel',
  title: 'Make the kernel that has come up the default',
  why: 'After a power cut in the next steps the old kernel could not run the system any more.',
  purpose:
    'Has /etc/default/grub.d/zz-crossgrade.cfg make GRUB start the running kernel, and runs update-grub; when the old kernel is gone the file is taken away. Where another boot loader starts this host, or GRUB asks for a password, it stops once and says what to set.',
  needs: ['boot'],
  remaining: (context) => {
    if (!couldStartOld(context)) return [];
    const id = newEntry(context);
    const isDone = id === undefined ? isSeenTo(context) : isDefault(context, id) && !isArmed(context);
    return isDone ? [] : ['the old kernel could be started after a power cut'];
  },
  plan: (context) => {
    const id = newEntry(context);
    if (id === undefined) return [askForDefault(context)];
    return [...makeDefault(id), ...(isArmed(context) ? [forgetNextEntry] : [])];
  },
  undo: (context) => {
    if (!(bootDefaultFile in context.facts.ownFiles) || needsNewKernel(context)) return [];
    if (!runsOwnKernel(context)) return leaveDefaultAlone(context);
    // Before the new kernel can go, the old one has to be booted.
    const [old] = oldKernels(context).flatMap(({ version }) => entryFor(context, version) ?? []);
    return old === undefined || isDefault(context, old) ? [] : makeDefault(old);
  },
};

/** A kernel that ran before the crossgrade is what this host starts anyway. Of others somebody is asked, once. */
function isSeenTo(context: StepContext): boolean {
  return !runsOwnKernel(context) || defaultAsked in context.facts.milestones;
}

/** GRUB, where it could not forget it while it booted, still has what somebody told it to start once. */
function isArmed({ facts }: StepContext): boolean {
  return facts.boot?.grub?.cannotWrite !== undefined && facts.boot.grub.nextEntry !== undefined;
}

function couldStartOld(context: StepContext): boolean {
  return oldKernels(context).length > 0 && !needsNewKernel(context) && !context.facts.milestones.cleanup;
}

function newEntry(context: StepContext): string | undefined {
  return entryFor(context, context.facts.runningKernel.release);
}

function askForDefault({ facts }: StepContext): Action {
  const { release } = facts.runningKernel;
  return {
    do: 'await-default',
    kernel: release,
    instruction: instructions(facts.boot?.loader, release),
  };
}

function instructions(loader: BootLoader | undefined, kernel: string): string {
  switch (loader) {
    case 'grub':
      return `Set GRUB_DEFAULT in /etc/default/grub to the entry of ${kernel}, and type update-grub.`;
    case 'systemd-boot':
      return `Find the entry of ${kernel} with bootctl list, and type bootctl set-default with its id.`;
    case 'extlinux':
    case 'syslinux':
      return `Make the entry for /boot/vmlinuz-${kernel} the DEFAULT in the configuration of ${loader}.`;
    case 'lilo':
      return `Set default= in /etc/lilo.conf to the label of /boot/vmlinuz-${kernel}, and type lilo.`;
    case undefined:
      return `Have your boot loader start /boot/vmlinuz-${kernel} with /boot/initrd.img-${kernel} from now on.`;
  }
}
