import { waveWords } from './plan-words.ts';

/** What the screens call things that are neither findings nor steps: a few words, then what they mean. */
export const words: Readonly<Record<string, readonly [title: string, text: string]>> = {
  'point-of-no-return': [
    'The end of the way back',
    'Up to here everything was only added, and crossgrade rollback gives back the system byte by byte. The next dpkg call replaces programs of the old system: from then on a crossgrade only goes forward, can be interrupted and resumed at any time, and going back means restoring a backup.',
  ],
  wave: [
    'A part of the plan',
    'The dpkg calls of a crossgrade come in six waves: level, kernel, libraries, core, rest, purge. The point of no return lies before core.',
  ],
  level: [
    waveWords.level,
    'The first wave, where versions differ: libraries that stand beside their new builds come to the version that those have. It can be taken back.',
  ],
  kernel: [
    waveWords.kernel,
    'A kernel that runs programs of both architectures is installed beside the old one. It can be taken back.',
  ],
  libraries: [
    waveWords.libraries,
    'The wave before the point of no return: everything that can be installed for both architectures at once comes beside what is there. Nothing is replaced, and it can be taken back.',
  ],
  core: [
    waveWords.core,
    'The first wave that replaces programs: dpkg, apt, tar and the essential and protected packages. The point of no return lies before it.',
  ],
  rest: [waveWords.rest, 'The wave that replaces all packages that are not part of core.'],
  purge: [
    waveWords.purge,
    'The last wave: the old builds that nothing needs any more, and packages that were given up, are removed with their configuration.',
  ],
  prepare: [
    'What comes before the first package',
    'The phase in which what is there is recorded, apt is guarded, and all archives are downloaded and compared. It can be taken back.',
  ],
  finish: [
    'What comes after the last package',
    'The phase in which the old builds go, marks and holds are put back, the initramfs is built, and the system is compared with the plan.',
  ],
  crossgraded: ['Goes over', 'The build of the other architecture takes the place of the one that is there.'],
  replaced: [
    'Another version',
    'The same package comes in another version, and is of the target or of every architecture already.',
  ],
  added: ['New', 'A package that was not installed, and that the new system needs.'],
  vanishing: ['Goes', 'A package that will not be there afterwards; check --why PACKAGE says why.'],
  'kept-foreign': [
    'Stays as it is',
    'A package that stays in the old architecture, as you decided, or because such a package needs it.',
  ],
  untouched: ['Stays as it is', 'A package for all architectures, or one that is of the target already.'],
};

/** @returns the name as it can be explained: `core-1` is a dpkg call of the wave core, `kept foreign` is written with a dash */
export function wordOf(name: string): string {
  const word = name.trim().replaceAll(' ', '-');
  const wave = word.replace(/-\d+$/, '');
  return wave in waveWords ? wave : word === 'vanish' ? 'vanishing' : word;
}
