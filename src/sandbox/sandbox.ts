import { constants } from 'node:fs';
import { access, chmod, copyFile, link, mkdtemp, readdir, rename, rmdir, stat, writeFile } from 'node:fs/promises';
import { machine as kernelMachine } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { ensureDir } from 'fs-extra/esm';
import { CrossgradeError } from '../base/error.ts';
import { shellWord } from '../base/shell-word.ts';
import { architecturePairs, runsUnder } from '../debian/architecture.ts';
import { emulatedByKernel } from '../machine/emulated.ts';
import { isMountPoint, mountsBelow } from '../machine/files/mounts.ts';
import { type OpenedRoot, openRoot } from '../machine/open-root.ts';
import { cleanEnvironment } from '../machine/programs/environment.ts';
import { kill } from '../machine/programs/processes.ts';
import { errorCode, type FollowOptions, follow, type SandboxCommandResult } from './follow.ts';
import { machineMirror, machineProxy } from './machine-mirror.ts';

/** What a 32-bit Debian root to try things on shall be. */
export interface SandboxOptions {
  /** A folder that does not exist yet, or is empty. */
  readonly directory: string;
  /** Default: `bookworm`. */
  readonly suite?: string | undefined;
  /** Default: the one that this machine runs, `defaultSandboxArchitecture`. */
  readonly architecture?: string | undefined;
  /** Names to install, without their Recommends, on top of the minimal system. */
  readonly packages: readonly string[];
  /** Default: the one that this machine's apt uses. */
  readonly mirror?: string | undefined;
  /** A folder on this machine where downloaded archives are kept for the next sandbox. */
  readonly archives?: string | undefined;
  /** Told what begins now, in a few words; each takes about half a minute. */
  readonly onStage?: ((text: string) => void) | undefined;
  /** Gets what debootstrap and apt print, line by line. */
  readonly onLine: (line: string) => void;
  /** Ends the work; the half-made folder is removed. */
  readonly signal?: AbortSignal | undefined;
}

/** What `installInSandbox` needs to know of a root that is there already. */
export type SandboxInstallation = Pick<
  SandboxOptions,
  'directory' | 'packages' | 'archives' | 'onStage' | 'onLine' | 'signal'
>;

/**
 * Makes a 32-bit Debian root with debootstrap and apt. It is made under another name beside its place and renamed when
 * complete: what is found under `directory` is never half a system, even after a power cut.
 *
 * @throws {CrossgradeError} CG0401 the folder is in use; CG0402 a program is missing; CG0403 no mirror is known;
 *   CG0404 debootstrap failed; CG0405 apt failed; CG0406 not root;
 *   CG0375 programs of the architecture do not run here
 * @see debootstrap(8)
 */
export async function makeSandbox(options: SandboxOptions): Promise<void> {
  const directory = resolve(options.directory);
  const suite = options.suite ?? 'bookworm';
  refuseWithoutRootRights();
  const existed = await refuseUsedFolder(directory);
  const debootstrap = await findDebootstrap();
  const architecture = options.architecture ?? defaultSandboxArchitecture();
  refuseWhatDoesNotRun(architecture);
  const mirror = (options.mirror ?? (await machineMirror(suite))).replace(/\/+$/, '');
  const proxy = await machineProxy();

  await ensureDir(dirname(directory));
  // A mount point cannot be renamed onto: there the system is made in its final place.
  const inPlace = existed && isMountPoint(directory);
  const making = inPlace ? directory : await mkdtemp(`${directory}.unfinished-`);
  // A root that only its owner may enter is of no use to the users in it.
  await chmod(making, 0o755);
  try {
    const program = [debootstrap, `--arch=${architecture}`, '--variant=minbase'];
    // apt in a minimal system cannot check an https mirror's certificate.
    if (mirror.startsWith('https:')) program.push('--include=ca-certificates');
    if (options.archives !== undefined) {
      await ensureDir(options.archives);
      program.push(`--cache-dir=${resolve(options.archives)}`);
    }
    options.onStage?.(`debootstrap makes a minimal ${suite} system, from ${mirror}`);
    const made = await follow([...unshareAll, ...program, suite, making, mirror], {
      ...options,
      environment: cleanEnvironment(proxy === undefined ? {} : { http_proxy: proxy, https_proxy: proxy }),
    });
    if (made.exitCode !== 0) {
      throw new CrossgradeError(`debootstrap could not make a ${suite} system`, {
        code: 'CG0404',
        details: made.lastLines,
        hint: `Check that ${mirror} has ${suite} for ${architecture}, or name another one: --mirror URL`,
      });
    }
    await writeSources(making, suite, mirror, proxy);
    await installInSandbox({ ...options, directory: making });
    if (!inPlace) await rename(making, directory);
  } catch (error) {
    await removeHalfMade(making, inPlace);
    throw error;
  }
}

