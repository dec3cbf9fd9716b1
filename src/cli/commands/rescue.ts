import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import type { Machine } from '../../base/machine.ts';
import { joinLines, printable, text } from '../../base/printable.ts';
import { assertNobodyAtWork, brokenPrograms, findDamage, repair, stillDamaged } from '../../run/system/rescue.ts';
import type { CommonOptions } from '../arguments/arguments.ts';
import { confirm, createPromptPort } from '../screen/prompts.ts';
import { createLook } from '../screen/terminal.ts';
import { plural } from '../words/format.ts';
import { say } from '../words/text.ts';
import { handsOver } from './hand-over.ts';
import type { Wiring } from './wiring.ts';

/** Puts back the programs without which nothing works, from the copies that the crossgrade has saved. */
export async function rescueCommand(
  options: CommonOptions & { readonly yes: boolean },
  wiring: Wiring,
): Promise<number> {
  const { stdin, stdout, stderr, environment } = wiring;
  const session = await wiring.openSession(options.root, 'rescue');
  try {
    const { machine } = session;
    const assertAlone = async (): Promise<void> => {
      const isEngineActive = handsOver(options, wiring) ? await wiring.engineService.isActive() : undefined;
      const onWait = (programs: string) =>
        say(stderr, `The interrupted run has left programs at work: waiting for ${programs}`);
      await assertNobodyAtWork(machine, isEngineActive, onWait);
    };
    await assertAlone();
    const found = await findDamage(machine);
    if (found.length === 0) return await saySound(machine, stdout);
    for (const { path, how } of found) stdout.write(joinLines([printable(`${how.padEnd(8)} ${path}`)]));
    if (!options.yes) {
      const look = createLook(stderr, environment, options.color);
      const port = createPromptPort(stdin, stderr, environment);
      const question = printable(`Put back ${plural(found.length, 'file')} from the saved copies?`);
      if (!(await confirm(question, true, { look, input: stdin, output: stderr, port }))) {
        stderr.write(text`Nothing was changed.\n`);
        return exitCodes.interrupted;
      }
    }
    // Somebody may have gone on, or mended it, while the question stood there.
    await assertAlone();
    const damages = stillDamaged(found, await findDamage(machine));
    if (damages.length === 0) return await saySound(machine, stdout);
    const broken = await repair(machine, damages);
    if (broken.length > 0) {
      throw new CrossgradeError(`These still do not run: ${broken.join(' ')}`, {
        code: 'CG0273',
        hint: `${plural(damages.length, 'file')} put back. /usr/lib/crossgrade/busybox has a shell and tools that need no library.`,
      });
    }
    const done = printable(plural(damages.length, 'file'));
    stdout.write(text`${done} put back; shells, dpkg and what they need run. Go on with crossgrade resume.\n`);
    return exitCodes.done;
  } finally {
    await session.close();
  }
}

async function saySound(machine: Machine, stdout: Wiring['stdout']): Promise<number> {
  const broken = await brokenPrograms(machine);
  stdout.write(
    broken.length === 0
      ? text`Shells, dpkg and what they need are as they shall be. Go on with crossgrade resume.\n`
      : text`All files are as they shall be, but these do not run: ${printable(broken.join(' '))}\n`,
  );
  return broken.length === 0 ? exitCodes.done : exitCodes.failed;
}
