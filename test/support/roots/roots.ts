import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { profilesOf } from '../../../src/cli/arguments/profiles.ts';
import { installInSandbox, makeSandbox, runInSandbox } from '../../../src/sandbox/sandbox.ts';

/** What a pristine root consists of: a minimal system and these packages, installed without their Recommends. */
export interface RootRecipe {
  readonly suite: string;
  /** Another one than i386: where its programs are emulated, that takes long. */
  readonly architecture?: string;
  readonly packages: readonly string[];
}

/** A system of its own to work on: an overlay whose changes are gone after `dispose`. */
export interface FreshRoot {
  readonly directory: string;
  /** Everything that was changed: the overlay's upper folder. For looking, not for writing. */
  readonly changes: string;
  dispose(): Promise<void>;
}

/** A prepared root that does not change any more; any number of fresh roots can start from it. */
export interface FrozenRoot {
  /** Overlay folders, the uppermost first; the last one is the pristine root. */
  readonly layers: readonly string[];
  /** Only after every root that was started from it. */
  dispose(): Promise<void>;
}

/** A name, `bookworm-random-<seed>`, a recipe, or a root that was prepared before. */
export type RootOrigin = string | RootRecipe | FrozenRoot;

/** Raise it when roots are made in another way: older ones in the cache are not used any more. */
const formatVersion = 1;

const cache = process.env.CROSSGRADE_TEST_CACHE ?? '/var/cache/crossgrade-test';
/** On the cache's filesystem: all files of an overlay then have one device number, as on a real system. */
const places = join(cache, 'live');
const run = promisify(execFile);

/** Packages whose builds differ in version or shared files, or that need one that does. */
const awkward = ['ruby-eventmachine', 'tumbler', 'firebird3.0-server-core'];

/**
 * A new root to work on, made from a pristine one in the cache, which is made first when it is not there.
 * The overlay is mounted at the directory itself; nothing is mounted below it.
 */
export async function freshRoot(origin: RootOrigin, { memoryBytes }: FreshRootOptions = {}): Promise<FreshRoot> {
  const layers = typeof origin === 'object' && 'layers' in origin ? origin.layers : [await pristineRoot(origin)];
  return mountOverlay(layers, memoryBytes);
}

export interface FreshRootOptions {
  /** Changes are kept in memory, no more than this: faster than a disk, and a disk that can be full. */
  readonly memoryBytes?: number;
}

/**
 * Freezes a root: it is gone from its place, and what it contained is a layer for new roots.
 * No program may be running in it.
 */
export async function snapshot(root: FreshRoot): Promise<FrozenRoot> {
  const overlay = overlays.get(root);
  if (overlay === undefined) throw new Error(`${root.directory} is no root that can be frozen: disposed of, or frozen`);
  overlays.delete(root);
  await unmount(root.directory);
  await rmdir(root.directory);
  return { layers: [root.changes, ...overlay.lower], dispose: () => removePlace(overlay.place) };
}

/**
 * The folder of a pristine root, made when it is not there. Never change anything in it.
 *
 * @param origin `bookworm-minimal`, `bookworm-server` and so on, `bookworm-random-<seed>`, or a recipe
 */
export async function pristineRoot(origin: string | RootRecipe): Promise<string> {
  const seed = typeof origin === 'string' ? /^([a-z]+)-random-(\d+)$/.exec(origin) : null;
  if (seed !== null)
    return cachedRoot(`${seed[0]}-v${formatVersion}`, (place) => makeRandom(place, seed[1] ?? '', Number(seed[2])));
  const recipe = typeof origin === 'string' ? await namedRecipe(origin) : origin;
  const packages = [...new Set(recipe.packages)].sort();
  const digest = createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12);
  const kind = [recipe.suite, ...(recipe.architecture === undefined ? [] : [recipe.architecture])].join('-');
  const key = packages.length === 0 ? `${kind}-minimal` : `${kind}-${digest}`;
  return cachedRoot(`${key}-v${formatVersion}`, (place) => makeFromRecipe(place, { ...recipe, packages }));
}

/** What was drawn for a random root, and what of it is installed. */
export interface RandomRecord extends RootRecipe {
  readonly seed: number;
  readonly drawn: readonly string[];
  readonly skipped: readonly string[];
}

