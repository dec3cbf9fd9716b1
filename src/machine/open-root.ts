import { CrossgradeError } from '../base/error.ts';
import type { ProcessHandle } from '../base/machine.ts';
import { isAtOrBelow, type RootInfo, type RootPath } from '../base/root.ts';
import { searchPath } from './programs/environment.ts';
import { FrontendLock } from './programs/frontend-lock.ts';
import { hostAbilities } from './programs/host-abilities.ts';
import { hostPrograms, ownMark } from './programs/host-programs.ts';
import {
  type Access,
  type EnteredProgram,
  endKeeper,
  enter,
  enteredPrograms,
  findKeeper,
  hostPathOfPrivateFolder,
  type Keeper,
  privateFolder,
  startKeeper,
  takeOver,
  workDirectoriesInUse,
} from './programs/keeper.ts';
import { maskBootPrograms, type VolatileFolder } from './programs/masked-programs.ts';
import { makePolicyMountPoint } from './programs/policy-mount-point.ts';
import { noGuard, type ShutdownGuard, shutdownGuard } from './programs/shutdown-guard.ts';
import { validateRoot } from './root-validation.ts';
import { makeWorkDirectory, removeStaleWorkDirectories, removeWorkDirectory } from './work-directory.ts';

export interface OpenRootOptions {
  /**
   * `read`: nothing in the root can change, and for a chroot the kernel sees to it. `write`: the caller holds the
   * lock of this root; maintainer scripts start no services.
   */
  readonly access: Access;
  /** Programs may be missing. */
  readonly isRescue?: boolean;
}

export interface OpenedRoot {
  readonly info: RootInfo;
  /** On the host, without symlinks. For src/machine alone: a step must not know it. */
  readonly directory: string;
  readonly access: Access;
  /** An empty private folder, as programs in the root see it, where even a root opened for reading can be written. */
  readonly workDirectory: RootPath;
  /** The same folder on the host. */
  readonly hostWorkDirectory: string;
  /** Whether the path is in the work directory, or the directory itself. */
  isInWorkDirectory(path: RootPath): boolean;
  /** For what only programs need; never on a disk. */
  readonly volatileFolder: VolatileFolder;
  /** The process that holds the private namespaces; absent on the host itself. */
  readonly namespace?: ProcessHandle;
  /** We took over namespaces that a killed crossgrade left, because a program of its may still run in them. */
  readonly takenOver: boolean;
  /** At work in the private namespaces: what a killed crossgrade had started, and what we did. */
  programs(): EnteredProgram[];
  /** Not held until it is taken. */
  readonly frontendLock: FrontendLock;
  /** What programs need to know besides the usual environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Is told of each program that must not be cut short. */
  readonly guard: ShutdownGuard;
  /** What to execute on the host, so that a program runs in the root. */
  argv(inside: readonly string[]): string[];
  /**
   * Ends every program in the root's namespaces and leaves the root as it was found. Who wants a long program to go
   * on just does not close: its namespaces end by themselves once it has ended and we have.
   */
  close(): Promise<void>;
}

/**
 * Makes a Debian tree ready to run its own programs. Other roots than the host's are entered in mount and pid
 * namespaces of their own, with their own /proc, a small /dev, and a policy-rc.d that keeps services from starting;
 * a process of its own holds them, so that dpkg survives us. Nothing of it is visible, or stays, outside.
 *
 * @param path as the administrator typed it
 * @throws {CrossgradeError} CG0301 to CG0310, CG0318, CG0319
 */
