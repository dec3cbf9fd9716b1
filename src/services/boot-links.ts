/** A link that says what is started at boot, and is another one than before the first change. */
export interface BootLink {
  /** `/etc/systemd/system/sysinit.target.wants/quota.service`, `/etc/rcS.d/S01quota`. */
  readonly path: `/${string}`;
  /** Where it led before; absent: it was not there. */
  readonly before?: string;
  /** The folder that came with it. */
  readonly newFolder?: `/${string}`;
  /** Name of the package that has what it leads to; absent where none has. */
  readonly package?: string;
}

/** Path to where it leads. */
export type Links = Readonly<Record<string, string>>;

export interface BootLinks {
  readonly before: Links;
  readonly now: Links;
  /** Links of systemd that a package's script has made and written down since the first change. */
  readonly byPackages: ReadonlySet<string>;
  /** Those that one has written down before, and has not forgotten: what was done to them since, somebody else did. */
  readonly known?: ReadonlySet<string>;
}

/**
 * What scripts of packages changed meanwhile. A build that comes beside its twin, or in its place, is configured as if
 * it were new; some enable then what was off. What somebody else has set in the meantime is not touched.
 *
 * @see deb-systemd-helper(1p); update-rc.d(8), which makes links where a script has none
 */
export function changedByPackages({ before, now, byPackages, known }: BootLinks): BootLink[] {
  const ofSystemd = (path: string): boolean => path.startsWith('/etc/systemd/');
  const hadAny = initScriptsIn(before);
  const hasAny = initScriptsIn(now);
  const came = Object.keys(now).filter(
    (path) => !(path in before) && (ofSystemd(path) ? byPackages.has(path) : !hadAny.has(initScriptOf(path))),
  );
  const went = Object.keys(before).filter(
    (path) =>
      !(path in now) &&
      !/\/crossgrade[^/]*$/.test(path) &&
      (ofSystemd(path) ? !known?.has(path) : !hasAny.has(initScriptOf(path))),
  );
  return [
    ...came.map((path) => ({ path: path as BootLink['path'] })),
    ...went.map((path) => ({ path: path as BootLink['path'], before: before[path] ?? '' })),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function initScriptsIn(links: Links): ReadonlySet<string> {
  return new Set(Object.keys(links).map(initScriptOf));
}

/** @returns `quota` of `/etc/rcS.d/S01quota` */
function initScriptOf(path: string): string {
  return /^\/etc\/rc[^/]+\.d\/[SK]\d\d(.+)$/.exec(path)?.[1] ?? '';
}
