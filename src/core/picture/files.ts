import type { ArchitecturePair } from '../architecture.ts';
import type { Capability } from '../capabilities.ts';
import type { Difference, PartComparison } from '../comparison.ts';

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
  /** Number to name. */
  readonly users: ReadonlyMap<string, string>;
  readonly groups: ReadonlyMap<string, string>;
}

/**
 * Owners and modes of what is there before and after. What comes and goes in a folder of data is its program's own
 * matter; a whole folder of /var/lib that is gone is not.
 */
export function compareOwners(before: FileOwners, now: FileOwners, context: FilesContext): PartComparison {
  const { source, target } = context.pair;
  const places = new Map(
    [...before].map(([path, was]) => [now.has(path) ? path : path.replaceAll(source.triplet, target.triplet), was]),
  );
  return {
    rows: [{ label: 'owners and modes of files', before: String(before.size), after: String(now.size) }],
    differences: [
      ...[...places].flatMap(([path, was]) => compareOwner(path, was, now.get(path), context)),
      ...[...now]
        .filter(([path, owner]) => !places.has(path) && isSetuid(owner) && !path.startsWith('/var/'))
        .map(([path, owner]) => ({
          what: `${path} is ${describe(owner, context)} now`,
          explanation: context.ofNewPackages.has(path) ? 'it came with a package that is new' : null,
        })),
    ],
  };
}

function compareOwner(path: string, was: FileOwner, is: FileOwner | undefined, context: FilesContext): Difference[] {
  if (is === was) return [];
  if (is === undefined) {
    const isData = was.startsWith('d') && /^\/var\/lib\/[^/]+$/.test(path);
    return isData ? [{ what: `the folder ${path} is gone`, explanation: null }] : [];
  }
  // Of another type, it is another thing.
  return is[0] === was[0] ? [changed(path, was, is, context)] : [];
}

/** Written anew, as another user, by the programs of a package, when it is installed. */
const writtenAnew: readonly (readonly [RegExp, string])[] = [
  [
    /^\/var\/lib\/mysql\/(mysql|mariadb)_upgrade_info$/,
    'MariaDB’s upgrade program writes it as the user of the server',
  ],
];

function changed(path: string, was: FileOwner, is: FileOwner, context: FilesContext): Difference {
  const [, mode = '', user = '', group = ''] = was.split(' ');
  const [, newMode, newUser, newGroup] = is.split(' ');
  const quoted = /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  const commands = [
    ...(user === newUser && group === newGroup ? [] : [`chown -h ${user}:${group} ${quoted}`]),
    // chown takes setuid bits away.
    ...(mode === newMode && user === newUser && group === newGroup ? [] : [`chmod ${mode} ${quoted}`]),
  ];
  const what = `${path} is ${describe(is, context)}; it was ${describe(was, context)}`;
  const known = writtenAnew.find(([pattern]) => pattern.test(path));
  if (known !== undefined) return { what, explanation: known[1] };
  return {
    what,
    explanation: null,
    command: (was.startsWith('l') ? commands.slice(0, 1) : commands).join(' && '),
  };
}

function describe(owner: FileOwner, { users, groups }: FilesContext): string {
  const [, mode, user = '', group = ''] = owner.split(' ');
  return `${users.get(user) ?? user}:${groups.get(group) ?? group} ${mode}`;
}

export function compareCapabilities(
  before: readonly Capability[],
  now: readonly Capability[],
  pair: ArchitecturePair,
): PartComparison {
  const place = (path: string) => path.replaceAll(pair.source.triplet, pair.target.triplet);
  const today = new Map(now.map(({ path, capability }) => [path, capability]));
  const was = new Set(before.map(({ path }) => place(path)));
  return {
    rows: [{ label: 'files with capabilities', before: String(before.length), after: String(now.length) }],
    differences: [
      ...before.flatMap(({ path, capability }): Difference[] => {
        const is = today.get(place(path));
        if (is === capability) return [];
        return [
          {
            what: `${place(path)} has ${is ?? 'no capability'}; before: ${capability}`,
            explanation: null,
            command: `setcap ${capability} ${place(path)}`,
          },
        ];
      }),
      ...now
        .filter(({ path }) => !was.has(path))
        .map(({ path, capability }) => ({ what: `${path} has ${capability} now`, explanation: null })),
    ],
  };
}