export async function openRoot(path: string, { access, isRescue = false }: OpenRootOptions): Promise<OpenedRoot> {
  const directory = validateRoot(path, access, isRescue);
  // A strict umask of the administrator's session must not reach the files that maintainer scripts make.
  process.umask(0o022);
  const found = directory === '/' || access === 'read' ? undefined : await adoptKeeper(directory);
  if (directory === '/') return openHost(access);
  removeStaleWorkDirectories(workDirectoriesInUse);

  const mountPoint = access === 'write' ? makePolicyMountPoint(directory) : undefined;
  const cleanUp = (work: string) => {
    mountPoint?.remove();
    removeWorkDirectory(work);
  };
  const keeper = found ?? (await start());
  const frontendLock = new FrontendLock(directory);
  const workDirectory: RootPath = `${privateFolder}/work`;
  const volatileFolder: VolatileFolder = {
    inRoot: privateFolder,
    onHost: hostPathOfPrivateFolder(keeper.handle, directory),
  };
  return {
    info: { kind: 'chroot', can: new Set(['network'] as const) },
    directory,
    access,
    workDirectory,
    hostWorkDirectory: keeper.work,
    isInWorkDirectory: (path) => isAtOrBelow(path, workDirectory),
    volatileFolder,
    namespace: keeper.handle,
    takenOver: found !== undefined,
    frontendLock,
    programs: () => enteredPrograms(keeper),
    environment: {
      ...(access === 'write' && pathWithoutBoot(volatileFolder, true)),
      // In a user namespace of our own there is no other user that apt could become.
      ...(process.geteuid?.() !== 0 && { APT_CONFIG: `${privateFolder}/apt-without-sandbox.conf` }),
    },
    guard: noGuard,
    argv: (inside) => enter(keeper, directory, access, inside),
    async close() {
      await endKeeper(keeper);
      cleanUp(keeper.work);
      await frontendLock.release();
    },
  };

  async function start(): Promise<Keeper> {
    const work = makeWorkDirectory();
    try {
      const policy = mountPoint?.path ?? '';
      return await startKeeper({ directory, access, work, policy, policyIsOurs: mountPoint?.ours ?? false });
    } catch (error) {
      cleanUp(work);
      throw error;
    }
  }
}

function openHost(access: Access): OpenedRoot {
  let made: string | undefined;
  /** What only looks, `status` foremost, may never need one. */
  const work = (): string => {
    if (made === undefined) {
      removeStaleWorkDirectories(workDirectoriesInUse);
      made = makeWorkDirectory();
    }
    return made;
  };
  if (access === 'write') work();
  const can = hostAbilities();
  const frontendLock = new FrontendLock('/');
  const volatileFolder = { inRoot: '/run/crossgrade', onHost: '/run/crossgrade' } as const;
  return {
    info: { kind: 'host', can },
    directory: '/',
    access,
    get workDirectory() {
      return work() as RootPath;
    },
    get hostWorkDirectory() {
      return work();
    },
    isInWorkDirectory: (path) => made !== undefined && isAtOrBelow(path, made),
    volatileFolder,
    takenOver: access === 'write' && hostPrograms().length > 0,
    frontendLock,
    programs: hostPrograms,
    environment: { ...ownMark, ...(access === 'write' && !can.has('boot') && pathWithoutBoot(volatileFolder, false)) },
    guard: access === 'write' && can.has('init') ? shutdownGuard : noGuard,
    argv: (inside) => [...inside],
    async close() {
      if (made !== undefined) removeWorkDirectory(made);
      await frontendLock.release();
    },
  };
}

/** No program that we start in the root reaches a boot loader. */
function pathWithoutBoot(place: VolatileFolder, isFolder: boolean): Record<string, string> {
  return { PATH: `${maskBootPrograms(place, isFolder)}:${searchPath}` };
}

/** The namespaces that a killed crossgrade left, unless they are about to end. */
async function adoptKeeper(directory: string): Promise<Keeper | undefined> {
  const found = findKeeper(directory);
  if (found?.owner) throw alreadyOpen(directory, found.owner);
  return found && (await takeOver(found.keeper, directory)) ? found.keeper : undefined;
}

function alreadyOpen(directory: string, owner: ProcessHandle): CrossgradeError {
  return new CrossgradeError(`Another crossgrade is working on ${directory}`, {
    code: 'CG0310',
    exitCode: 5,
    hint: 'Nothing has been changed. See how far it is with `crossgrade status`, or wait until it has ended.',
    details: [`process ${owner.pid}`],
  });
}
