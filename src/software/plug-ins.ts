import type { RootPath } from '../base/root.ts';
import { ancestors } from './group-programs.ts';
import { type Alias, realPath } from './software-survey.ts';

/** A plug-in of a package that stays in the source architecture, for programs that go over: these cannot load it. */
export interface LonePlugIn {
  readonly path: RootPath;
  /** The package that has it, by its name. */
  readonly package: string;
  /** Where the plug-ins of its kind are. */
  readonly folder: string;
  /** Other packages that have theirs there, and go over; sorted. */
  readonly beside: readonly string[];
}

/** Folders that packages share for other reasons than to load each other’s files. */
function isCommon(folder: string, triplet: string): boolean {
  return (
    /^(\/usr(\/local)?)?(\/(s?bin|lib|lib(32|64|x32|exec)|share|games|include))?$/.test(folder) ||
    new RegExp(`^(/usr)?/lib/${triplet}$`).test(folder) ||
    /^\/(opt|srv|var|var\/(lib|cache|opt)|etc|usr\/lib\/debug.*|usr\/share\/.*)$/.test(folder)
  );
}

/**
 * Which shared objects of packages without a build for the target lie where programs that have one look for plug-ins.
 *
 * @param libraries shared objects of such packages, by the name of each
 * @param lists dpkg's lists of files of packages that go over, by the name of each
 * @param used paths that programs which stay have as plain strings: they load from there
 */
export function findLonePlugIns(
  libraries: readonly { readonly path: RootPath; readonly package: string }[],
  lists: ReadonlyMap<string, string>,
  used: ReadonlySet<string>,
  aliases: readonly Alias[],
  triplet: string,
): LonePlugIn[] {
  const folders = new Set(
    libraries.flatMap(({ path }) => ancestors(path)).filter((folder) => !isCommon(folder, triplet)),
  );
  if (folders.size === 0) return [];
  const sharers = new Map<string, string[]>();
  for (const [name, text] of lists) {
    for (const line of text.split('\n')) {
      const folder = realPath(line, aliases);
      if (folders.has(folder)) sharers.set(folder, [...(sharers.get(folder) ?? []), name]);
    }
  }
  const isUsed = (folder: string): boolean => [...used].some((path) => `${path}/`.startsWith(`${folder}/`));
  return libraries.flatMap((one) => {
    const folder = ancestors(one.path)
      .filter((each) => sharers.has(each))
      .at(-1);
    if (folder === undefined || isUsed(folder)) return [];
    return [{ ...one, folder, beside: [...new Set(sharers.get(folder))].sort() }];
  });
}
