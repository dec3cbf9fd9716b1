import { bootDefaultFile } from '../src/base/own-paths.ts';
import { entryOf } from '../src/boot/grub-menu.ts';
import type { Action, StepContext } from '../src/run/step.ts';

/** Which entry GRUB starts when it was told nothing else, for as long as the crossgrade is at work. */

/** Judged by what GRUB reads, too: update-grub may have failed, or was cut off. */
export function isDefault({ facts }: StepContext, id: string): boolean {
  return facts.boot?.grub?.defaultEntry === id && facts.ownFiles[bootDefaultFile] === settingFor(id);
}

export function makeDefault(id: string): Action[] {
  return [write(settingFor(id)), updateGrub];
}

/**
 * GRUB starts what the administrator has set. The file goes last: as long as it is there, this is to be done. From
 * outside only the file goes: update-grub would look at the disks of the rescue system.
 */
export function leaveDefaultAlone({ facts }: StepContext): Action[] {
  if (!(bootDefaultFile in facts.ownFiles)) return [];
  return [...(facts.boot ? [write(head), updateGrub] : []), { do: 'remove', path: bootDefaultFile }];
}

/** @returns the id of the entry that starts a kernel; undefined where GRUB has none, or does not start this host */
export function entryFor({ facts }: StepContext, kernel: string): string | undefined {
  return entryOf(facts.boot?.grub?.entries ?? [], kernel);
}

/** What GRUB was told to start the next time, before its default. */
export const forgetNextEntry: Action = {
  do: 'command',
  argv: ['grub-editenv', '/boot/grub/grubenv', 'unset', 'next_entry'],
};

const head = '# Written by crossgrade, which takes it away again.\n';
const updateGrub: Action = { do: 'command', argv: ['update-grub'] };

function settingFor(id: string): string {
  return `${head}GRUB_DEFAULT="${id}"\n`;
}

function write(content: string): Action {
  return { do: 'write', path: bootDefaultFile, content, mode: 0o644 };
}
