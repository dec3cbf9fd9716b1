import { createHash } from 'node:crypto';
import type { Machine, PackageLock, ProcessHandle, ScanOptions, ScanResult } from '../../../src/base/machine.ts';
import type { Ability, CommandResult, FileInfo, RootInfo, RootPath, WalkedFile } from '../../../src/base/root.ts';

/**
 * A machine whose files are a map and whose programs are a function: for tests of the engine's order, not of what
 * programs do.
 */
export class MemoryMachine implements Machine {
  readonly root: RootInfo;
  readonly workDirectory = '/run/crossgrade-work';
  readonly files = new Map<RootPath, string>();
  /** Every program that was run, its arguments joined by blanks. */
  readonly commands: string[] = [];
  /** Exit codes of programs that fail, by their first word. */
  readonly failing = new Map<string, number>();
  machineName = 'x86_64';
  #changes = 0;

  constructor(can: readonly Ability[] = ['network']) {
    this.root = { kind: 'chroot', can: new Set(can) };
  }

  unreadable(): readonly RootPath[] {
    return [];
  }

  async run(argv: readonly string[]): Promise<CommandResult> {
    this.commands.push(argv.join(' '));
    const exitCode = this.failing.get(argv[0] ?? '') ?? 0;
    return { exitCode, stdout: '', stderr: exitCode === 0 ? '' : `${argv[0]}: it did not work` };
  }

  async exists(path: RootPath): Promise<boolean> {
    return this.files.has(path);
  }

  async readText(path: RootPath): Promise<string> {
    const text = this.files.get(path);
    if (text === undefined) throw new Error(`there is no ${path}`);
    return text;
  }

  async readTextIfThere(path: RootPath): Promise<string | undefined> {
    return this.files.get(path);
  }

  async list(path: RootPath): Promise<string[]> {
    const folder = path === '/' ? path : `${path}/`;
    const inside = [...this.files.keys()].filter((one) => one.startsWith(folder));
    return [...new Set(inside.map((one) => one.slice(folder.length).split('/')[0] ?? ''))].sort();
  }

  async info(path: RootPath): Promise<FileInfo | undefined> {
    const text = this.files.get(path);
    const times = { mtime: this.#changes, mtimeMs: this.#changes * 1000 };
    return text === undefined
      ? undefined
      : { type: 'file', mode: 0o644, uid: 0, gid: 0, bytes: Buffer.byteLength(text), ...times };
  }

  async walk(path: RootPath): Promise<WalkedFile[]> {
    const paths = [...this.files.keys()].filter((one) => one === path || one.startsWith(`${path}/`)).sort();
    const walked: WalkedFile[] = [];
    for (const one of paths) {
      const info = await this.info(one);
      if (info) walked.push({ path: one, info });
    }
    return walked;
  }

  /** Texts stand for bytes, one a character. */
  async scan<Kind>(paths: readonly RootPath[], options: ScanOptions<Kind>): Promise<ScanResult<Kind>> {
    const pruned = [...options.prune].map((folder) => `${folder}/`);
    const found = [...this.files].flatMap(([path, text]) => {
      const below = paths.some((one) => path === one || path.startsWith(`${one}/`));
      if (!below || options.skip.has(path) || pruned.some((folder) => path.startsWith(folder))) return [];
      const kind = options.recognise(Buffer.from(text, 'latin1').subarray(0, 512), path);
      return kind === undefined ? [] : [{ path, kind, uid: 0, bytes: text.length }];
    });
    return { found: found.sort((a, b) => (a.path < b.path ? -1 : 1)), unseen: [] };
  }

  async write(path: RootPath, content: string): Promise<void> {
    this.#changes += 1;
    this.files.set(path, content);
  }

  async append(path: RootPath, content: string): Promise<void> {
    await this.write(path, (this.files.get(path) ?? '') + content);
  }

  async makeDirectory(): Promise<void> {}

  async remove(path: RootPath): Promise<void> {
    this.#changes += 1;
    this.files.delete(path);
  }

  async removeTree(path: RootPath): Promise<void> {
    for (const one of this.files.keys()) if (one.startsWith(`${path}/`)) await this.remove(one);
  }

  async runningKernel(): Promise<{ machine: string; release: string; bootId: string }> {
    return { machine: this.machineName, release: '6.1.0', bootId: 'boot' };
  }

  async cpuFlags(): Promise<ReadonlySet<string>> {
    return new Set(['lm']);
  }

  async isAlive(): Promise<boolean> {
    return false;
  }

  waitForEarlier: Machine['waitForEarlier'] = async () => true;

  readonly standIn = (): undefined => undefined;
  readonly fetch = (): Promise<void> => unsupported('fetch');
  readonly end = (): Promise<void> => unsupported('end');
  readonly start = (): Promise<ProcessHandle> => unsupported('start');
  readonly wait = (): Promise<number> => unsupported('wait');
  /** Counts characters: for files of ASCII alone. */
  readonly readTextFrom = async (path: RootPath, offset: number): Promise<string> =>
    (await this.readText(path)).slice(offset);
  readonly readLink: Machine['readLink'] = () => unsupported('readLink');
  readonly elfFiles = (): Promise<never> => unsupported('elfFiles');
  readonly hash: Machine['hash'] = async (path, algorithm) =>
    createHash(algorithm)
      .update(await this.readText(path))
      .digest('hex');
  readonly filesystem = (): Promise<never> => unsupported('filesystem');
  packageLock: PackageLock = { outcome: 'held' };
  lockPackages = async (): Promise<PackageLock> => this.packageLock;
  unlockPackages = async (): Promise<void> => {};
  readonly lockHolder = async (): Promise<undefined> => undefined;
  readonly usersOf = async (): Promise<never[]> => [];
  readonly copy = (): Promise<void> => unsupported('copy');
  readonly symlink = (): Promise<void> => unsupported('symlink');
}

/** dpkg and filesystems are for the integration tests. */
async function unsupported(method: string): Promise<never> {
  throw new Error(`no ${method} in memory`);
}
