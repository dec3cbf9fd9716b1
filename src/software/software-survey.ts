import { type ElfHead, readElfHead } from '../base/elf.ts';
import { addTo } from '../base/multimap.ts';
import { type FileFormat, recogniseFormat } from '../data/data-survey.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Diversion } from '../debian/inventory.ts';

/** Software that no package manager knows, and what depends on it or on the old architecture's paths. */
export interface LocalSoftware {
  readonly groups: readonly SoftwareGroup[];
  /** What names files of `groups`. */
  readonly references: readonly Reference[];
  /** Entries of /etc/ld.so.preload that the target's programs can't load. */
  readonly preloads: readonly string[];
  /** Lines for the dynamic loader with the old triplet. */
  readonly libraryPaths: readonly FileLine[];
  /** Other lines below /etc with the old triplet. */
  readonly architecturePaths: readonly FileLine[];
  /** File capabilities that a package's own scripts do not set again. */
  readonly capabilities: readonly FileCapability[];
  /** Diversions of the administrator's that dpkg does not go by: the package has the file by another name. */
  readonly misnamedDiversions: readonly MisnamedDiversion[];
  /** Paths of the target that the administrator has diverted, with no file there. */
  readonly emptyDiversions: readonly string[];
  /** Wine prefixes that only the 32-bit Wine can use. */
  readonly winePrefixes: readonly string[];
}

export type GroupKind = keyof typeof groupNames;

/** In words that a person uses for it. */
const groupNames = {
  system: 'another system in',
  virtualenv: 'virtualenv',
  'kernel-modules': 'kernel modules in',
  apache: 'Apache modules in',
  php: 'PHP extensions in',
  nginx: 'nginx modules in',
  pam: 'PAM modules in',
  steam: 'Steam in',
  conda: 'conda in',
  rvm: 'rvm in',
  rbenv: 'rbenv in',
  pyenv: 'pyenv in',
  nvm: 'nvm in',
  node: 'Node.js modules in',
  pip: 'Python modules in',
  gems: 'Ruby gems in',
  perl: 'Perl modules in',
  other: '',
} as const;

/** Programs and libraries of the source architecture that belong together. */
export interface SoftwareGroup {
  readonly kind: GroupKind;
  /** A folder; the file itself when it is only one. */
  readonly path: string;
  readonly files: number;
  /** Those of the files that need no library. */
  readonly selfContained: number;
  /** User names, sorted; a number where there is no name. */
  readonly owners: readonly string[];
}

export interface Reference {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly from: 'cron' | 'unit' | 'init' | 'configuration';
  /** The program, or the folder of the group that it is in. */
  readonly target: string;
}

export interface FileLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The path that stands there. */
  readonly path: string;
}

export interface FileCapability {
  readonly path: string;
  /** As getcap(8) prints it: `cap_net_raw=ep`. */
  readonly capability: string;
  readonly package: string;
}

export interface MisnamedDiversion {
  readonly path: string;
  /** The same file, as a package names it. */
  readonly packagePath: string;
}

/** What is of interest in a file that belongs to no package. */
export type Recognised =
  | { readonly what: 'program'; readonly role: ElfHead['role'] }
  | { readonly what: 'data'; readonly format: FileFormat }
  | {
      readonly what: 'marker';
      readonly marker: 'virtualenv' | 'system' | 'postgresql' | 'wine';
      readonly folder: string;
    };

/** @param head the first bytes of the file at `path`, 512 where it has as many */
export function recogniseFile(head: Uint8Array, path: string, { source }: ArchitecturePair): Recognised | undefined {
  const elf = readElfHead(head);
  if (elf) {
    const ours = elf.bits === source.elfBits && elf.machine === source.elfMachine && elf.role !== 'other';
    return ours ? { what: 'program', role: elf.role } : undefined;
  }
  const format = recogniseFormat(head, source);
  return format ? { what: 'data', format } : recogniseMarker(head, path);
}

