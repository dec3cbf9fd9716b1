import type { Difference, PartComparison } from '../base/difference.ts';
import { shellWord, shellWords } from '../base/shell-word.ts';
import type { ArchitecturePair } from '../debian/architecture.ts';
import type { Capability } from './capabilities.ts';

/** Type, mode, owner and group of a file, as `find -printf '%y %m %U %G'` has it: `f 644 0 0`. */
export type FileOwner = string;

/** By the path. */
export type FileOwners = ReadonlyMap<string, FileOwner>;

/** @param text of `find -printf '%y %m %U %G %p\0'` */
export function parseOwners(text: string): FileOwners {
  const owners = new Map<string, FileOwner>();
  for (const entry of text.split('\0')) {
    const [, owner, path] = /^([a-zA-Z] \d+ \d+ \d+) (\/.*)$/s.exec(entry) ?? [];
    if (owner !== undefined && path !== undefined) owners.set(path, owner);
  }
  return owners;
}

/** Programs that run with the rights of their owner or group. */
function isSetuid(owner: FileOwner): boolean {
  return /^f [2-7]\d{3} /.test(owner);
}

export interface FilesContext {
  readonly pair: ArchitecturePair;
  /** Paths of programs that came with a package that is new. */
  readonly ofNewPackages: ReadonlySet<string>;
  /** Folders of data that packages had brought, with the names of these. */
  readonly broughtFolders: Readonly<Record<string, readonly string[]>>;
  /** Packages that went, as planned. */
  readonly gonePackages: ReadonlySet<string>;
  /** Number to name. */
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

/** Whether of data only the folders were recorded, since there were too many files. */
export function isFoldersAlone(owners: FileOwners): boolean {
  return [...owners.values()].every((owner) => owner.startsWith('d') || isSetuid(owner));
}

export function foldersOf(owners: FileOwners): FileOwners {
  return new Map([...owners].filter(([, owner]) => owner.startsWith('d') || isSetuid(owner)));
}

/**
 * Owners and modes of what is there before and after: of files and folders, or of folders alone, both times. What comes
 * and goes in a folder of data is its program's own matter; a whole folder that is gone is not.
 */
export function compareOwners(before: FileOwners, now: FileOwners, context: FilesContext): PartComparison {
  const { source, target } = context.pair;
  const places = new Map(
    [...before].map(([path, was]) => [now.has(path) ? path : path.replaceAll(source.triplet, target.triplet), was]),
  );
  const isAlone = isFoldersAlone(before);
  const missing = [...before]
    .filter(([path, was]) => was.startsWith('d') && !now.has(path.replaceAll(source.triplet, target.triplet)))
    .map(([path]) => path)
    .filter((path) => !now.has(path));
  const label = `owners and modes of ${isAlone ? 'folders' : 'files'}`;
  return {
    rows: [{ label, before: String(before.size), after: String(now.size) }],
    differences: [
      ...[...places].flatMap(([path, was]) => compareOwner(path, was, now, context)),
      ...missingFolders(missing, before, isAlone, context),
      ...[...now]
        .filter(([path, owner]) => !places.has(path) && isSetuid(owner) && !path.startsWith('/var/'))
        .map(([path, owner]) => ({
          what: `${path} is ${describe(owner, context)} now`,
          explanation: context.ofNewPackages.has(path) ? 'it came with a package that is new' : null,
        })),
    ],
  };
}

function compareOwner(path: string, was: FileOwner, now: FileOwners, context: FilesContext): Difference[] {
  const is = now.get(path);
  // Of another type, it is another thing.
  return is === undefined || is === was || is[0] !== was[0]
    ? []
    : [changed(path, was, is, isInOthersFolder(path, now), context)];
}

/** Whether one of the folders that it lies in, as far as they were looked at, is not root's alone. */
function isInOthersFolder(path: string, now: FileOwners): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const folder = now.get(path.slice(0, slash));
    if (folder !== undefined && !/^d \d?[0-7][0145][0145] 0 /.test(folder)) return true;
  }
  return false;
}

const placesOfData = /^(\/var\/(lib|spool|mail|www|log)|\/srv)$/;
const foldersOfData = /^(\/var\/(lib|spool|mail|www)|\/srv)\/[^/]+$/;
/** Many of these are packages' own, and empty. */
const innerFolders = /^\/var\/lib\/[^/]+\/[^/]+$/;

/** @param missing folders; one within another is not told */
function missingFolders(
  missing: readonly string[],
  before: FileOwners,
  isAlone: boolean,
  context: FilesContext,
): Difference[] {
  const all = new Set(missing);
  return missing
    .filter((path) => !all.has(path.slice(0, path.lastIndexOf('/'))))
    .flatMap((path): Difference[] => {
      if (placesOfData.test(path)) return [{ what: `${path} is no folder any more`, explanation: null }];
      const isInner = innerFolders.test(path);
      if (!isInner && !foldersOfData.test(path)) return [];
      const explanation = missingReason(path, context);
      // dpkg takes an empty one away when no package has it any more.
      const mayGo = explanation === null && !isAlone && (isInner || path in context.broughtFolders);
      return mayGo && !heldFiles(path, before) ? [] : [{ what: `the folder ${path} is gone`, explanation }];
    });
}