/** debootstrap mounts /proc and /sys in the root and leaves them there when it is interrupted. */
const unshareAll = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', '--'];

/**
 * Brings a root's package lists and packages up to date and installs more, without Recommends. Lists stay, archives go.
 *
 * @throws {CrossgradeError} CG0405 when apt cannot install, CG0410 when it cannot fetch its lists
 */
export async function installInSandbox(options: SandboxInstallation): Promise<void> {
  // No service is started: it would listen on this machine's network.
  const root = await openRoot(options.directory, { access: 'write' });
  try {
    const installation = { ...options, root };
    options.onStage?.('apt brings it up to date');
    await apt(installation, ['update']);
    await aptInstall(installation, ['dist-upgrade']);
    if (options.packages.length > 0) {
      options.onStage?.(`apt installs ${options.packages.join(' ')}`);
      await aptInstall(installation, ['install', ...options.packages]);
    }
    await apt(installation, ['clean']);
  } finally {
    await root.close();
  }
}

/** Runs one program inside a root. */
export async function runInSandbox(
  options: Pick<SandboxOptions, 'directory' | 'onLine' | 'signal'>,
  argv: readonly string[],
  keepLines = 30,
): Promise<SandboxCommandResult> {
  const root = await openRoot(options.directory, { access: 'write' });
  try {
    return await followInRoot(root, argv, { ...options, keepLines });
  } finally {
    await root.close();
  }
}

function followInRoot(
  root: OpenedRoot,
  argv: readonly string[],
  options: FollowOptions,
): Promise<SandboxCommandResult> {
  return follow(root.argv(argv), {
    ...options,
    environment: cleanEnvironment(),
    // nsenter's end would not be its child's; the end of the namespace is.
    end: () => root.namespace && kill(root.namespace),
  });
}

interface Installation extends SandboxInstallation {
  readonly root: OpenedRoot;
}

async function apt(options: Installation, argv: readonly string[]): Promise<void> {
  const result = await followInRoot(options.root, ['apt-get', '-y', ...aptSettings, ...argv], options);
  if (result.exitCode === 0) return;
  throw new CrossgradeError(`apt-get ${argv[0]} failed in the new system`, {
    code: argv[0] === 'update' ? 'CG0410' : 'CG0405',
    details: result.lastLines,
    hint: argv[0] === 'install' ? 'Check the names of the packages; each must exist in the suite.' : 'Try again later.',
  });
}

const aptSettings = ['-o', 'APT::Install-Recommends=false', '-o', 'Acquire::Retries=3', '-o', 'Dpkg::Use-Pty=0'];

async function aptInstall(options: Installation, argv: readonly string[]): Promise<void> {
  const inRoot = join(options.directory, 'var/cache/apt/archives');
  if (options.archives === undefined) return apt(options, argv);
  const printUris = ['apt-get', '-qq', '--print-uris', ...aptSettings, ...argv];
  const all = { onLine: () => {}, keepLines: Number.POSITIVE_INFINITY };
  const needed = await followInRoot(options.root, printUris, all);
  for (const line of needed.lastLines) {
    const name = /^'[^']+' (\S+\.deb) /.exec(line)?.[1];
    if (name !== undefined) await linkOrCopy(join(options.archives, name), join(inRoot, name));
  }
  await apt(options, argv);
  await ensureDir(options.archives);
  for (const name of await readdir(inRoot)) {
    if (name.endsWith('.deb')) await linkOrCopy(join(inRoot, name), join(options.archives, name));
  }
}

