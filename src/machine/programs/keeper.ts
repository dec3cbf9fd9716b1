import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import keeperScript from '#guest/root/keeper.sh';
import { CrossgradeError } from '../../base/error.ts';
import type { ProcessHandle } from '../../base/machine.ts';
import { mountOf } from '../../base/mount.ts';
import { isMissing } from '../files/files.ts';
import { missingResolver } from '../files/missing-resolver.ts';
import { mounts } from '../files/mounts.ts';
import { resolveInRoot } from '../files/resolve-in-root.ts';
import { cleanEnvironment } from './environment.ts';
import {
  commandLine,
  isOurUsers,
  isProcessAlive,
  kill,
  ownHandle,
  parentOf,
  pidNamespace,
  processHandle,
  processIds,
  waitForEnd,
} from './processes.ts';

export type Access = 'read' | 'write';

/** The process that holds a root's private namespaces, and outlives us. */
export interface Keeper {
  readonly handle: ProcessHandle;
  /** Host directory that the root sees as its work directory. */
  readonly work: string;
}

export interface KeeperOptions {
  readonly directory: string;
  readonly access: Access;
  readonly work: string;
  /** Host path of the file to mount policy-rc.d on; '' when opened for reading. */
  readonly policy: string;
  /** We made that file, so the keeper deletes it when nobody else does. */
  readonly policyIsOurs: boolean;
  /**
   * For a view. Neither network nor shared memory of the host is there, unless a program is said to need the network;
   * nor can its disks and its kernel be written to.
   */
  readonly isIsolated: boolean;
}

/** `$0` of `sh -c`, by which keepers are found. The number changes when the script's arguments do. */
const keeperName = 'crossgrade-keeper-3';

export async function startKeeper(options: KeeperOptions): Promise<Keeper> {
  const { directory, access, work } = options;
  const inside = (path: `/${string}`) => resolveInRoot(directory, path, { followLast: true });
  const owner = ownHandle();
  const unshare = [
    ...(isRoot() ? [] : ['--user', '--map-root-user']),
    '--mount',
    '--propagation',
    'private',
    '--pid',
    ...(options.isIsolated ? isolation : []),
    '--fork',
    '--',
    'sh',
    '-c',
    keeperScript,
    keeperName,
  ];
  const places = [directory, options.isIsolated ? 'view' : access, inside('/dev'), inside('/proc'), inside('/tmp')];
  const leavings = [options.policy, options.policyIsOurs ? 'yes' : 'no', work, stickyOptions(directory)];
  const { run, file } = missingResolver(directory) ?? { run: '', file: '' };
  const words = [...places, ...leavings, `${owner.pid}`, owner.startTicks, run, file];
  const child = spawn('unshare', [...unshare, ...words], {
    cwd: '/',
    env: cleanEnvironment(),
    // A session of its own: neither Ctrl-C nor a lost terminal reaches it.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const pid = await new Promise<number>((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.endsWith('\n')) resolve(Number(stdout));
    });
    child.on('error', (error) => reject(noNamespace(directory, error.message)));
    child.on('close', () => reject(noNamespace(directory, stderr)));
  });
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
  const handle = processHandle(pid);
  if (!handle) throw noNamespace(directory, `process ${pid} ended at once`);
  // A server that a script starts for a moment may want to hear itself; where there is no ip, it does not.
  if (options.isIsolated) spawnSync('nsenter', ['--target', `${pid}`, '--net', 'ip', 'link', 'set', 'lo', 'up']);
  return { handle, work };
}

/** A keeper that an earlier crossgrade left behind. */
export interface FoundKeeper {
  readonly keeper: Keeper;
  /** undefined when it is dead, and the keeper may be taken over. */
  readonly owner: ProcessHandle | undefined;
}

/**
 * Looks for a living keeper that opened this root for writing. The state file need not know of it: the process tells
 * by itself, and it must hold this very directory, not an earlier one of the same name.
 */
export function findKeeper(directory: string): FoundKeeper | undefined {
  const found = livingKeepers().find(
    ({ root, access, handle }) => root === directory && access === 'write' && holdsDirectory(handle, directory),
  );
  return found && { keeper: found, owner: livingOwner(found.handle, directory) };
}