/** The record beside a pristine root in the cache: its packages and, for a random one, what was drawn. */
export async function rootRecord(pristine: string): Promise<RootRecipe | RandomRecord> {
  return JSON.parse(await readFile(join(pristine, '../made.json'), 'utf8')) as RootRecipe | RandomRecord;
}

async function namedRecipe(name: string): Promise<RootRecipe> {
  const [, suite = '', profile = ''] = /^([a-z]+)-([a-z]+)$/.exec(name) ?? [];
  if (profile === 'awkward') return { suite, packages: awkward };
  const packages = profilesOf('i386')[profile];
  if (packages === undefined) throw new Error(`No test root is called ${name}`);
  return { suite, packages };
}

type Make<Made> = (place: string) => Promise<Made>;

async function cachedRoot(key: string, make: Make<RootRecipe | RandomRecord>): Promise<string> {
  return join(await cached(key, make), 'root');
}

/**
 * A folder of the cache, `<cache>/<key>`, made once, even when two processes ask for it at the same time.
 *
 * @param make fills the folder; what it returns is kept in `made.json`
 */
export async function cached(key: string, make: Make<unknown>): Promise<string> {
  const place = join(cache, key);
  if (existsSync(place)) return place;
  await mkdir(cache, { recursive: true, mode: 0o755 });
  const release = await lock(join(cache, `${key}.lock`));
  try {
    if (existsSync(place)) return place;
    // We hold the lock: these are of attempts that failed or were killed.
    for (const name of await readdir(cache)) {
      if (name.startsWith(`${key}.unfinished-`)) await removeTree(join(cache, name));
    }
    const making = await mkdtemp(join(cache, `${key}.unfinished-`));
    // Tests also look at roots as an ordinary user.
    await chmod(making, 0o755);
    const started = Date.now();
    console.error(`Making ${key} for the tests; its log is ${making}/log`);
    const record = await make(making);
    await writeFile(join(making, 'made.json'), `${JSON.stringify(record, undefined, 2)}\n`);
    await rename(making, place);
    console.error(`Made ${key} for the tests in ${Math.round((Date.now() - started) / 1000)} s`);
    return place;
  } finally {
    release();
  }
}

const archives = join(cache, 'archives');

async function makeFromRecipe(place: string, recipe: RootRecipe): Promise<RootRecipe> {
  const directory = join(place, 'root');
  const onLine = logger(place);
  if (recipe.packages.length === 0) {
    await makeSandbox({ directory, architecture: 'i386', ...recipe, archives, onLine });
  } else {
    await copyTree(await pristineRoot({ ...recipe, packages: [] }), directory);
    await installInSandbox({ directory, packages: recipe.packages, archives, onLine });
  }
  return recipe;
}

async function makeRandom(place: string, suite: string, seed: number): Promise<RandomRecord> {
  const directory = join(place, 'root');
  const onLine = logger(place);
  const minimal = await pristineRoot({ suite, packages: [] });
  const drawn = draw(await mainPackageNames(minimal, suite), 100, seed);
  let wanted = drawn;
  // apt -s cannot know that a maintainer script will fail: then without the names that need that package, once more.
  for (let attempt = 1; ; attempt++) {
    await copyTree(minimal, directory);
    const packages = await installableTogether(directory, wanted);
    const failed: string[] = [];
    const watch = (line: string) => {
      const name = /^dpkg: error processing package ([^ :]+)/.exec(line)?.[1];
      if (name !== undefined) failed.push(name);
      onLine(line);
    };
    try {
      await installInSandbox({ directory, packages, archives, onLine: watch });
      return { suite, packages, seed, drawn, skipped: drawn.filter((name) => !packages.includes(name)) };
    } catch (error) {
      await removeTree(directory);
      const culprits = await thatNeed(minimal, packages, failed);
      if (attempt === 4 || culprits.size === 0) throw error;
      onLine(`Once more without ${[...culprits].join(' ')}: ${failed.join(' ')} failed`);
      wanted = packages.filter((name) => !culprits.has(name));
    }
  }
}