/** Nothing when the source is not there; a file that is there already is left alone. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EEXIST' || code === 'ENOENT') return;
    const partial = `${to}.copy-${process.pid}`;
    await copyFile(from, partial, constants.COPYFILE_FICLONE);
    await rename(partial, to);
  }
}

async function writeSources(
  directory: string,
  suite: string,
  mirror: string,
  proxy: string | undefined,
): Promise<void> {
  const suites = suite === 'bookworm' ? [suite, `${suite}-updates`] : [suite];
  const lines = suites.map((name) => `deb ${mirror} ${name} main\n`);
  await writeFile(join(directory, 'etc/apt/sources.list'), lines.join(''));
  if (proxy === undefined) return;
  await writeFile(join(directory, 'etc/apt/apt.conf.d/90sandbox-proxy'), `Acquire::http::Proxy "${proxy}";\n`);
}

/** @returns the source of the first pair whose programs run on this machine; of the first one where none does */
export function defaultSandboxArchitecture(): string {
  const kernel = { machine: kernelMachine() };
  const [first] = architecturePairs;
  return (architecturePairs.find(({ source }) => runsUnder(source, kernel)) ?? first)?.source.name ?? '';
}

function refuseWhatDoesNotRun(name: string): void {
  const architecture = architecturePairs.find(({ source }) => source.name === name)?.source;
  const emulated = emulatedByKernel();
  if (architecture === undefined || runsUnder(architecture, { machine: kernelMachine(), emulated })) return;
  throw new CrossgradeError(`Programs of ${name} do not run on this machine`, {
    code: 'CG0375',
    hint: 'Nothing was made. An emulator can run them: apt-get install qemu-user-static binfmt-support, then try again.',
  });
}

function refuseWithoutRootRights(): void {
  if (process.getuid?.() === 0) return;
  throw new CrossgradeError('Making a system needs root rights', {
    code: 'CG0406',
    hint: 'Run the same command with sudo.',
  });
}

/** @returns whether the folder is there already (and empty) */
async function refuseUsedFolder(directory: string): Promise<boolean> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw new CrossgradeError(`${directory} cannot be used as a folder`, {
      code: 'CG0401',
      hint: 'Name a folder that does not exist yet.',
      cause: error,
    });
  }
  if (names.length === 0) return true;
  throw new CrossgradeError(`${directory} is not empty`, {
    code: 'CG0401',
    details: [`It contains ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}. Nothing was changed.`],
    hint: 'Name a folder that does not exist yet, or an empty one.',
  });
}

async function findDebootstrap(): Promise<string> {
  // An ordinary user's PATH, kept by sudo or su, has no sbin.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  for (const folder of folders) {
    const file = join(folder, 'debootstrap');
    if (await isExecutable(file)) return file;
  }
  throw new CrossgradeError('debootstrap is not installed', {
    code: 'CG0402',
    hint: 'Install it: apt-get install debootstrap',
  });
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

async function removeHalfMade(directory: string, keepItself: boolean): Promise<void> {
  const below = mountsBelow(directory);
  if (below.length > 0) {
    throw new CrossgradeError(
      `${directory} is half-made and was left there, because ${below[0]?.mountPoint} is mounted below it`,
      {
        code: 'CG0407',
        hint: `Unmount it, then delete the folder with: rm -r --one-file-system ${shellWord(directory)}`,
      },
    );
  }
  if (keepItself) {
    for (const name of await readdir(directory)) await removeTree(join(directory, name));
  } else {
    await removeTree(directory);
    await rmdir(directory).catch(() => {});
  }
}

async function removeTree(path: string): Promise<void> {
  await follow(['rm', '-rf', '--one-file-system', '--', path], { onLine: () => {} });
}