const markers = {
  '/pyvenv.cfg': 'virtualenv',
  '/etc/os-release': 'system',
  '/usr/lib/os-release': 'system',
  '/global/pg_control': 'postgresql',
  '/system.reg': 'wine',
} as const;

const markerEnds = Object.keys(markers) as (keyof typeof markers)[];

function recogniseMarker(head: Uint8Array, path: string): Recognised | undefined {
  const end = markerEnds.find((one) => path.endsWith(one));
  if (end === undefined || end === path) return undefined;
  const marker = markers[end];
  const isOther = marker === 'wine' && !/^#arch=win32$/m.test(String.fromCharCode(...head));
  return isOther ? undefined : { what: 'marker', marker, folder: path.slice(0, -end.length) };
}

export interface LocalProgram {
  readonly path: string;
  readonly role: ElfHead['role'];
  readonly owner: string;
}

/** Folders that say by themselves what is in them. */
export interface Landmarks {
  readonly systems: ReadonlySet<string>;
  readonly virtualenvs: ReadonlySet<string>;
}

/** @returns groups, each with its programs, sorted by path */
export function groupPrograms(
  programs: readonly LocalProgram[],
  landmarks: Landmarks,
): { readonly group: SoftwareGroup; readonly programs: readonly LocalProgram[] }[] {
  const groups = new Map<string, LocalProgram[]>();
  const kinds = new Map<string, GroupKind>();
  for (const program of programs) {
    const { kind, path } = placeOf(program.path, landmarks);
    kinds.set(path, kind);
    addTo(groups, path, program);
  }
  return [...groups]
    .map(([path, members]) => ({ group: describe(kinds.get(path) ?? 'other', path, members), programs: members }))
    .sort((a, b) => (a.group.path < b.group.path ? -1 : 1));
}

function describe(kind: GroupKind, path: string, members: readonly LocalProgram[]): SoftwareGroup {
  const [only] = members;
  return {
    kind,
    path: kind === 'other' && only && members.length === 1 ? only.path : path,
    files: members.length,
    selfContained: members.filter((one) => one.role === 'static').length,
    owners: [...new Set(members.map((one) => one.owner))].sort(),
  };
}

/** @returns `virtualenv /srv/app/venv`, `/opt/tool` */
export function nameGroup({ kind, path }: SoftwareGroup): string {
  return kind === 'other' ? path : `${groupNames[kind]} ${path}`;
}

/** The first that fits says what it is; what it matches is the group's folder. */
const placePatterns: readonly (readonly [GroupKind, RegExp])[] = [
  ['kernel-modules', /^(\/usr)?\/lib\/modules\/[^/]+(?=\/)/],
  ['apache', /^.*\/(apache2?|httpd)\/modules(?=\/)/],
  ['nginx', /^.*\/nginx\/modules(?=\/)/],
  ['php', /^.*\/lib\/php\d*\/(\d{8}|extensions\/[^/]+)(?=\/)/],
  ['pam', /^.*\/security(?=\/pam_[^/]*\.so$)/],
  ['steam', /^.*?\/(\.steam|Steam)(?=\/)/],
  ['conda', /^.*?\/(mini|ana)(conda|forge)\d?(?=\/)/],
  ['rvm', /^.*?\/\.?rvm(?=\/)/],
  ['rbenv', /^.*?\/\.?rbenv(?=\/)/],
  ['pyenv', /^.*?\/\.?pyenv(?=\/)/],
  ['nvm', /^.*?\/\.?nvm(?=\/)/],
  ['node', /^.*?\/node_modules(?=\/)/],
  ['pip', /^.*?\/(dist|site)-packages(?=\/)/],
  ['gems', /^.*?\/(gems|\.gem|vendor\/bundle)(?=\/)/],
  ['perl', /^.*?\/perl5?(?=\/.*\.so$)/],
];

function placeOf(path: string, { systems, virtualenvs }: Landmarks): { kind: GroupKind; path: string } {
  const system = ancestors(path).find((folder) => systems.has(folder));
  if (system !== undefined) return { kind: 'system', path: system };
  const virtualenv = ancestors(path).find((folder) => virtualenvs.has(folder));
  if (virtualenv !== undefined) return { kind: 'virtualenv', path: virtualenv };
  for (const [kind, pattern] of placePatterns) {
    const folder = pattern.exec(path)?.[0];
    if (folder !== undefined) return { kind, path: folder };
  }
  return { kind: 'other', path: folderToName(path) };
}

