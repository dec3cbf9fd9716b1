import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endChild, mustRun, quote, runProgram, startTied, until } from '../runs/host-programs.ts';

/** A window with a program in it, looked at and typed in as a person would. */
export interface ScreenTerminal {
  /** The rows as a person sees them now, without blanks at their ends. */
  screen(): Promise<string>;
  /** Everything that was written to the terminal, with its escape sequences. */
  written(): string;
  /** Waits until the screen shows it, and says what the screen looks like then. */
  waitFor(pattern: RegExp, limitMs?: number): Promise<string>;
  /** Keys as a terminal sends them: `\r` is Enter, `\u0003` Ctrl-C, `\u001b[B` the arrow down. */
  type(keys: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The exit code of the program, 128 and the signal's number for one that was killed; undefined while it runs. */
  exitCode(): Promise<number | undefined>;
  waitForEnd(limitMs?: number): Promise<number>;
  /** Closes the window, whatever runs in it: the program gets SIGHUP. */
  close(): Promise<void>;
}

export interface ScreenTerminalOptions {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** tmux now and then misses how its child has ended. Keys are for the program alone; the file comes whole. */
const noteExit = 'trap : INT QUIT; out=$1; shift; "$@"; echo $? > "$out.part"; mv "$out.part" "$out"';

/** tmux is the terminal: it understands what programs write, and knows what is on the screen. */
export async function openScreenTerminal(
  argv: readonly string[],
  { columns = 80, rows = 24, environment = {} }: ScreenTerminalOptions = {},
): Promise<ScreenTerminal> {
  const folder = mkdtempSync(join(tmpdir(), 'crossgrade-terminal-'));
  const settings = join(folder, 'settings');
  const written = join(folder, 'written');
  const ended = join(folder, 'ended');
  writeFileSync(written, '');
  writeFileSync(
    settings,
    [
      'set -g status off',
      'set -g remain-on-exit on',
      // It would take the last row.
      "set -g remain-on-exit-format ''",
      `set -g default-size ${columns}x${rows}`,
      'set -g default-terminal xterm-256color',
      'set -s escape-time 0',
    ].join('\n'),
  );
  // Not as a daemon: it shall end with us. And no command may start another one.
  const tmux = ['tmux', '-u', '-N', '-S', join(folder, 'socket')];
  const server = startTied(['tmux', '-u', '-S', join(folder, 'socket'), '-f', settings, '-D'], {
    stdio: 'ignore',
    env: { ...process.env, LC_ALL: 'C.UTF-8', TMUX: '' },
  });
  const ask = (...words: string[]) => mustRun([...tmux, ...words]);
  const close = async () => {
    await runProgram([...tmux, 'kill-server']);
    await endChild(server);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until('tmux starts', 10_000, async () => {
      const { exitCode } = await runProgram([...tmux, 'show-options', '-g', 'status']);
      return exitCode === 0 ? true : undefined;
    });
    // First a program that waits, so that nothing of the real one is missed.
    await ask('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, 'cat');
    await ask('pipe-pane', `exec cat >> ${quote(written)}`);
    const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const command = ['env', '-u', 'TMUX', '-u', 'TMUX_PANE', ...variables, ...argv];
    await ask('respawn-pane', '-k', '--', 'sh', '-c', noteExit, 'sh', ended, ...command);
  } catch (error) {
    await close();
    throw error;
  }
  const screen = async () => (await ask('capture-pane', '-p')).replaceAll(/[^\S\n]+$/gm, '').trimEnd();
  const exitCode = async () => {
    // What was written last is on the screen then.
    const isOver = (await ask('display-message', '-p', '#{pane_dead}')) === '1\n';
    return isOver && existsSync(ended) ? Number(readFileSync(ended, 'utf8')) : undefined;
  };
  return {
    screen,
    written: () => readFileSync(written, 'utf8'),
    waitFor: async (pattern, limitMs = 120_000) => {
      let last = '';
      try {
        return await until(`${pattern} on the screen`, limitMs, async () => {
          // In this order: what a program wrote last is looked at, too.
          const code = await exitCode();
          last = await screen();
          if (pattern.test(last)) return last;
          if (code !== undefined) throw new Error(`The program ended with ${code}, and ${pattern} was never seen`);
          return undefined;
        });
      } catch (error) {
        throw new Error(`${error instanceof Error ? error.message : error}. The screen:\n${last}`);
      }
    },
    type: async (keys) => {
      await mustRun([...tmux, 'load-buffer', '-'], { input: keys });
      await ask('paste-buffer', '-d', '-r');
    },
    resize: async (toColumns, toRows) => {
      await ask('resize-window', '-x', `${toColumns}`, '-y', `${toRows}`);
    },
    exitCode,
    waitForEnd: (limitMs = 120_000) => until('The end of the program in the terminal', limitMs, exitCode),
    close,
  };
}
