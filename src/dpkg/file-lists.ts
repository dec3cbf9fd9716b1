import type { InstalledPackage, InstanceKey } from '../debian/package.ts';

/** dpkg's list of the files of a package that is not what dpkg wrote. */
export interface LostFileList {
  readonly package: InstanceKey;
  /** Where it is, or should be. */
  readonly path: string;
  /** `damaged`: dpkg refuses all work as long as it is there. */
  readonly how: 'missing' | 'empty' | 'damaged';
}

/** @returns how the names of its files in dpkg's folder `info` begin */
export function infoName({ name, architecture, multiArch }: InstalledPackage): string {
  return multiArch === 'same' ? `${name}:${architecture}` : name;
}

/** Of what is half-installed, that is told. */
export function shouldHaveFileList({ state }: InstalledPackage): boolean {
  return state !== 'config-files' && state !== 'half-installed';
}

/**
 * @param text of the list; absent when there is none
 * @param shipsFiles whether the package brought files, as its sums tell: a list without any may be right
 * @see dpkg's lib/dpkg/db-fsys-files.c: a missing list is a warning, an empty one nothing, a cut one ends dpkg
 */
export function judgeFileList(text: string | undefined, shipsFiles: boolean): LostFileList['how'] | undefined {
  if (text === undefined) return 'missing';
  if (text === '') return shipsFiles ? 'empty' : undefined;
  return text.endsWith('\n') && !text.includes('\n\n') && !text.startsWith('\n') && !text.includes('\0')
    ? undefined
    : 'damaged';
}
