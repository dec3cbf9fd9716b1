import { listsFolder } from '../base/own-paths.ts';
import type { RootPath } from '../base/root.ts';
import { aptWithoutLists } from './apt-without-lists.ts';

/** Where apt has its files, as it says itself. */
export interface AptPlaces {
  /** False where apt could not be asked: then they are its usual ones. */
  readonly asked: boolean;
  readonly sourceList: RootPath;
  readonly sourceParts: RootPath;
  readonly configuration: RootPath;
  /** Always the usual one: apt has read it when a file in it says anything of `Dir::Etc`. */
  readonly configurationParts: RootPath;
  readonly preferences: RootPath;
  readonly preferenceParts: RootPath;
  readonly secrets: RootPath;
  readonly secretParts: RootPath;
}

/** What apt says of its settings and sources. */
export interface AptAnswers {
  /** What it works with, the native one first. */
  readonly architectures: readonly string[];
  /** Files that it has sources from, and the line, or the number of the stanza, where each one begins. */
  readonly sources: readonly { readonly file: string; readonly place: number }[];
}

export const usualPlaces: AptPlaces = {
  asked: false,
  sourceList: '/etc/apt/sources.list',
  sourceParts: '/etc/apt/sources.list.d',
  configuration: '/etc/apt/apt.conf',
  configurationParts: '/etc/apt/apt.conf.d',
  preferences: '/etc/apt/preferences',
  preferenceParts: '/etc/apt/preferences.d',
  secrets: '/etc/apt/auth.conf',
  secretParts: '/etc/apt/auth.conf.d',
};

/** In the settings of an apt that looks at a tree from outside: the tree's place, which no path inside has. */
export const treeSetting = 'Crossgrade::Tree';

const settings: Readonly<Record<Exclude<keyof AptPlaces, 'asked' | 'configurationParts'>, string>> = {
  sourceList: 'Dir::Etc::sourcelist/f',
  sourceParts: 'Dir::Etc::sourceparts/d',
  configuration: 'Dir::Etc::main/f',
  preferences: 'Dir::Etc::preferences/f',
  preferenceParts: 'Dir::Etc::preferencesparts/d',
  secrets: 'Dir::Etc::netrc/f',
  secretParts: 'Dir::Etc::netrcparts/d',
};

/** Answered by {@link readPlaces} and {@link readListsPlace}. Of a setting that is not there nothing is printed. */
export const askForPlaces: readonly string[] = [
  'apt-config',
  'shell',
  ...['tree', treeSetting],
  ...['lists', 'Dir::State::lists/d'],
  ...Object.entries(settings).flat(),
];

/**
 * @param stdout of {@link askForPlaces}
 * @see apt-config(8), shell
 */
export function readPlaces(stdout: string): AptPlaces {
  const values = readShellWords(stdout);
  const tree = values.get('tree') ?? '';
  const place = (name: keyof typeof settings): RootPath => {
    const path = insideTree(values.get(name) ?? '', tree).replace(/(.)\/+$/, '$1');
    return path.startsWith('/') ? (path as RootPath) : usualPlaces[name];
  };
  return {
    asked: values.has('sourceList'),
    sourceList: place('sourceList'),
    sourceParts: place('sourceParts'),
    configuration: place('configuration'),
    configurationParts: usualPlaces.configurationParts,
    preferences: place('preferences'),
    preferenceParts: place('preferenceParts'),
    secrets: place('secrets'),
    secretParts: place('secretParts'),
  };
}

/**
 * Where apt keeps its package lists. Not as the tree has it: who asks gives it to a program that sees the tree as apt does.
 *
 * @param stdout of {@link askForPlaces}
 */
export function readListsPlace(stdout: string): string {
  const place = readShellWords(stdout).get('lists') ?? '';
  return place.startsWith('/') ? place : listsFolder;
}

function readShellWords(stdout: string): ReadonlyMap<string, string> {
  return new Map(
    [...stdout.matchAll(/^(\w+)='(.*)'$/gm)].map(([, name = '', value = '']) => [name, value.replaceAll("'\\''", "'")]),
  );
}

/** @returns a path that apt has named as its files have it that lie in the tree */
export function insideTree(path: string, tree: string): string {
  return tree !== '' && path.startsWith(`${tree}/`) ? path.slice(tree.length) : path;
}

/** Endings of names in apt's folders; '' stands for a name without any. */
export const partEndings = {
  sources: ['list', 'sources'],
  configuration: ['', 'conf'],
  preferences: ['', 'pref'],
} as const;

/**
 * Whether apt reads a file of one of its folders, by its name: hidden ones and those with other characters are left
 * out, and so are those with another ending, however many dots there are.
 *
 * @see apt-pkg/contrib/fileutl.cc, GetListOfFilesInDir
 */
export function isPart(name: string, endings: readonly string[]): boolean {
  if (!/^[A-Za-z0-9_:-][A-Za-z0-9_:.-]*$/.test(name) || name.endsWith('.')) return false;
  const dot = name.lastIndexOf('.');
  return endings.includes(dot === -1 ? '' : name.slice(dot + 1));
}

/**
 * Names for copies of source files in one folder that apt reads as it reads these: in a format that goes by the ending.
 *
 * @returns path to name
 */
export function copyNames(paths: readonly string[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const path of paths) {
    const base = path.slice(path.lastIndexOf('/') + 1);
    const plain = base.replaceAll(/[^A-Za-z0-9_:.-]/g, '_').replace(/^\./, '_');
    // The file of Dir::Etc::sourcelist may be called anything.
    const whole = isPart(plain, partEndings.sources) ? plain : `${plain.replace(/\.$/, '_')}.list`;
    let name = whole;
    for (let number = 2; taken.has(name); number += 1) name = `${number}-${whole}`;
    taken.add(name);
    names.set(path, name);
  }
  return names;
}

/** Answered by {@link readSourceEntries}: no package lists are read for it, and no cache of them is written. */
export const askForSources: readonly string[] = [
  'apt-get',
  ...aptWithoutLists('/nonexistent'),
  'indextargets',
  '--no-release-info',
  '--format',
  '$(SOURCESENTRY)',
];

/**
 * @param stdout of {@link askForSources}
 * @param tree see {@link treeSetting}
 */
export function readSourceEntries(stdout: string, tree = ''): AptAnswers['sources'] {
  return [...new Set(stdout.split('\n'))].flatMap((line) => {
    const [, file = '', place = ''] = /^(\/.+):(\d+)$/.exec(line) ?? [];
    return file === '' ? [] : [{ file: insideTree(file, tree), place: Number(place) }];
  });
}

/** Answered by {@link readArchitectures}. */
export const askForArchitectures: readonly string[] = [
  'apt-config',
  'dump',
  ...['--format', '%f=%v%n'],
  ...['APT::Architecture', 'APT::Architectures', treeSetting],
];

/** @param stdout of {@link askForArchitectures} */
export function readArchitectures(stdout: string): { readonly architectures: string[]; readonly tree: string } {
  const values = (name: string) =>
    [...stdout.matchAll(new RegExp(`^${name}=(.+)$`, 'gm'))].map(([, value = '']) => value);
  const [tree = ''] = values(treeSetting);
  return { architectures: [...new Set([...values('APT::Architecture'), ...values('APT::Architectures::')])], tree };
}
