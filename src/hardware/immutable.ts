import type { RootPath } from '../base/root.ts';
import type { InstalledPackage } from '../debian/package.ts';

/** A file or folder that not even root can replace, or take files out of. */
export interface ImmutableFile {
  readonly path: RootPath;
  /** As chattr(1) has them: `i` immutable, `a` only to be appended to. */
  readonly attributes: 'i' | 'a' | 'ia';
}

/** Without `..`, which is another folder than the one that was asked for. */
const line = /^([A-Za-z-]{10,}) +(\/.*?)(?:(?<=.)\/\.)?$/;

/**
 * @param text what `lsattr` prints of absolute paths, with `-a` or `-d`; other lines are passed over
 * @see lsattr(1)
 */
export function readImmutable(text: string): ImmutableFile[] {
  return text.split('\n').flatMap((one) => {
    const [, flags = '', path = ''] = line.exec(one) ?? [];
    const immutable = flags.includes('i');
    const appendOnly = flags.includes('a');
    if (path === '' || path.endsWith('/..') || !(immutable || appendOnly)) return [];
    const attributes = immutable ? (appendOnly ? 'ia' : 'i') : 'a';
    return [{ path: path as RootPath, attributes }];
  });
}

/** Files of /etc that are no conffiles, and that scripts of packages write. */
const writtenByScripts: readonly RootPath[] = [
  '/etc/group',
  '/etc/gshadow',
  '/etc/ld.so.cache',
  '/etc/passwd',
  '/etc/shadow',
  '/etc/shells',
  '/etc/subgid',
  '/etc/subuid',
];

/** @returns conffiles, what else packages write in /etc, and the folders of all that, sorted */
export function configurationOf(packages: readonly InstalledPackage[]): RootPath[] {
  const conffiles = packages
    .filter(({ state }) => state !== 'config-files')
    .flatMap((one) => one.conffiles.map(({ path }) => path as RootPath));
  const found = new Set<RootPath>([...conffiles, ...writtenByScripts]);
  // A set goes on to what is added while it is walked through.
  for (const path of found) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    if (folder !== '') found.add(folder as RootPath);
  }
  return [...found].sort();
}
