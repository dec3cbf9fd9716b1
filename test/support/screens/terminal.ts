import { spawn } from 'node:child_process';

/** What somebody at a terminal waits to see, and types then: `\\r` is Enter, `\\u0004` Ctrl-D. */
export type Typed = readonly [wait: RegExp, keys: string];

export interface SeenOnTerminal {
  readonly code: number | null;
  /** Everything written to the terminal, with its escape sequences. */
  readonly screen: string;
}

/**
 * Runs a program on a terminal of its own, of 80 columns and 24 rows, and answers it.
 *
 * @throws when the program is not at its end after `limitMs`, or ended before everything was typed
 */
export async function onTerminal(
  argv: readonly string[],
  typed: readonly Typed[],
  { limitMs = 120_000 }: { readonly limitMs?: number } = {},
): Promise<SeenOnTerminal> {
  const command = `stty cols 80 rows 24; exec ${argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const still = [...typed];
  let screen = '';
  let read = 0;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGTERM');
  }, limitMs);
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    screen += piece;
    const seen = still[0]?.[0].exec(screen.slice(read));
    if (!seen) return;
    read += seen.index + seen[0].length;
    const keys = still.shift()?.[1] ?? '';
    // As a person: after the question is on the screen, and what was typed before it was thrown away.
    setTimeout(() => child.stdin.write(keys), 300);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  clearTimeout(timer);
  if (late) throw new Error(`Not at its end after ${limitMs} ms:\n${screen}`);
  if (still.length > 0)
    throw new Error(`Never seen on the terminal: ${still.map(([wait]) => wait).join(', ')}\n${screen}`);
  return { code, screen };
}
