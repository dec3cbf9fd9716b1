import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname, join, posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { RootPath } from '../../../src/base/root.ts';
import { architecturePairs } from '../../../src/debian/architecture.ts';
import { resolveInRoot } from '../../../src/machine/files/resolve-in-root.ts';

/** What ld.so reads from an ELF file before it runs it. @see elf(5) */
export interface ElfHeader {
  readonly bits: 32 | 64;
  /** `e_machine`: 3 is i386, 62 is amd64. */
  readonly machine: number;
  /** `e_type`: 1 relocatable (kernel modules, object files), 2 executable, 3 shared or position-independent. */
  readonly type: number;
  /** `PT_INTERP`: the loader of a dynamic program. */
  readonly interpreter?: string;
  readonly needed: readonly string[];
  /** `DT_RPATH`, split. */
  readonly rpath: readonly string[];
  /** `DT_RUNPATH`, split. */
  readonly runpath: readonly string[];
}

export interface ElfFile extends ElfHeader {
  /** As programs in the root see it, without symlinked folders. */
  readonly path: RootPath;
}

/** Where Debian packages put programs and libraries; those that are symlinks in a merged-/usr system count once. */
export const programFolders: readonly RootPath[] = [
  '/usr/bin',
  '/usr/sbin',
  '/usr/games',
  '/usr/lib',
  '/usr/lib32',
  '/usr/lib64',
  '/usr/libx32',
  '/usr/libexec',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
];

