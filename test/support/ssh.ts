import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun, type Ran, type RunOptions, runProgram } from './host-programs.ts';
import { cached } from './roots.ts';

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

/** How to call ssh as root at a port of 127.0.0.1: each call is a connection and a login of its own. */
export async function sshArgv(port: number, argv: readonly string[], ...options: readonly string[]): Promise<string[]> {
  const settings = {
    BatchMode: 'yes',
    ConnectTimeout: '20',
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

/** A new login that runs a program; exit code 255 is ssh's own: no connection, or no login. */
export async function sshLogin(port: number, argv: readonly string[], options?: RunOptions): Promise<Ran> {
  return runProgram(await sshArgv(port, argv), options);
}

export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