/** The outermost first. */
function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
}

/** How many components a folder's name needs, below these. */
const depths: readonly (readonly [RegExp, number])[] = [
  [/^\/usr\/local\/(bin|sbin|lib|libexec|games)\//, 2],
  [/^\/(home|usr|var)\//, 3],
];

/** @returns the folder that a person would name: /opt/tool, /home/ann/src, /var/lib/munin, /usr/local */
export function folderToName(path: string): string {
  const depth = depths.find(([pattern]) => pattern.test(path))?.[1] ?? 2;
  return `/${path.split('/').slice(1, -1).slice(0, depth).join('/')}`;
}

/** A folder that is reached by another name, as /lib on a merged system: from, with its real path. */
export type Alias = readonly [from: string, to: string];

/**
 * @param lists dpkg's lists of files, one text a package instance
 * @returns where the packages' files really are
 * @see dpkg-query(1), --listfiles; dpkg-divert(1)
 */
export function ownedPaths(
  lists: readonly string[],
  diversions: readonly Diversion[],
  aliases: readonly Alias[],
): Set<string> {
  const owned = new Set<string>();
  for (const text of lists) for (const path of text.split('\n')) owned.add(realPath(path, aliases));
  for (const { path, divertedTo, package: owner } of diversions) {
    if (!owned.has(realPath(path, aliases))) continue;
    owned.add(realPath(divertedTo, aliases));
    // What lies there now was put there by hand.
    if (owner === ':') owned.delete(realPath(path, aliases));
  }
  return owned;
}

/**
 * @param lists dpkg's lists of files, one text a package instance
 * @returns local diversions whose path no package has, while one has another name of it
 * @see dpkg-divert(1), on aliased directories
 */
export function misnamedDiversions(
  lists: readonly string[],
  diversions: readonly Diversion[],
  aliases: readonly Alias[],
): MisnamedDiversion[] {
  const local = diversions.filter((one) => one.package === ':').map(({ path }) => path);
  if (local.length === 0) return [];
  const places = new Map(local.map((path) => [realPath(path, aliases), new Set<string>()]));
  for (const text of lists) {
    for (const path of text.split('\n')) places.get(realPath(path, aliases))?.add(path);
  }
  return local.flatMap((path) => {
    const names = places.get(realPath(path, aliases)) ?? new Set();
    const [packagePath] = names;
    return packagePath === undefined || names.has(path) ? [] : [{ path, packagePath }];
  });
}

export function realPath(path: string, aliases: readonly Alias[]): string {
  for (const [from, to] of aliases) {
    if (path.startsWith(from) && path[from.length] === '/') return to + path.slice(from.length);
  }
  return path;
}

/** What a line of configuration may name, and the name to tell for it. */
export interface Targets {
  /** Path of a program to itself. */
  readonly files: ReadonlySet<string>;
  /** Folders of which everything depends on 32-bit files in it. */
  readonly folders: ReadonlySet<string>;
}

/** @returns the folders that are useless without the 32-bit files of their group */
export function scopeOf({ kind, path }: SoftwareGroup): string | undefined {
  if (kind === 'node') return path.slice(0, -'/node_modules'.length);
  return ['virtualenv', 'conda', 'rvm', 'rbenv', 'pyenv', 'nvm'].includes(kind) ? path : undefined;
}

export interface NamedPath {
  /** From 1. */
  readonly line: number;
  readonly path: string;
}

/** Absolute paths in a configuration file or script, and what `cd FOLDER; ./program` comes to; comments left out. */
export function pathsIn(text: string): NamedPath[] {
  return linesOf(text).flatMap(({ line, content }) => {
    const plain = [...content.matchAll(/(?<![\w.$}-])\/[\w.+@%~-]+(?:\/[\w.+@%~-]+)*/g)].map(([path]) => path);
    return [...plain, ...(content.length > handWrittenLength ? [] : unusualPaths(content))].map((path) => ({
      line,
      path,
    }));
  });
}

/** A longer line was written by a program, and for one. */
const handWrittenLength = 2000;

function unusualPaths(content: string): string[] {
  const quoted = [...content.matchAll(/(["'])(\/[^"']+)\1/g)].map(([, , path = '']) => path);
  const escaped = [...content.matchAll(/\/(?:[^\s"'\\;&|]|\\ |\\x20)+/g)].map(([path]) => path);
  const folder = /\bcd\s+["']?(\/[\w.+@%~/-]+)/.exec(content)?.[1]?.replace(/\/$/, '');
  const relative = folder === undefined ? [] : [...content.matchAll(/(?<![\w./-])\.\/([\w.+@%~/-]+)/g)];
  return [
    ...quoted.filter((path) => /\s/.test(path)),
    ...escaped.filter((path) => path.includes('\\')).map((path) => path.replaceAll(/\\ |\\x20/g, ' ')),
    ...relative.map(([, path = '']) => `${folder}/${path}`),
  ];
}

const usualSearchPath = ['/usr/local/sbin', '/usr/local/bin'];

/** Programs that a job or a service may name without their folder, as far as that is on its search path. */
export function searchedIn(text: string, { files }: Targets): NamedPath[] {
  const lines = linesOf(text);
  const set = lines.flatMap(({ content }) => /\bPATH=["']?([^"'\s]+)/.exec(content)?.[1]?.split(':') ?? []);
  const searchPath = new Set([...usualSearchPath, ...set]);
  const programs = new Map<string, string>();
  for (const file of files) {
    const slash = file.lastIndexOf('/');
    if (searchPath.has(file.slice(0, slash))) programs.set(file.slice(slash + 1), file);
  }
  if (programs.size === 0) return [];
  return lines.flatMap(({ line, content }) =>
    content.split(/[\s;&|()"'`]+|=[-@:+!]*/).flatMap((word) => {
      const path = programs.get(word);
      return path === undefined ? [] : [{ line, path }];
    }),
  );
}

/** Paths with a triplet as one of their components, or as the beginning of one; comments left out. */
export function pathsWithTriplet(text: string, triplet: string): NamedPath[] {
  if (!text.includes(triplet)) return [];
  const pattern = new RegExp(`[\\w./+*$={}-]*/${triplet}(?![\\w-])[\\w./+*-]*`, 'g');
  return linesOf(text).flatMap(({ line, content }) =>
    [...new Set([...content.matchAll(pattern)].map(([path]) => path.replace(/^[^/]*=/, '')))].map((path) => ({
      line,
      path,
    })),
  );
}

function linesOf(text: string): { line: number; content: string }[] {
  return text
    .split('\n')
    .map((content, index) => ({ line: index + 1, content }))
    .filter(({ content }) => !/^\s*(#(?!!)|;|\/\/)/.test(content));
}

/** @returns what of the targets a path stands for */
export function targetOf(path: string, { files, folders }: Targets): string | undefined {
  return files.has(path) ? path : [...ancestors(`${path}/`)].find((folder) => folders.has(folder));
}

/** By its path: what kind of thing a file of configuration is. */
export function referenceKind(path: string): Reference['from'] {
  if (/^\/etc\/(anacrontab$|cron)|^\/var\/spool\/cron\//.test(path)) return 'cron';
  if (/\/systemd\/(system|user)\//.test(path)) return 'unit';
  return /^\/etc\/(init\.d\/|rc\.local$|rc\d?\.d\/)/.test(path) ? 'init' : 'configuration';
}

/** @param passwd text of /etc/passwd */
export function readUserNames(passwd: string): Map<number, string> {
  return new Map(
    passwd.split('\n').flatMap((line) => {
      const [name = '', , uid = ''] = line.split(':');
      return /^\d+$/.test(uid) ? [[Number(uid), name] as const] : [];
    }),
  );
}
