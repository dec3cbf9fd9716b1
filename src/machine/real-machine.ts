import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync } from 'node:fs';
import { machine as kernelMachine, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { CrossgradeError } from '../base/error.ts';
import type { Machine, StandInPrograms } from '../base/machine.ts';
import { mountOf } from '../base/mount.ts';
import type { RootPath, WalkedFile } from '../base/root.ts';
import { emulatedByKernel } from './emulated.ts';
import { findElfFiles } from './files/elf-files.ts';
import { fetchFile } from './files/fetch-file.ts';
import { lockHolder } from './files/file-locks.ts';
import { readTrouble, writeTrouble } from './files/file-trouble.ts';
import { fileUsers } from './files/file-users.ts';
import {
  appendTo,
  copyDurably,
  fileInfo,
  filesystemOf,
  hashFile,
  isForbidden,
  isMissing,
  makeFolders,
  readFrom,
  readPlain,
  removeOne,
  removeWhole,
  walkFrom,
  writeDurably,
  writeFleetingly,
} from './files/files.ts';
import { mounts } from './files/mounts.ts';
import { type HostPath, type ResolveOptions, resolveInRoot } from './files/resolve-in-root.ts';
import { type Place, scanFolders } from './files/scan.ts';
import type { OpenedRoot } from './open-root.ts';
import { searchPath } from './programs/environment.ts';
import { isProcessAlive } from './programs/processes.ts';
import { endProgram, runProgram, startProgram, waitForProgram, withProgram, wordsGiven } from './programs/programs.ts';

/**
 * The `Machine` of an opened root. Programs see the private /dev, /proc and work directory; file methods see the
 * root as it is on disk, and the work directory.
 */
export function realMachine(root: OpenedRoot): Machine {
  const locate = (path: RootPath, options: ResolveOptions): HostPath =>
    root.isInWorkDirectory(path)
      ? resolveInRoot(root.hostWorkDirectory, `/${path.slice(root.workDirectory.length)}`, options)
      : resolveInRoot(root.directory, path, options);
  /** As open(2) sees it. */
  const following = (path: RootPath) => locate(path, { followLast: true });
  /** As lstat(2) sees it. */
  const itself = (path: RootPath) => locate(path, { followLast: false });

  const unreadable = new Set<RootPath>();

  /** What only root can read is not there for an ordinary user's report, which names it. */
  const ifThere = <Value>(path: RootPath, look: () => Value): Value | undefined => {
    try {
      return look();
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (!isForbidden(error) || root.access === 'write') throw readTrouble(path, error) ?? error;
      unreadable.add(path);
      return undefined;
    }
  };

  const reading = <Value>(path: RootPath, read: () => Value): Value => {
    try {
      return read();
    } catch (error) {
      throw readTrouble(path, error) ?? error;
    }
  };

  const isThere = (path: RootPath) => ifThere(path, () => statSync(following(path))) !== undefined;

  /** A disk that is full, read-only or broken is no mistake of ours, and needs clear words. */
  const changing = <Value>(path: RootPath, change: () => Value): Value => {
    try {
      return change();
    } catch (error) {
      throw writeTrouble(path, error) ?? error;
    }
  };

  const toChange = (path: RootPath, find: (path: RootPath) => HostPath): HostPath => {
    if (root.access === 'write' || root.isInWorkDirectory(path)) return find(path);
    throw new CrossgradeError(`A root opened for reading must not be changed: ${path}`, {
      code: 'CG0315',
      hint: 'Nothing has been changed. This is a mistake in crossgrade: please report it.',
    });
  };

  const home = () => mountOf(mounts(), root.directory)?.mountPoint ?? '/';

  /** Without symlinks, inside the root as well. */
  const realPlace = (path: RootPath): Place => {
    const host = following(path);
    const inside = root.directory === '/' ? host : host.slice(root.directory.length);
    return { path: inside === '' ? '/' : (inside as RootPath), host };
  };

  let lent: StandInPrograms | undefined;
  const settingsOf = ({ folder }: StandInPrograms): RootPath => `${folder}/apt.conf`;
  const placed = (folder: RootPath, program: string): string => {
    const other: RootPath = `${folder}/${program}`;
    return program.startsWith('/') && isThere(other) ? other : program;
  };
  /** What programs see, with those that stand in. */
  const entered = (): OpenedRoot => {
    if (lent === undefined) return root;
    const { folder, libraryFolders, aptSettings } = lent;
    const own = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map((name) => `${folder}/${name}`);
    const environment = {
      ...root.environment,
      PATH: [...own, root.environment.PATH ?? searchPath].join(':'),
      ...(libraryFolders.length > 0 && { LD_LIBRARY_PATH: libraryFolders.join(':') }),
      ...(aptSettings !== '' && { APT_CONFIG: settingsOf(lent) }),
    };
    return {
      ...root,
      environment,
      argv: (inside, needs) =>
        root.argv(
          withProgram(inside, (program) => placed(folder, program)),
          needs,
        ),
    };
  };
  return {
    root: root.info,
    get workDirectory() {
      return root.workDirectory;
    },
    unreadable: () => [...unreadable].sort(),

    run: (argv, options) => runProgram(entered(), argv, options),
    standIn(others) {
      const before = lent;
      lent = others;
      if (others !== undefined && others.aptSettings !== '') {
        const { APT_CONFIG: known } = root.environment;
        const first = known === undefined ? '' : `#include "${known}";\n`;
        writeFleetingly(following(settingsOf(others)), `${first}${others.aptSettings}`, {});
      }
      return before;
    },
    async fetch(address, to, { proxy, mostBytes }) {
      const ofOurs = process.env[address.startsWith('https:') ? 'https_proxy' : 'http_proxy'];
      await fetchFile(address, toChange(to, following), proxy ?? ofOurs ?? '', mostBytes);
    },
    async start(command) {
      const exitFile = toChange(command.exitFile, following);
      // An earlier program's exit code would be taken for this one's.
      removeOne(exitFile);
      const { statusFile, masked = [], ...rest } = command;
      return startProgram(entered(), {
        ...rest,
        exitFile,
        masked: masked.filter(isThere),
        logFile: toChange(command.logFile, following),
        ...(statusFile === undefined ? {} : { statusFile: toChange(statusFile, following) }),
      });
    },
    async wait(handle, exitFile, everyMs, tick) {
      await waitForProgram(handle, everyMs, tick);
      const code = readIfThere(following(exitFile));
      return code !== undefined && /^\d+\n$/.test(code) ? Number(code) : undefined;
    },
    isAlive: async (handle) => isProcessAlive(handle),
    end: endProgram,
    async waitForEarlier(everyMs, goOn) {
      const earlier = root.takenOver ? root.programs() : [];
      for (;;) {
        const atWork = earlier.filter(({ handle }) => isProcessAlive(handle));
        if (atWork.length === 0) return true;
        if (!goOn(atWork.map(({ handle, words }) => ({ pid: handle.pid, words: wordsGiven(words) })))) return false;
        await sleep(everyMs);
      }
    },

    exists: async (path) => isThere(path),
    readText: async (path, encoding) => reading(path, () => readPlain(following(path), encoding)),
    readTextIfThere: async (path) => ifThere(path, () => readPlain(following(path))),
    readTextFrom: async (path, offset) =>
      readFrom(following(path), offset).catch((error: unknown) => {
        throw readTrouble(path, error) ?? error;
      }),
    list: async (path) => ifThere(path, () => readdirSync(following(path)).sort()) ?? [],
    async info(path) {
      const stats = ifThere(path, () => lstatSync(itself(path)));
      return stats && fileInfo(stats);
    },
    readLink: async (path) => readlinkSync(itself(path)),
    async walk(path) {
      const start = itself(path);
      const walked: WalkedFile[] = [];
      for (const found of await walkFrom(start)) {
        const stats = lstatSync(`${start}${found}`, { throwIfNoEntry: false });
        if (stats) walked.push({ path: below(path, found), info: fileInfo(stats) });
      }
      return walked;
    },
    elfFiles: (path) => findElfFiles({ path, host: itself(path) }, home()),
    scan: (paths, options) => scanFolders(outermost(paths.map(realPlace)), options, home()),
    hash: async (path, algorithm) =>
      hashFile(following(path), algorithm).catch((error: unknown) => {
        throw readTrouble(path, error) ?? error;
      }),
    filesystem: async (path) => filesystemOf(following(path)),
    async lockPackages() {
      toChange('/var/lib/dpkg/lock-frontend', following);
      return root.frontendLock.take();
    },
    unlockPackages: () => root.frontendLock.release(),
    lockHolder: async (path) => lockHolder(following(path)),
    usersOf: async (paths) => fileUsers(paths.map(following)),

    write: async (path, content, options = {}) =>
      changing(path, () =>
        (root.isInWorkDirectory(path) ? writeFleetingly : writeDurably)(toChange(path, following), content, options),
      ),
    append: async (path, content, attributes) =>
      changing(path, () => appendTo(toChange(path, following), content, attributes)),
    makeDirectory: async (path, mode) =>
      changing(path, () => {
        const folder = toChange(path, following);
        if (root.isInWorkDirectory(path)) mkdirSync(folder, { recursive: true, mode });
        else makeFolders(folder, mode);
      }),
    copy: async (from, to) => changing(to, () => copyDurably(itself(from), toChange(to, itself))),
    symlink: async (target, path) => symlinkSync(target, toChange(path, itself)),
    remove: async (path) => removeOne(toChange(path, itself)),
    removeTree: async (path) => removeWhole(toChange(path, itself)),

    runningKernel: async () => ({
      // uname lies under `linux32`; since Linux 6.1 there is a file that does not.
      machine: readIfThere('/proc/sys/kernel/arch' as HostPath)?.trim() ?? kernelMachine(),
      release: release(),
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      ...emulation(),
    }),
    async cpuFlags() {
      const [, flags = ''] = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
      return new Set(flags.split(' ').filter((flag) => flag !== ''));
    },
  };
}

/** Without those that lie in another one. */
function outermost(places: readonly Place[]): Place[] {
  const holds = (a: Place, b: Place) => a.path !== b.path && b.path.startsWith(a.path === '/' ? '/' : `${a.path}/`);
  return places.filter(
    (one, index) => !places.some((other, at) => holds(other, one) || (at < index && other.path === one.path)),
  );
}

function below(folder: RootPath, path: string): RootPath {
  if (folder !== '/') return `${folder}${path}`;
  return path === '' ? '/' : (path as RootPath);
}

/** @returns undefined when a part of the path does not exist */
function readIfThere(path: HostPath): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** @returns nothing where programs of this processor alone run */
function emulation(): { readonly emulated?: readonly number[] } {
  const emulated = emulatedByKernel();
  return emulated.length > 0 ? { emulated } : {};
}
