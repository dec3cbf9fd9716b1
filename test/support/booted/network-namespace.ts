import type { ChildProcess } from 'node:child_process';
import { lstatSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Machine } from '../../../src/base/machine.ts';
import type { CommandResult, FileInfo, RootPath } from '../../../src/base/root.ts';
import { MemoryMachine } from '../recorded/memory-machine.ts';
import { endChild, mustRun, type Ran, runProgram, startTied } from '../runs/host-programs.ts';

/** A network of its own, with nothing in it but `lo`: what is done in it does nothing to this machine's. */
export interface NetworkNamespace {
  /** Its programs are this machine's, at work in the namespace; so are its files. What is written lies in memory. */
  readonly machine: Machine;
  /** A folder of its own. */
  readonly folder: RootPath;
  run(...argv: string[]): Promise<Ran>;
  /** Lines of a shell script, which ends at the first that fails. */
  shell(...lines: string[]): Promise<string>;
  close(): Promise<void>;
}

export async function openNetworkNamespace(): Promise<NetworkNamespace> {
  const holder = startTied(['unshare', '--net', '--', 'sh', '-c', 'echo ready; exec sleep infinity'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    holder.once('exit', reject);
    holder.stdout?.once('data', resolve);
  });
  const enter = ['nsenter', `--net=/proc/${holder.pid}/ns/net`, '--'];
  const folder = (await mkdtemp(join(tmpdir(), 'crossgrade-network-'))) as RootPath;
  return {
    machine: new NamespaceMachine(enter),
    folder,
    run: (...argv) => runProgram([...enter, ...argv]),
    shell: (...lines) => mustRun([...enter, 'sh', '-ec', lines.join('\n')]),
    close: async () => {
      await end(holder);
      await rm(folder, { recursive: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  child.removeAllListeners('exit');
  await endChild(child);
}

class NamespaceMachine extends MemoryMachine {
  readonly #enter: readonly string[];

  constructor(enter: readonly string[]) {
    super(['init', 'live']);
    this.#enter = enter;
  }

  override async run(argv: readonly string[]): Promise<CommandResult> {
    const { exitCode, stdout, stderr } = await runProgram([...this.#enter, ...argv]).catch((error) => ({
      exitCode: 127,
      stdout: '',
      stderr: String(error),
    }));
    return { exitCode: exitCode ?? 137, stdout, stderr };
  }

  /** Much below /proc is what the reader's own namespace has. */
  override async readTextIfThere(path: RootPath): Promise<string | undefined> {
    const { exitCode, stdout } = await this.run(['cat', path]);
    return exitCode === 0 ? stdout : undefined;
  }

  override async info(path: RootPath): Promise<FileInfo | undefined> {
    const info = lstatSync(path, { throwIfNoEntry: false });
    return info && { ...plain, type: info.isSymbolicLink() ? 'symlink' : 'file' };
  }

  override readonly readLink = async (path: RootPath): Promise<string> => readlinkSync(path);
}

const plain = { mode: 0o644, uid: 0, gid: 0, bytes: 0, mtime: 0, mtimeMs: 0 };
