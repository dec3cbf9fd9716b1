import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import { mergeStatusUpdates } from '../../../src/debian/package-stanza.ts';
import { pristineRoot } from '../roots/roots.ts';

export type NativeArchitecture = 'i386' | 'amd64';

/** What dpkg said of a call. */
export interface DpkgAnswer {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** File names and instances that it could not deal with, in its words. */
  readonly failed: readonly string[];
  readonly output: string;
}

/**
 * The real dpkg on a database of its own, in a folder in memory. Which architecture is native is built into dpkg: one
 * for amd64 is this machine's, one for i386 is that of a test root, started by its own loader. So no root has to be
 * entered: no package here has scripts.
 */
export class RealDpkg {
  readonly directory: string;
  readonly #programs: Readonly<Record<NativeArchitecture, readonly string[]>>;

  private constructor(programs: Readonly<Record<NativeArchitecture, readonly string[]>>) {
    this.#programs = programs;
    this.directory = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : '/tmp', 'crossgrade-dpkg-'));
    mkdirSync(join(this.directory, 'archives'));
  }

  static async make(): Promise<RealDpkg> {
    const root = await pristineRoot('bookworm-minimal');
    const libraries = ['lib', 'usr/lib'].map((folder) => join(root, folder, 'i386-linux-gnu')).join(':');
    const loader = join(root, 'lib/ld-linux.so.2');
    const programs = { i386: [loader, '--library-path', libraries, join(root, 'usr/bin/dpkg')], amd64: ['dpkg'] };
    for (const [architecture, program] of Object.entries(programs)) {
      const { output } = await execute([...program, '--print-architecture']);
      if (output.trim() !== architecture) throw new Error(`${program.join(' ')} is not for ${architecture}: ${output}`);
    }
    return new RealDpkg(programs);
  }

  /** Begins anew, with this database: stanzas of the status file, and which files each instance has. */
  reset(
    native: NativeArchitecture,
    stanzas: readonly string[],
    lists: Readonly<Record<string, readonly string[]>>,
  ): void {
    for (const folder of ['var', 'usr', 'etc']) {
      rmSync(join(this.directory, folder), { recursive: true, force: true });
    }
    const foreign = native === 'i386' ? 'amd64' : 'i386';
    this.write('var/lib/dpkg/arch', `${native}\n${foreign}\n`);
    this.write('var/lib/dpkg/status', stanzas.map((stanza) => `${stanza}\n\n`).join(''));
    this.write('var/lib/dpkg/info/format', '1\n');
    mkdirSync(join(this.directory, 'var/lib/dpkg/updates'), { recursive: true });
    for (const [owner, paths] of Object.entries(lists)) {
      this.write(`var/lib/dpkg/info/${owner}.list`, `${paths.join('\n')}\n`);
    }
  }

  /** @returns its path, for dpkg */
  addArchive(fileName: string, content: Buffer): string {
    const path = join(this.directory, 'archives', fileName);
    writeFileSync(path, content);
    return path;
  }

  clearArchives(): void {
    rmSync(join(this.directory, 'archives'), { recursive: true, force: true });
    mkdirSync(join(this.directory, 'archives'));
  }

  /** As src/dpkg/system/batch.ts calls it. */
  async run(native: NativeArchitecture, operation: readonly string[]): Promise<DpkgAnswer> {
    const { exitCode, output } = await execute([
      ...this.#programs[native],
      `--root=${this.directory}`,
      '--log=/dev/null',
      '--force-unsafe-io',
      '--abort-after=100000',
      '--force-confdef',
      '--force-confold',
      '--no-triggers',
      ...operation,
    ]);
    const failed = [...output.matchAll(/^dpkg: error processing (?:archive|package) (\S+) \(--[a-z-]+\):/gm)];
    return { exitCode, failed: failed.map((match) => match[1] ?? ''), output };
  }

  packages(): InstalledPackage[] {
    return mergeStatusUpdates(readFileSync(join(this.directory, 'var/lib/dpkg/status'), 'utf8'), 'status', []);
  }

  write(path: string, text: string): void {
    const place = join(this.directory, path);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function execute(argv: readonly string[]): Promise<{ exitCode: number | undefined; output: string }> {
  const [program = '', ...words] = argv;
  return new Promise((resolve) => {
    const options = { env: { PATH: '/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }, maxBuffer: 1 << 26 };
    execFile(program, words, options, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : undefined;
      resolve({ exitCode, output: `${stdout}${stderr}` });
    });
  });
}