/** The names of `packages` whose installation brings one of `failed`. */
async function thatNeed(
  directory: string,
  packages: readonly string[],
  failed: readonly string[],
): Promise<Set<string>> {
  const culprits = new Set<string>();
  if (failed.length === 0) return culprits;
  for (const name of packages) {
    const lines = await simulate(directory, [name]);
    if (lines?.some((line) => failed.includes(/^Inst (\S+)/.exec(line)?.[1] ?? ''))) culprits.add(name);
  }
  return culprits;
}

/** Every name of the suite's main, from the package list that apt keeps in the root. */
async function mainPackageNames(directory: string, suite: string): Promise<string[]> {
  const folder = join(directory, 'var/lib/apt/lists');
  const file = (await readdir(folder)).find((name) => name.endsWith(`_dists_${suite}_main_binary-i386_Packages`));
  if (file === undefined) throw new Error(`${folder} has no list of ${suite} main for i386`);
  const text = await readFile(join(folder, file), 'utf8');
  return [...text.matchAll(/^Package: (\S+)$/gm)].map((match) => match[1] ?? '').sort();
}

/** The same names for the same seed and list, on every machine. */
function draw(names: readonly string[], count: number, seed: number): string[] {
  const left = [...names];
  const drawn: string[] = [];
  let state = seed >>> 0;
  // mulberry32: small, and good enough to shuffle with.
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(Math.floor(random() * left.length), 1));
  return drawn;
}

/** As many of the names as apt can install at once, earlier ones first. Halves a list that does not go as a whole. */
async function installableTogether(directory: string, names: readonly string[]): Promise<string[]> {
  let chosen: string[] = [];
  const add = async (more: readonly string[]): Promise<void> => {
    if (more.length === 0) return;
    if ((await simulate(directory, [...chosen, ...more])) !== undefined) {
      chosen = [...chosen, ...more];
    } else if (more.length > 1) {
      const half = Math.ceil(more.length / 2);
      await add(more.slice(0, half));
      await add(more.slice(half));
    }
  };
  await add(names);
  return chosen;
}

/** @returns apt's lines, or undefined when the names cannot be installed without removing something */
async function simulate(directory: string, names: readonly string[]): Promise<readonly string[] | undefined> {
  const argv = ['apt-get', '-s', '-y', '--no-remove', '--no-install-recommends', 'install', ...names];
  const result = await runInSandbox({ directory, onLine: () => {} }, argv, Number.POSITIVE_INFINITY);
  return result.exitCode === 0 ? result.lastLines : undefined;
}

/** Appends lines to `<place>/log`, in order. */
function logger(place: string): (line: string) => void {
  let last = Promise.resolve();
  return (line) => {
    last = last.then(() => writeFile(join(place, 'log'), `${line}\n`, { flag: 'a' }));
  };
}

async function copyTree(from: string, to: string): Promise<void> {
  await run('cp', ['-a', '--one-file-system', '--reflink=auto', '--', from, to]);
}

async function removeTree(path: string): Promise<void> {
  const below = (await mountPoints()).filter((point) => point.startsWith(`${path}/`));
  if (below.length > 0) throw new Error(`${below[0]} is mounted below ${path}: it is not removed`);
  await run('rm', ['-rf', '--one-file-system', '--', path]);
}

/**
 * Waits for a lock that no other process holds. The kernel gives it up when this process ends, however that happens:
 * flock's child reads from our pipe until its end.
 */
async function lock(file: string): Promise<() => void> {
  const child: ChildProcess = spawn('flock', ['--exclusive', file, 'sh', '-c', 'echo locked; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => fail(new Error(`flock ${file} ended with exit code ${code}`)));
    child.stdout?.once('data', () => done());
  });
  return () => child.stdin?.end();
}

interface Overlay {
  readonly place: string;
  readonly lower: readonly string[];
}

const overlays = new Map<FreshRoot, Overlay>();

