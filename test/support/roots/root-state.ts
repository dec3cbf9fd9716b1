import { createHash } from 'node:crypto';
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { RootPath } from '../../../src/base/root.ts';

export interface RootEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'character-device' | 'block-device' | 'fifo' | 'socket';
  /** Permission bits, setuid and so on included; octal. */
  readonly mode: string;
  /** `uid:gid` */
  readonly owner: string;
  /** Of files only: a folder's size depends on its history. */
  readonly bytes?: number;
  /** sha256 of a file, target of a symlink, numbers of a device. */
  readonly content?: string;
}

/** What a root consists of, without times and inode numbers. In order of the paths. */
export type RootState = ReadonlyMap<RootPath, RootEntry>;

/**
 * Left out by default, because programs write there whenever they run: logs, caches, apt's lists,
 * temporary folders, what the kernel provides, and crossgrade's own records. The folders themselves are in it.
 */
export const defaultExclusions: readonly RootPath[] = [
  '/dev',
  '/proc',
  '/run',
  '/sys',
  '/tmp',
  '/var/cache',
  '/var/lib/apt/lists',
  '/var/lib/crossgrade',
  '/var/log',
  '/var/tmp',
];

/**
 * Records a root, to be compared with another record. Does not leave the root's filesystem and follows no symlink.
 *
 * @param excluded folders whose contents, or files that, are left out; a RegExp is matched against the whole path
 */
export function readRootState(
  directory: string,
  excluded: readonly (RootPath | RegExp)[] = defaultExclusions,
): RootState {
  const state = new Map<RootPath, RootEntry>();
  const device = lstatSync(directory).dev;
  const folders = new Set(excluded.filter((each) => typeof each === 'string'));
  const patterns = excluded.filter((each) => each instanceof RegExp);
  const visit = (path: RootPath): void => {
    if (patterns.some((pattern) => pattern.test(path))) return;
    const host = join(directory, path);
    const stats = lstatSync(host);
    if (folders.has(path) && !stats.isDirectory()) return;
    state.set(path, entryOf(host, stats));
    if (!stats.isDirectory() || stats.dev !== device || folders.has(path)) return;
    for (const name of readdirSync(host).sort()) visit(path === '/' ? `/${name}` : `${path}/${name}`);
  };
  visit('/');
  return state;
}

function entryOf(host: string, stats: Stats): RootEntry {
  const common = { mode: (stats.mode & 0o7777).toString(8).padStart(4, '0'), owner: `${stats.uid}:${stats.gid}` };
  if (stats.isFile()) return { type: 'file', ...common, bytes: stats.size, content: hashOf(host) };
  if (stats.isSymbolicLink()) return { type: 'symlink', ...common, content: readlinkSync(host) };
  if (stats.isDirectory()) return { type: 'directory', ...common };
  if (stats.isFIFO()) return { type: 'fifo', ...common };
  if (stats.isSocket()) return { type: 'socket', ...common };
  return { type: stats.isBlockDevice() ? 'block-device' : 'character-device', ...common, content: `${stats.rdev}` };
}

const buffer = Buffer.alloc(2 ** 20);

function hashOf(file: string): string {
  const hash = createHash('sha256');
  const descriptor = openSync(file, 'r');
  try {
    for (;;) {
      const bytes = readSync(descriptor, buffer);
      if (bytes === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytes));
    }
  } finally {
    closeSync(descriptor);
  }
}

export interface RootDifference {
  readonly path: RootPath;
  readonly change: 'added' | 'removed' | 'changed';
  /** For `changed`: which of the entry's fields. */
  readonly fields: readonly (keyof RootEntry)[];
  readonly before?: RootEntry;
  readonly after?: RootEntry;
}

/** @returns what is different, sorted by path; empty when the roots are the same */
export function diffRootStates(before: RootState, after: RootState): RootDifference[] {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path) => differenceAt(path, before.get(path), after.get(path)) ?? []);
}

const comparedFields = ['type', 'mode', 'owner', 'bytes', 'content'] as const;

function differenceAt(path: RootPath, before?: RootEntry, after?: RootEntry): RootDifference | undefined {
  if (before === undefined) return after && { path, change: 'added', fields: [], after };
  if (after === undefined) return { path, change: 'removed', fields: [], before };
  const fields = comparedFields.filter((field) => before[field] !== after[field]);
  return fields.length === 0 ? undefined : { path, change: 'changed', fields, before, after };
}
