/**
 * Options for what apt says and does of installed packages alone: it neither reads its package lists, which takes long,
 * nor writes a cache of them, which takes more of the disk than many a package.
 *
 * @param folder for its lists, where there are none
 * @see apt.conf(5), `Dir::State::lists`, `Dir::Cache`
 */
export function aptWithoutLists(folder: string): string[] {
  return [
    `Dir::State::lists=${folder}`,
    // Without lists apt knows no release, and would complain of the one that it is told to prefer.
    'APT::Default-Release=',
    'Dir::Cache::pkgcache=',
    'Dir::Cache::srcpkgcache=',
  ].flatMap((setting) => ['-o', setting]);
}
