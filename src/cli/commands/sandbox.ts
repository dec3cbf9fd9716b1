import { CrossgradeError } from '../../base/error.ts';
import { exitCodes } from '../../base/exit-codes.ts';
import { joinLines, printable, printableLines, text } from '../../base/printable.ts';
import { shellWord } from '../../base/shell-word.ts';
import type { Command } from '../arguments/arguments.ts';
import { profilesOf } from '../arguments/profiles.ts';
import { createLook, shownLines } from '../screen/terminal.ts';
import type { Wiring } from './wiring.ts';

/** Makes a 32-bit Debian root to try everything on. */
export async function sandboxCommand(options: Extract<Command, { name: 'sandbox' }>, wiring: Wiring): Promise<number> {
  const { stderr } = wiring;
  const architecture = options.architecture ?? wiring.sandboxArchitecture();
  const profiles = profilesOf(architecture);
  const profile = options.profile === undefined ? [] : profiles[options.profile];
  if (profile === undefined) {
    throw new CrossgradeError(`There is no profile '${options.profile ?? ''}'.`, {
      code: 'CG0005',
      hint: `Nothing was made. Profiles are: ${Object.keys(profiles).join(', ')}.`,
      exitCode: exitCodes.usage,
    });
  }
  const look = createLook(stderr, wiring.environment, options.color);
  const interruption = new AbortController();
  const stopListening = wiring.onSignal((name) => {
    stderr.write(shownLines([`${name}: the half-made sandbox is removed …`], look));
    interruption.abort();
  });
  try {
    await wiring.makeSandbox({
      directory: options.directory,
      suite: options.suite,
      architecture,
      packages: [...profile, ...options.packages],
      mirror: options.mirror,
      onStage: (stage) => {
        stderr.write(shownLines([look.paint('dim', `${stage} …`)], look));
      },
      onLine: (line) => {
        if (options.verbose) {
          stderr.write(joinLines(printableLines(line)));
        }
      },
      signal: interruption.signal,
    });
  } finally {
    stopListening();
  }
  stderr.write(text`The sandbox is ready. Next: crossgrade run --root ${printable(shellWord(options.directory))}\n`);
  return exitCodes.done;
}