/** Work directories that living keepers show to their roots. */
export function workDirectoriesInUse(): ReadonlySet<string> {
  return new Set(livingKeepers().map(({ work }) => work));
}

function livingKeepers(): (Keeper & { readonly root: string | undefined; readonly access: string | undefined })[] {
  return processIds().flatMap((pid) => {
    const words = commandLine(pid);
    const handle =
      words?.[0] === 'sh' && words[3] === keeperName && isFirst(pid) && isOurUsers(pid)
        ? processHandle(pid)
        : undefined;
    if (!words || !handle) return [];
    const [root, access, , , , , , work = ''] = words.slice(4);
    return [{ handle, work, root, access }];
  });
}

/** In its pid namespace. A program that a keeper is about to start looks like the keeper for a moment. */
function isFirst(pid: number): boolean {
  try {
    return /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * From now on the keeper lives as long as we do.
 *
 * @returns false when it was too late, or too early: the keeper of a dead crossgrade ends, and it has ended now
 */
export async function takeOver({ handle }: Keeper, directory: string): Promise<boolean> {
  const { pid, startTicks } = ownHandle();
  const file = ownerFile(handle, directory);
  try {
    const descriptor = openSync(file, 'r+');
    try {
      ftruncateSync(descriptor);
      writeSync(descriptor, `${pid} ${startTicks}\n`);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (!isMissing(error) && isProcessAlive(handle)) throw error;
  }
  // A keeper about to end moves the file away; it puts it back when it then finds us in it.
  while (isProcessAlive(handle)) {
    if (existsSync(file) && readFileSync(file, 'utf8').startsWith(`${pid} `)) return true;
    await sleep(20);
  }
  return false;
}

/** Ends every program in the namespaces with it, and undoes all its mounts. */
export async function endKeeper({ handle }: Keeper): Promise<void> {
  // Outside the namespaces, and about to write the exit codes of the programs that end now.
  const wrappers = programWrappers(handle);
  kill(handle);
  for (const each of [handle, ...wrappers]) {
    // A keeper is gone only when the kernel has ended the last program of its pid namespace.
    if (await waitForEnd(each, 30_000)) continue;
    throw new CrossgradeError('Programs in the root do not end', {
      code: 'CG0312',
      hint: `Nothing else is started. Look at process ${each.pid} with \`ps\`; it may wait for a disk.`,
    });
  }
}

/** `$0` of the `sh -c` that waits for a long program; its exit file and the words of `enter` follow. */
export const programName = 'crossgrade-program';

function programWrappers({ pid }: ProcessHandle): ProcessHandle[] {
  return processIds().flatMap((id) => {
    const words = commandLine(id);
    const isOne = words?.[3] === programName && enters(words, pid) && isOurUsers(id);
    const handle = isOne ? processHandle(id) : undefined;
    return handle ? [handle] : [];
  });
}

/** The argv that runs a program in the keeper's namespaces, in the root. */
export function enter(
  { handle }: Keeper,
  directory: string,
  access: Access,
  argv: readonly string[],
  { isIsolated = false, needsNetwork = false } = {},
): string[] {
  if (!isProcessAlive(handle)) {
    throw new CrossgradeError(`The private namespace of ${directory} has ended`, {
      code: 'CG0311',
      hint: 'Someone ended its process, and with it all programs in the root. Go on with `crossgrade resume`.',
    });
  }
  const less = access === 'read' ? withoutMountRights : isIsolated ? withoutHostRights : [];
  const isolated = isIsolated ? isolation.filter((name) => !(needsNetwork && name === '--net')) : [];
  return [...enterWords(handle.pid), ...isolated, '--', ...less, 'chroot', directory, ...argv];
}

/** Namespaces in which nothing of the host's network and memory is; the words of unshare(1), and of nsenter(1). */
const isolation: readonly string[] = ['--net', '--ipc', '--uts'];

/**
 * A program in a root opened for reading cannot make it writable again: it may neither mount nor make a device of the
 * disk, and does not get at the keeper, which is outside.
 */
const withoutMountRights: readonly string[] = [
  'setpriv',
  '--inh-caps=-all',
  '--bounding-set=-sys_admin,-mknod,-sys_ptrace,-sys_rawio,-sys_module',
  '--',
];

/**
 * What a maintainer script in a view may not do to the kernel that the running system has as well: mount, load modules,
 * set the clock, start it anew.
 */
const withoutHostRights: readonly string[] = [
  'setpriv',
  '--inh-caps=-all',
  '--bounding-set=-sys_admin,-sys_rawio,-sys_module,-sys_boot,-sys_time,-sys_ptrace',
  '--',
];

/** A program at work in the namespaces, and its command line. */
export interface EnteredProgram {
  readonly handle: ProcessHandle;
  readonly words: readonly string[];
}

/**
 * Programs that came into the namespaces from outside, by `enter`, and those outside that are about to bring one in.
 * What they have started, and daemons that a maintainer script left behind, are not among them.
 */
export function enteredPrograms({ handle }: Keeper): EnteredProgram[] {
  const namespace = pidNamespace(handle.pid);
  const inside = (pid: number) => pid !== handle.pid && pidNamespace(pid) === namespace;
  return processIds().flatMap((pid) => {
    const words = commandLine(pid) ?? [];
    const entered = inside(pid) && pidNamespace(parentOf(pid)) !== namespace;
    const program = entered || (enters(words, handle.pid) && isOurUsers(pid)) ? processHandle(pid) : undefined;
    return program ? [{ handle: program, words }] : [];
  });
}

function enters(words: readonly string[], pid: number): boolean {
  const start = words.indexOf('nsenter');
  return start >= 0 && enterWords(pid).every((word, index) => words[start + index] === word);
}

function enterWords(pid: number): string[] {
  return ['nsenter', '--target', `${pid}`, '--mount', '--pid', ...(isRoot() ? [] : ownUserNamespace)];
}

/** Ours are the only user and group there, and are called root; they stay what they are. */
const ownUserNamespace: readonly string[] = ['--user', '--preserve-credentials'];

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/** What the mount that a root lies on has, and its read-only view must have as well, as `,nosuid,nodev`. */
function stickyOptions(directory: string): string {
  const options = mountOf(mounts(), directory)?.options;
  return ['nosuid', 'nodev', 'noatime', 'nodiratime', 'relatime']
    .filter((name) => options?.includes(name))
    .map((name) => `,${name}`)
    .join('');
}

function holdsDirectory({ pid }: ProcessHandle, directory: string): boolean {
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/root${directory}`), statSync(directory)];
    return theirs.dev === ours.dev && theirs.ino === ours.ino && statSync(`/proc/${pid}`).uid === 0;
  } catch {
    return false;
  }
}

function livingOwner(keeper: ProcessHandle, directory: string): ProcessHandle | undefined {
  try {
    const [pid = '', startTicks = ''] = readFileSync(ownerFile(keeper, directory), 'utf8').trim().split(' ');
    const owner = { pid: Number(pid), startTicks };
    return isProcessAlive(owner) ? owner : undefined;
  } catch (error) {
    // It is still beginning, or is ending already.
    if (isMissing(error) || !isProcessAlive(keeper)) return undefined;
    throw error;
  }
}

/** On the private /dev, where nothing of the root is hidden by it. */
export const privateFolder = '/dev/crossgrade';

/** The same folder, reached through the keeper's mount namespace. */
export function hostPathOfPrivateFolder({ pid }: ProcessHandle, directory: string): string {
  return `/proc/${pid}/root${directory}${privateFolder}`;
}

function ownerFile(keeper: ProcessHandle, directory: string): string {
  return `${hostPathOfPrivateFolder(keeper, directory)}/owner`;
}

function noNamespace(directory: string, words: string): CrossgradeError {
  const details = words.split('\n').filter((line) => line !== '');
  if (!isRoot()) {
    return new CrossgradeError(`An ordinary user cannot look into ${directory} on this machine`, {
      code: 'CG0319',
      hint:
        'Nothing has been changed. Programs of a root in a folder need namespaces of their own, which only root may ' +
        'make here: run the same command as root, for example with `sudo`.',
      details,
    });
  }
  return new CrossgradeError(`Can't make a private namespace for ${directory}`, {
    code: 'CG0309',
    hint:
      'Nothing has been changed. Containers often forbid mounts: run crossgrade on the machine itself, or in a ' +
      'container that may mount and make device nodes.',
    details,
  });
}
