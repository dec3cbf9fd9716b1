import type { ElfHead } from '../base/elf.ts';
import { addTo } from '../base/multimap.ts';

/** In words that a person uses for it. */
export const groupNames = {
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
  'plug-ins': 'plug-ins in',
  other: '',
} as const;

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
  // Of SANE, GStreamer, Qt, GTK and the like: what has its place below the multiarch folder is loaded from there.
  // Below /usr/local only programs of there look.
  ['plug-ins', /^(\/usr)?\/lib\/[a-z0-9_]+-linux-[a-z]+\/[^/]+(?=\/.*\.so(\.|$))/],
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
export function ancestors(path: string): string[] {
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

export type GroupKind = keyof typeof groupNames;
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