/** Every ELF file below folders of a root, sorted by path. Symlinks are not followed, but for the folders themselves. */
export function findElf(root: string, folders: readonly RootPath[] = programFolders): ElfFile[] {
  const found = new Map<string, ElfFile>();
  const seen = new Set<string>();
  const visit = (host: string): void => {
    if (seen.has(host)) return;
    seen.add(host);
    for (const entry of entriesOf(host)) {
      const path = join(host, entry.name);
      if (entry.isDirectory()) visit(path);
      if (!entry.isFile()) continue;
      const header = readElf(path);
      if (header !== undefined) found.set(path, { path: insidePath(root, path), ...header });
    }
  };
  for (const folder of folders) visit(resolveInRoot(root, folder, { followLast: true }));
  return [...found.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function insidePath(root: string, host: string): RootPath {
  return `/${posix.relative(root, host)}`;
}

/** A library that ld.so would not find, if it were to load the file by itself. */
export interface MissingLibrary {
  readonly path: RootPath;
  readonly bits: 32 | 64;
  readonly library: string;
}

/**
 * The invariant of every batch boundary: no ELF file in the program and library folders lacks a library of its own
 * class. Plugins that find libraries through the program which loads them are in the list, too: compare it with the
 * pristine root's by `newlyMissing`.
 *
 * @see ld.so(8)
 */
export function missingLibraries(root: string, folders: readonly RootPath[] = programFolders): MissingLibrary[] {
  const search = new LibrarySearch(root);
  return findElf(root, folders)
    .filter((file) => file.type !== relocatable)
    .flatMap((file) =>
      file.needed
        .filter((library) => !search.finds(file, library))
        .map((library) => ({ path: file.path, bits: file.bits, library })),
    );
}

/** What `after` lacks and `before` did not, whichever architecture's folder the file is in. */
export function newlyMissing(before: readonly MissingLibrary[], after: readonly MissingLibrary[]): MissingLibrary[] {
  const key = ({ path, library }: MissingLibrary) => `${withoutTriplet(path)} ${library}`;
  const known = new Set(before.map(key));
  return after.filter((missing) => !known.has(key(missing)));
}

const architectures = architecturePairs.flatMap(({ source, target }) => [source, target]);

function withoutTriplet(path: string): string {
  return architectures.reduce((text, { triplet }) => text.replaceAll(`/${triplet}/`, '/TRIPLET/'), path);
}

const relocatable = 1;

/** Looks for libraries as ld.so does in one root; remembers what each file is. */
class LibrarySearch {
  readonly #root: string;
  readonly #configured: readonly string[];
  readonly #headers = new Map<string, ElfHeader | undefined>();

  constructor(root: string) {
    this.#root = root;
    this.#configured = configuredFolders(root, '/etc/ld.so.conf');
  }

  finds(file: ElfFile, library: string): boolean {
    if (library.includes('/')) return this.#isUsable(file, library);
    return this.#folders(file).some((folder) => this.#isUsable(file, posix.join(folder, library)));
  }

  /** In ld.so's order: RPATH (unless there is a RUNPATH), RUNPATH, its cache, its own folders. */
  #folders(file: ElfFile): string[] {
    const own = file.runpath.length > 0 ? file.runpath : file.rpath;
    const triplets = architectures
      .filter(({ elfMachine }) => elfMachine === file.machine)
      .map(({ triplet }) => triplet);
    const library = triplets.length === 0 ? 'lib' : `lib/${triplets[0]}`;
    const expand = (folder: string) =>
      folder.replace(/\$(ORIGIN|\{ORIGIN\})/g, dirname(file.path)).replace(/\$(LIB|\{LIB\})/g, library);
    return [
      ...own.map(expand),
      ...this.#configured,
      ...triplets.flatMap((triplet) => [`/lib/${triplet}`, `/usr/lib/${triplet}`]),
      ...(file.bits === 64 ? ['/lib64', '/usr/lib64'] : ['/lib32', '/usr/lib32']),
      '/lib',
      '/usr/lib',
    ];
  }

  /** ld.so passes over files of another class or machine and looks in the next folder. */
  #isUsable(file: ElfFile, path: string): boolean {
    if (!path.startsWith('/')) return false;
    if (!this.#headers.has(path)) {
      const host = resolveInRoot(this.#root, path as RootPath, { followLast: true });
      this.#headers.set(path, readElf(host));
    }
    const header = this.#headers.get(path);
    return header !== undefined && header.bits === file.bits && header.machine === file.machine;
  }
}

/** The folders of ld.so.conf(5), `include` lines followed. */
function configuredFolders(root: string, file: RootPath): string[] {
  const folders: string[] = [];
  for (const line of textOf(root, file).split('\n')) {
    const entry = line.replace(/#.*/, '').trim();
    const pattern = /^include\s+(\S+)$/.exec(entry)?.[1];
    if (pattern !== undefined) {
      for (const included of filesLike(root, posix.resolve(posix.dirname(file), pattern) as RootPath)) {
        folders.push(...configuredFolders(root, included));
      }
    } else if (entry.startsWith('/')) {
      folders.push(entry);
    }
  }
  return folders;
}

/** Wildcards in the last part of a path only, as Debian's own line has them. */
function filesLike(root: string, pattern: RootPath): RootPath[] {
  const folder = posix.dirname(pattern) as RootPath;
  const name = new RegExp(
    `^${posix
      .basename(pattern)
      .replace(/[.+^$()|]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  return entriesOf(resolveInRoot(root, folder, { followLast: true }))
    .map((entry) => entry.name)
    .filter((entry) => name.test(entry))
    .sort()
    .map((entry): RootPath => `${folder}/${entry}` as RootPath);
}

function textOf(root: string, path: RootPath): string {
  try {
    return readFileSync(resolveInRoot(root, path, { followLast: true }), 'utf8');
  } catch {
    return '';
  }
}

/** @returns undefined when it is no ELF file, or none that can be read */
export function readElf(file: string): ElfHeader | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    const bytes = fstatSync(descriptor).size;
    return parseElf((offset, length) => {
      const part = Buffer.alloc(Math.max(0, Math.min(length, bytes - offset)));
      return part.subarray(0, readSync(descriptor, part, 0, part.length, offset));
    });
  } catch {
    // A folder, or a file that says it is ELF and is not: ld.so does not load it either.
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

type ReadPart = (offset: number, length: number) => Buffer;

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly bytes: number;
}

const segmentTypes = { load: 1, dynamic: 2, interpreter: 3 };
const dynamicTags = { end: 0, needed: 1, strings: 5, stringBytes: 10, rpath: 15, runpath: 29 };

function parseElf(read: ReadPart): ElfHeader | undefined {
  const head = read(0, 64);
  if (head.length < 52 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
  const bits = head[4] === 2 ? 64 : 32;
  const number = numberReader(bits, head[5] === 2);
  const segments = readSegments(read, head, bits, number);
  const interpreter = segments.find(({ type }) => type === segmentTypes.interpreter);
  return {
    bits,
    machine: number.half(head, 18),
    type: number.half(head, 16),
    ...(interpreter === undefined ? {} : { interpreter: textAt(read(interpreter.offset, interpreter.bytes), 0) }),
    ...readDynamic(read, segments, number),
  };
}

interface NumberReader {
  readonly half: (part: Buffer, offset: number) => number;
  readonly word: (part: Buffer, offset: number) => number;
  /** An address or an offset: 4 or 8 bytes. */
  readonly long: (part: Buffer, offset: number) => number;
  readonly longBytes: 4 | 8;
}

function numberReader(bits: 32 | 64, bigEndian: boolean): NumberReader {
  const half = (part: Buffer, offset: number) => (bigEndian ? part.readUInt16BE(offset) : part.readUInt16LE(offset));
  const word = (part: Buffer, offset: number) => (bigEndian ? part.readUInt32BE(offset) : part.readUInt32LE(offset));
  const double = (part: Buffer, offset: number) =>
    Number(bigEndian ? part.readBigUInt64BE(offset) : part.readBigUInt64LE(offset));
  return { half, word, long: bits === 64 ? double : word, longBytes: bits === 64 ? 8 : 4 };
}

function readSegments(read: ReadPart, head: Buffer, bits: 32 | 64, number: NumberReader): Segment[] {
  const start = number.long(head, bits === 64 ? 32 : 28);
  const entryBytes = number.half(head, bits === 64 ? 54 : 42);
  const count = number.half(head, bits === 64 ? 56 : 44);
  const table = read(start, entryBytes * count);
  const segments: Segment[] = [];
  for (let at = 0; at + entryBytes <= table.length && entryBytes > 0; at += entryBytes) {
    segments.push({
      type: number.word(table, at),
      offset: number.long(table, at + (bits === 64 ? 8 : 4)),
      address: number.long(table, at + (bits === 64 ? 16 : 8)),
      bytes: number.long(table, at + (bits === 64 ? 32 : 16)),
    });
  }
  return segments;
}

function readDynamic(read: ReadPart, segments: readonly Segment[], number: NumberReader) {
  const values = new Map<number, number[]>();
  const segment = segments.find(({ type }) => type === segmentTypes.dynamic);
  const table = segment === undefined ? Buffer.alloc(0) : read(segment.offset, segment.bytes);
  for (let at = 0; at + 2 * number.longBytes <= table.length; at += 2 * number.longBytes) {
    const tag = number.long(table, at);
    if (tag === dynamicTags.end) break;
    values.set(tag, [...(values.get(tag) ?? []), number.long(table, at + number.longBytes)]);
  }
  const address = values.get(dynamicTags.strings)?.[0] ?? 0;
  const load = segments.find(
    (each) => each.type === segmentTypes.load && address >= each.address && address < each.address + each.bytes,
  );
  // Files with debug symbols only have the table, but not what it refers to.
  const strings =
    load === undefined
      ? Buffer.alloc(0)
      : read(address - load.address + load.offset, values.get(dynamicTags.stringBytes)?.[0] ?? 0);
  const texts = (tag: number) =>
    (values.get(tag) ?? []).map((offset) => textAt(strings, offset)).filter((text) => text !== '');
  const paths = (tag: number) => texts(tag).flatMap((text) => text.split(':').filter((part) => part !== ''));
  return { needed: texts(dynamicTags.needed), rpath: paths(dynamicTags.rpath), runpath: paths(dynamicTags.runpath) };
}

function textAt(part: Buffer, offset: number): string {
  const end = part.indexOf(0, offset);
  return part.toString('latin1', offset, end === -1 ? part.length : end);
}

/** An ELF file inside an initramfs. */
export interface InitramfsElf {
  readonly path: string;
  readonly bits: 32 | 64;
  readonly machine: number;
}

/**
 * The ELF files inside an initramfs image, microcode parts before the main one included.
 *
 * @param file the image, as programs in the root see it
 * @see initramfs(7), unmkinitramfs(8)
 */
export function initramfsElfClasses(root: string, file: RootPath): InitramfsElf[] {
  const image = readFileSync(resolveInRoot(root, file, { followLast: true }));
  const found: InitramfsElf[] = [];
  for (const entry of cpioEntries(root, image)) {
    const header = elfInMemory(entry.content);
    if (header !== undefined) found.push({ path: entry.path, bits: header.bits, machine: header.machine });
  }
  return found;
}

function elfInMemory(content: Buffer): ElfHeader | undefined {
  try {
    return parseElf((offset, length) => content.subarray(offset, offset + length));
  } catch {
    return undefined;
  }
}

interface CpioEntry {
  readonly path: string;
  readonly content: Buffer;
}

/** An image is a row of cpio archives (`newc`), with zeros between them; the last one is compressed. */
function* cpioEntries(root: string, image: Buffer): Generator<CpioEntry> {
  let at = 0;
  while (at < image.length) {
    if (image[at] === 0) {
      at++;
    } else if (image.toString('latin1', at, at + 5) === '07070') {
      const entry = readCpioEntry(image, at);
      at = entry.next;
      if (entry.path !== 'TRAILER!!!') yield entry;
    } else {
      yield* cpioEntries(root, decompress(root, image.subarray(at)));
      return;
    }
  }
}

function readCpioEntry(image: Buffer, at: number): CpioEntry & { readonly next: number } {
  const field = (index: number) =>
    Number.parseInt(image.toString('latin1', at + 6 + 8 * index, at + 14 + 8 * index), 16);
  const pad = (offset: number) => offset + ((4 - (offset % 4)) % 4);
  const [contentBytes, nameBytes] = [field(6), field(11)];
  // Padding counts from the archive's start, which is itself on a multiple of four.
  const content = pad(at + 110 + nameBytes);
  return {
    path: image.toString('utf8', at + 110, at + 110 + nameBytes - 1),
    content: image.subarray(content, content + contentBytes),
    next: pad(content + contentBytes),
  };
}

/** First bytes of what mkinitramfs can compress with, and what decompresses it. */
const compressors: readonly (readonly [magic: string, argv: readonly string[]])[] = [
  ['28b52ffd', ['zstd', '-dc']],
  ['fd377a58', ['xz', '-dc']],
  ['5d0000', ['xz', '--format=lzma', '-dc']],
  ['425a68', ['bzip2', '-dc']],
  ['02214c18', ['lz4', '-dc']],
  ['894c5a4f', ['lzop', '-dc']],
];

function decompress(root: string, part: Buffer): Buffer {
  if (part[0] === 0x1f && part[1] === 0x8b) return gunzipSync(part);
  const start = part.toString('hex', 0, 4);
  const argv = compressors.find(([magic]) => start.startsWith(magic))?.[1];
  if (argv === undefined) throw new Error(`An initramfs compressed in an unknown way: it starts with ${start}`);
  const [program = '', ...rest] = argv;
  const options = { input: part, maxBuffer: 2 ** 30 };
  try {
    return execFileSync(program, rest, options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    // Not on this machine; what made the image is in the root.
    return execFileSync('chroot', [root, basename(program), ...rest], options);
  }
}