function missingReason(path: string, { pair: { source }, broughtFolders, gonePackages }: FilesContext): string | null {
  if (path.startsWith('/var/lib/') && path.includes(source.triplet)) return `belongs to ${source.name}`;
  const owners = broughtFolders[path] ?? [];
  const isPlanned = owners.length > 0 && owners.every((name) => gonePackages.has(name));
  return isPlanned ? `it came with ${owners.join(', ')}, which went as planned` : null;
}

function heldFiles(folder: string, before: FileOwners): boolean {
  return [...before].some(([path, owner]) => path.startsWith(`${folder}/`) && !owner.startsWith('d'));
}

/** Written anew, as another user, by the programs of a package, when it is installed. */
const writtenAnew: readonly (readonly [RegExp, string])[] = [
  [
    /^\/var\/lib\/mysql\/(mysql|mariadb)_upgrade_info$/,
    'MariaDB’s upgrade program writes it as the user of the server',
  ],
];

function changed(
  path: string,
  was: FileOwner,
  is: FileOwner,
  isExchangeable: boolean,
  context: FilesContext,
): Difference {
  const [, mode = '', user = '', group = ''] = was.split(' ');
  const [, newMode, newUser, newGroup] = is.split(' ');
  const quoted = shellWord(path);
  const commands = [
    ...(user === newUser && group === newGroup ? [] : [`chown -h ${user}:${group} ${quoted}`]),
    // chown takes setuid bits away.
    ...(mode === newMode && user === newUser && group === newGroup ? [] : [`chmod ${mode} ${quoted}`]),
  ];
  const what = `${path} is ${describe(is, context)}; it was ${describe(was, context)}`;
  const known = writtenAnew.find(([pattern]) => pattern.test(path));
  if (known !== undefined) return { what, explanation: known[1] };
  if (isExchangeable) return { explanation: null, ...exchangeable(path, what, was, is) };
  return {
    what,
    explanation: null,
    command: (was.startsWith('l') ? commands.slice(0, 1) : commands).join(' && '),
  };
}

/**
 * Who owns the folder may put a symlink to another file in its place before root types a command. As the owner of the
 * file, the command can change nothing that he could not.
 */
function exchangeable(path: string, what: string, was: FileOwner, is: FileOwner): { what: string; command?: string } {
  const [, mode = '', user = '', group = ''] = was.split(' ');
  const [, , newUser, newGroup] = is.split(' ');
  if (user === newUser && group === newGroup && user !== '0') {
    const asOwner = ['setpriv', `--reuid=${user}`, `--regid=${group}`, '--clear-groups', 'chmod', mode, path];
    return { what, command: shellWords(asOwner) };
  }
  return { what: `${what}; its folder is not root’s alone: look at what it is before you change it` };
}

function describe(owner: FileOwner, { users, groups }: FilesContext): string {
  const [, mode, user = '', group = ''] = owner.split(' ');
  return `${users.get(user) ?? user}:${groups.get(group) ?? group} ${mode}`;
}

/**
 * @param before undefined, as `now` is, where getcap(8) was not there to be asked
 * @param ofOthers files that others than root can change: no command shall give root's rights to what they put there
 */
export function compareCapabilities(
  before: readonly Capability[] | undefined,
  now: readonly Capability[] | undefined,
  pair: ArchitecturePair,
  ofOthers: ReadonlySet<string> = new Set(),
  ofNewPackages: FilesContext['ofNewPackages'] = new Set(),
): PartComparison {
  if (before === undefined || now === undefined) return withoutCapabilities(before, now);
  const place = (path: string) => path.replaceAll(pair.source.triplet, pair.target.triplet);
  const today = new Map(now.map(({ path, capability }) => [path, capability]));
  const was = new Set(before.map(({ path }) => place(path)));
  return {
    rows: [{ label: 'files with capabilities', before: String(before.length), after: String(now.length) }],
    differences: [
      ...before.flatMap(({ path, capability }): Difference[] => {
        const is = today.get(place(path));
        if (is === capability) return [];
        if (ofOthers.has(path) && today.get(path) !== capability) {
          const warning = 'others than root can change it: look at what it is now before you set any';
          const what = `${path} has ${is ?? 'no capability'}; before: ${capability}; ${warning}`;
          return [{ what, explanation: null }];
        }
        return [
          {
            what: `${place(path)} has ${is ?? 'no capability'}; before: ${capability}`,
            explanation: null,
            command: shellWords(['setcap', capability, place(path)]),
          },
        ];
      }),
      ...now
        .filter(({ path }) => !was.has(path))
        .map(({ path, capability }) => ({
          what: `${path} has ${capability} now`,
          explanation: ofNewPackages.has(path) ? 'it came with a package that is new' : null,
        })),
    ],
  };
}

function withoutCapabilities(
  before: readonly Capability[] | undefined,
  now: readonly Capability[] | undefined,
): PartComparison {
  const what = 'capabilities of files were not compared';
  if (before !== undefined && before.length > 0) {
    const details = before.map(({ path, capability }) => `${path} had ${capability}`);
    return { rows: [], differences: [{ what, explanation: null, details }] };
  }
  const when = now === undefined ? '' : ' before the run';
  const explanation = `getcap(8), of the package libcap2-bin, could not be asked${when}`;
  return { rows: [], differences: [{ what, explanation }] };
}
