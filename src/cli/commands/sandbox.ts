import { CrossgradeError } from '../../core/error.ts';
import type { Command } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import { profiles } from '../profiles.ts';
import type { Wiring } from '../session.ts';
import { createLook } from '../terminal.ts';

/** Makes a 32-bit Debian root to try everything on. */
export async function sandboxCommand(options: Extract<Command, { name: 'sandbox' }>, wiring: Wiring): Promise<number> {
  const { stderr } = wiring;
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
    stderr.write(`${name}: the half-made sandbox is removed …\n`);
    interruption.abort();
  });
  try {
    await wiring.makeSandbox({
      directory: options.directory,
      suite: options.suite,
      packages: [...profile, ...options.packages],
      mirror: options.mirror,
      onStage: (text) => {
        stderr.write(`${look.paint('dim', `${text} …`)}\n`);
      },
      onLine: (line) => {
        if (options.verbose) {
          stderr.write(`${line}\n`);
        }
      },
      signal: interruption.signal,
    });
  } finally {
    stopListening();
  }
  stderr.write(`The sandbox is ready. Next: crossgrade run --root ${options.directory}\n`);
  return exitCodes.done;
}
