import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../roots/roots.ts';
import { mustRun, quote, type Ran, type RunOptions, runProgram, until } from '../runs/host-programs.ts';
import { openScreenTerminal, type ScreenTerminal, type ScreenTerminalOptions } from '../screens/screen-terminal.ts';

/** A private key for tests alone. It stays in the cache, since there are disk images that let it in. */
async function sshKey(): Promise<string> {
  const place = await cached('ssh-key-v1', async (making) => {
    await mustRun(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'crossgrade-test', '-f', join(making, 'key')]);
    return {};
  });
  return join(place, 'key');
}

/** A line for `authorized_keys`. */
export async function authorizedKey(): Promise<string> {
  return readFile(`${await sshKey()}.pub`, 'utf8');
}

/** An emulated machine on a busy one takes its time. */
export const slowMs = 900_000;

/** A system whose ssh port is a port of 127.0.0.1. Whatever is done with it is a connection and a login of its own. */
export interface SshHost {
  /** Logs in, newly, as root, and runs a program. Exit code 255 is ssh's own: no connection, or no login. */
  ssh(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The same for a login and a program that must succeed: its stdout. */
  newSshLogin(argv?: readonly string[], options?: RunOptions): Promise<string>;
  /** Waits until a login works. */
  waitForSsh(limitMs?: number): Promise<void>;
  /** A window with a new login in it; when it closes, the connection is cut. Without a program: a shell. */
  sshTerminal(argv: readonly string[], options?: ScreenTerminalOptions): Promise<ScreenTerminal>;
}

/** @param say is told what was waited for */
export function sshHost(port: number, say: (text: string) => void): SshHost {
  const host: SshHost = {
    ssh: async (argv, options) => runProgram(await sshArgv(port, argv), options),
    newSshLogin: async (argv = ['true'], options = {}) => {
      const { exitCode, stdout, stderr } = await host.ssh(argv, options);
      if (exitCode !== 0) throw new Error(`${argv.join(' ')} through ssh ended with ${exitCode}:\n${stdout}${stderr}`);
      return stdout;
    },
    waitForSsh: async (limitMs = slowMs) => {
      const begun = Date.now();
      await until('An ssh login works', limitMs, async () => {
        const { exitCode } = await host.ssh(['true'], { limitMs: 60_000 });
        return exitCode === 0 ? true : undefined;
      });
      say(`ssh lets somebody in after ${Math.round((Date.now() - begun) / 1000)} s`);
    },
    sshTerminal: async (argv, { environment = {}, ...rest } = {}) => {
      const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
      const words = variables.length > 0 && argv.length > 0 ? ['env', ...variables, ...argv] : argv;
      // ssh tells the other side the name of the terminal that it runs on.
      const { TERM = 'xterm-256color' } = environment;
      return openScreenTerminal(await sshArgv(port, words, '-tt'), { ...rest, environment: { TERM } });
    },
  };
  return host;
}

async function sshArgv(port: number, argv: readonly string[], ...options: readonly string[]): Promise<string[]> {
  const settings = {
    BatchMode: 'yes',
    ConnectTimeout: '60',
    ControlMaster: 'no',
    ControlPath: 'none',
    IdentitiesOnly: 'yes',
    LogLevel: 'ERROR',
    StrictHostKeyChecking: 'no',
    UserKnownHostsFile: '/dev/null',
  };
  return [
    ...['ssh', '-F', '/dev/null', '-i', await sshKey(), '-p', `${port}`],
    ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    ...options,
    'root@127.0.0.1',
    // ssh joins the words with blanks, and the shell there takes them apart.
    ...(argv.length === 0 ? [] : [argv.map(quote).join(' ')]),
  ];
}
