import type { CommandResult, FileInfo, RootInfo, RootPath, WalkedFile } from './root.ts';

/**
 * A variable of the environment of every program that we start on the running system; a daemon that one of them leaves
 * behind must not have it.
 */
export const programMark = 'CROSSGRADE_PROGRAM';

export interface NetworkNeed {
  /** Also from within a view of a root, which has no network. */
  readonly needsNetwork?: boolean;
}

export interface CommandOptions extends NetworkNeed {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly workingDirectory?: RootPath;
  /** The running system is neither shut down nor suspended meanwhile, without need. */
  readonly keepsHostUp?: boolean;
}

/** Programs that run in the place of a root's own. */
export interface StandInPrograms {
  /** In the work directory. */
  readonly folder: RootPath;
  /** Of it, with libraries that the root lacks. */
  readonly libraryFolders: readonly RootPath[];
  /** In the words of apt.conf(5); '' for none. */
  readonly aptSettings: string;
}

export interface FetchOptions {
  /** '' for none; absent: that of our own environment. */
  readonly proxy?: string;
  /** More than this is an error. */
  readonly mostBytes: number;
}

/** A program that lives on when we die. */
export interface LongCommand extends NetworkNeed {
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly workingDirectory?: RootPath;
  /** Where stdout and stderr go: an open file, appended to. */
  readonly logFile: RootPath;
  /** Where file descriptor 3 goes (dpkg --status-fd 3), truncated first; absent: descriptor 3 is not open. */
  readonly statusFile?: RootPath;
  /** Gets the exit code when the program has ended, whether or not we live to see it. */
  readonly exitFile: RootPath;
  /** Programs that do nothing, and succeed, as long as this one runs; those that are not there are left out. */
  readonly masked?: readonly RootPath[];
  /** `end` may end it, and so may a shutdown of the host: nothing is lost. */
  readonly mayBeCutShort?: boolean;
}

/** Enough to find a living program again after our own death. */
export interface ProcessHandle {
  /** On the host, not in the root's pid namespace. */
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: tells it from a later process of the same pid. */
  readonly startTicks: string;
}

/** A program that a crossgrade has left at work. */
export interface EarlierProgram {
  readonly pid: number;
  readonly words: readonly string[];
}

export interface ElfFile {
  readonly path: RootPath;
  readonly bits: 32 | 64;
}

/** A process of this machine that has something of a root in use. */
export interface FileUser {
  readonly pid: number;
  readonly parent: number;
  /** As the kernel calls it, up to 15 characters. */
  readonly program: string;
  /** What it was started with, or what it calls itself since. */
  readonly words: readonly string[];
}

/** What a scan of many files looks for. */
export interface ScanOptions<Kind> {
  /** Plain files that are not opened. */
  readonly skip: ReadonlySet<string>;
  /** Folders that are not entered. */
  readonly prune: ReadonlySet<string>;
  /** Local filesystems mounted below are entered, each once; network and virtual ones never. */
  readonly otherFilesystems: boolean;
  /**
   * @param head the first 512 bytes, or fewer where the file is shorter; only valid during the call
   * @returns undefined for a file that is of no interest
   */
  recognise(head: Uint8Array, path: RootPath): Kind | undefined;
}

export interface ScanFound<Kind> {
  readonly path: RootPath;
  readonly kind: Kind;
  readonly uid: number;
  readonly bytes: number;
}

/** `name`: it is not UTF-8, so that we cannot say it. `remote`: on a network or virtual filesystem. */
export interface ScanUnseen {
  readonly path: RootPath;
  readonly why: 'forbidden' | 'remote' | 'name' | 'unreadable';
  /** Of the filesystem: `nfs4`. */
  readonly type?: string;
}

export interface ScanResult<Kind> {
  /** Sorted by path. */
  readonly found: readonly ScanFound<Kind>[];
  readonly unseen: readonly ScanUnseen[];
}

export interface FilesystemInfo {
  /** Equal for two paths on one filesystem. */
  readonly device: number;
  readonly freeBytes: number;
  readonly freeInodes: number;
  /** The filesystem has a fixed number of inodes. */
  readonly countsInodes: boolean;
}

/** `unavailable`: no program is there that could take it. */
export type PackageLock =
  | { readonly outcome: 'held' }
  /** `apt-get (process 4711)` */
  | { readonly outcome: 'busy'; readonly holder: string }
  | { readonly outcome: 'unavailable'; readonly why: string };

