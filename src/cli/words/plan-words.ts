import type { Change, WaveName } from '../../plan/plan.ts';

/** What becomes of packages: in a sentence, and in a row of numbers. In the order of the report. */
export const changeWords: readonly (readonly [Change, string, string])[] = [
  ['crossgraded', 'go over to the other architecture', 'crossgraded'],
  ['replaced', 'are replaced by another version', 'replaced'],
  ['added', 'are new', 'added'],
  ['vanishing', 'will be gone', 'vanish'],
  ['kept-foreign', 'stay as they are, on your wish', 'kept foreign'],
  ['untouched', 'are not touched', 'untouched'],
];

/** What each wave is about, in a few words. */
export const waveWords: Readonly<Record<WaveName, string>> = {
  level: 'the versions that the target has, still in 32 bit',
  kernel: 'the 64-bit kernel',
  libraries: 'libraries, beside the ones that are there',
  core: 'dpkg, apt and what they need',
  rest: 'everything else',
  purge: 'the old architecture goes',
};
