/** A path as programs inside the root see it. */
export type RootPath = `/${string}`;

/** `init`: systemd runs. `boot`: it has a kernel and a boot of its own. `live`: it is the running system. */
export type Ability = 'init' | 'boot' | 'network' | 'live';

export interface RootInfo {
  readonly kind: 'host' | 'chroot';
  readonly can: ReadonlySet<Ability>;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FileInfo {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  /** Permission bits, setuid and so on included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly bytes: number;
  /** Whole seconds. */
  readonly mtime: number;
  /** As precise as the filesystem is. */
  readonly mtimeMs: number;
}

export interface WalkedFile {
  readonly path: RootPath;
  readonly info: FileInfo;
}

export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