async function mountOverlay(lower: readonly string[], memoryBytes?: number): Promise<FreshRoot> {
  const place = await makePlace();
  const folders = {
    directory: join(place, 'root'),
    changes: join(place, 'layer/changes'),
    work: join(place, 'layer/work'),
  };
  await mkdir(folders.directory);
  await mkdir(join(place, 'layer'));
  try {
    if (memoryBytes !== undefined) await mountMemory(join(place, 'layer'), `${memoryBytes}`);
    await mountLayers(lower, folders);
  } catch (error) {
    if (memoryBytes !== undefined) throw error;
    // In a container the cache is often on an overlay itself, which cannot take another one's changes; memory can.
    await mountMemory(join(place, 'layer'), '80%');
    await mountLayers(lower, folders);
  }
  const root: FreshRoot = {
    directory: folders.directory,
    changes: folders.changes,
    dispose: async () => {
      if (!overlays.delete(root)) return;
      await unmount(folders.directory);
      await removePlace(place);
    },
  };
  overlays.set(root, { place, lower });
  return root;
}

async function mountMemory(folder: string, size: string): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', `mode=755,size=${size},nr_inodes=0`, 'crossgrade-test', folder]);
}

interface OverlayFolders {
  readonly directory: string;
  readonly changes: string;
  readonly work: string;
}

async function mountLayers(lower: readonly string[], folders: OverlayFolders): Promise<void> {
  for (const folder of [folders.changes, folders.work]) await mkdir(folder, { recursive: true, mode: 0o755 });
  const settings = [
    `lowerdir=${lower.join(':')}`,
    `upperdir=${folders.changes}`,
    `workdir=${folders.work}`,
    // fsync costs nothing: the root is thrown away, not recovered.
    'volatile',
    // A folder of the lower layer can be renamed, as on any other filesystem.
    'redirect_dir=on',
    // Inode numbers stay below 2^32: 32-bit programs without large file support need that.
    'xino=off',
    'index=off',
    'metacopy=off',
  ];
  await run('mount', ['-t', 'overlay', '-o', settings.join(','), 'crossgrade-test', folders.directory]);
}

/** A folder of this process, on the cache's filesystem, that later processes remove when this one was killed. */
export async function makePlace(): Promise<string> {
  await sweep();
  const place = await mkdtemp(join(places, `${process.pid}-`));
  await chmod(place, 0o755);
  await writeFile(join(place, 'owner'), await processIdentity(process.pid));
  return place;
}

export async function removePlace(place: string): Promise<void> {
  const layer = join(place, 'layer');
  if ((await mountPoints()).includes(layer)) await unmount(layer);
  await removeTree(place);
}

/** A program that has just ended may still be on its way out. */
async function unmount(point: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await run('umount', ['--', point]);
      return;
    } catch (error) {
      if (attempt === 50)
        throw new Error(`${point} is still in use by ${(await usersOf(point)).join(', ')}`, { cause: error });
      await delay(100);
    }
  }
}

async function usersOf(point: string): Promise<string[]> {
  const users: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const inside = await run('find', [
      `/proc/${pid}/root`,
      `/proc/${pid}/cwd`,
      `/proc/${pid}/fd`,
      '-lname',
      `${point}*`,
    ]).then(
      ({ stdout }) => stdout !== '',
      () => false,
    );
    if (inside)
      users.push(
        `${pid} (${await readFile(`/proc/${pid}/comm`, 'utf8').then(
          (name) => name.trim(),
          () => '?',
        )})`,
      );
  }
  return users.length === 0 ? ['something unknown'] : users;
}

let swept = false;

/** Takes away what earlier test processes left behind when they were killed. */
async function sweep(): Promise<void> {
  if (swept) return;
  swept = true;
  await mkdir(places, { recursive: true, mode: 0o755 });
  for (const name of await readdir(places)) {
    const place = join(places, name);
    const pid = Number(/^\d+/.exec(name)?.[0]);
    const owner = await readFile(join(place, 'owner'), 'utf8').catch(() => '');
    if (owner === (await processIdentity(pid)) || (owner === '' && existsSync(`/proc/${pid}`))) continue;
    const points = (await mountPoints()).filter((point) => point.startsWith(`${place}/`));
    // The latest mount first. Another process may be sweeping, too.
    for (const point of points.reverse()) await run('umount', ['--', point]).catch(() => {});
    await removeTree(place).catch((error: unknown) => console.error(`${place} is left over: ${error}`));
  }
}

/** Tells a process from a later one with the same pid; '' when there is none. */
async function processIdentity(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const startTicks = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
  return startTicks === undefined ? '' : `${pid} ${startTicks}`;
}

async function mountPoints(): Promise<string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '');
}