/** The only way to a system. The implementation is in src/machine; tests of pure code use one in memory. */
export interface Machine {
  readonly root: RootInfo;
  /**
   * A private folder for apt's own lists and caches, 0755, empty at first: not part of the root, gone when it is
   * closed, and writable even where nothing in the root may change. Differs from run to run; a run that takes over a
   * killed one's namespaces finds that one's.
   */
  readonly workDirectory: RootPath;
  /**
   * What an ordinary user was not allowed to look at so far, sorted. For `exists`, `readTextIfThere`, `list` and `info`
   * it is not there; of what must be there, `readText` and `hash` throw.
   */
  unreadable(): readonly RootPath[];
  /** Runs to the end and never throws for an exit code. LC_ALL=C.UTF-8, DEBIAN_FRONTEND=noninteractive. */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /**
   * From now on programs of this folder, a tree like the root's, are run in the place of the root's own ones.
   *
   * @param others undefined: the root's own again
   * @returns what it was before
   */
  standIn(others: StandInPrograms | undefined): StandInPrograms | undefined;
  /**
   * Fetches a file into the work directory, without any program. The sum is for who asks to compare.
   *
   * @throws {CrossgradeError} CG0377
   */
  fetch(address: string, to: RootPath, options: FetchOptions): Promise<void>;
  /** Starts a program that outlives us. */
  start(command: LongCommand): Promise<ProcessHandle>;
  /** Waits for a program that `start` gave; undefined when it ended without leaving an exit code (killed, power cut). */
  wait(
    handle: ProcessHandle,
    exitFile: RootPath,
    everyMs: number,
    tick: () => Promise<void> | void,
  ): Promise<number | undefined>;
  isAlive(handle: ProcessHandle): Promise<boolean>;
  /** Ends a program that `start` gave and that may be cut short, with what it has started, and waits until they are gone. */
  end(handle: ProcessHandle): Promise<void>;
  /**
   * Waits for the programs that a killed crossgrade had started in this root, by `run` or `start`, and that are still
   * at work. Asks `goOn` while there are any.
   *
   * @returns whether they have ended; false when `goOn` has ended the waiting
   */
  waitForEarlier(everyMs: number, goOn: (atWork: readonly EarlierProgram[]) => boolean): Promise<boolean>;

  exists(path: RootPath): Promise<boolean>;
  /** @param encoding `latin1`: each byte is a character, for what goes back with bytes that nobody here has looked at */
  readText(path: RootPath, encoding?: 'utf8' | 'latin1'): Promise<string>;
  /** undefined when there is no such file. */
  readTextIfThere(path: RootPath): Promise<string | undefined>;
  /**
   * From an offset in bytes to the end, but for a last character that is not complete yet. `Buffer.byteLength` of it
   * is how far to go on, whatever the file holds: where it is not UTF-8, `?` stands for each byte that is not ASCII.
   */
  readTextFrom(path: RootPath, offset: number): Promise<string>;
  /** Names, sorted; empty when there is no such directory. */
  list(path: RootPath): Promise<string[]>;
  /** lstat; undefined when there is nothing. */
  info(path: RootPath): Promise<FileInfo | undefined>;
  readLink(path: RootPath): Promise<string>;
  /**
   * Every path below a directory that does not leave its filesystem, sorted, symlinks not followed, itself included;
   * empty when there is nothing. What we may not read is named, but not entered.
   */
  walk(path: RootPath): Promise<WalkedFile[]>;
  /** ELF files below a folder, symlinks not followed, other filesystems left out. */
  elfFiles(path: RootPath): Promise<ElfFile[]>;
  /**
   * The name and the first bytes of every plain file below some folders, or of files named themselves: a million in
   * seconds. A start may be reached by symlinks, and its real path is what comes back; below it none is followed.
   */
  scan<Kind>(paths: readonly RootPath[], options: ScanOptions<Kind>): Promise<ScanResult<Kind>>;
  /** Lower-case hex. */
  hash(path: RootPath, algorithm: 'sha256' | 'md5'): Promise<string>;
  filesystem(path: RootPath): Promise<FilesystemInfo>;
  /**
   * Takes dpkg's frontend lock, until the root is closed or `unlockPackages`: other frontends refuse to work, and say who
   * has it. It is given on to the programs that are run here. A dpkg that outlives us keeps it.
   */
  lockPackages(): Promise<PackageLock>;
  unlockPackages(): Promise<void>;
  /** Who has locked a file as dpkg and apt do: `apt-get (process 4711)`. */
  lockHolder(path: RootPath): Promise<string | undefined>;
  /** Who can write to one of some files that it has open or mapped, or works in one of some folders; inside the root or not. */
  usersOf(paths: readonly RootPath[]): Promise<FileUser[]>;

  /** Atomic and durable: temporary file, fsync, rename, fsync of the folder. Creates missing folders (0755). */
  write(
    path: RootPath,
    content: string,
    options?: {
      readonly mode?: number;
      readonly uid?: number;
      readonly gid?: number;
      readonly mtime?: number;
      /** `latin1`: each character is a byte. */
      readonly encoding?: 'utf8' | 'latin1';
    },
  ): Promise<void>;
  /** What `attributes` names is so before anything is written; a new file is never open to more than that. Else 0644. */
  append(
    path: RootPath,
    content: string,
    attributes?: { readonly mode: number; readonly uid: number; readonly gid: number },
  ): Promise<void>;
  makeDirectory(path: RootPath, mode: number): Promise<void>;
  /** A plain file or a symlink, with mode, owner and time; atomic and durable. Creates missing folders (0755). */
  copy(from: RootPath, to: RootPath): Promise<void>;
  symlink(target: string, path: RootPath): Promise<void>;
  /** A file, a symlink or an empty directory; nothing when it is not there. */
  remove(path: RootPath): Promise<void>;
  /** A whole tree; refuses when anything is mounted below it, never leaves the filesystem. */
  removeTree(path: RootPath): Promise<void>;

  /** Of the host: it is the host's kernel that a chroot runs on. */
  /** `emulated`: `e_machine` of ELF programs that it hands to an emulator. */
  runningKernel(): Promise<{
    readonly machine: string;
    readonly release: string;
    readonly bootId: string;
    readonly emulated?: readonly number[];
  }>;
  cpuFlags(): Promise<ReadonlySet<string>>;
}
