/** Dictionaries that packages compiled on this system, in the format of the program that reads them. */
export const dictionaryFolder = '/var/lib/ispell';

/** Compiles all that are there, by the lists of words in /usr/share. @see ispell-autobuildhash(8) */
export const dictionaryBuilder = '/usr/sbin/ispell-autobuildhash';

/** Path to the time at which it was compiled, in milliseconds since 1970. */
export type Dictionaries = Readonly<Record<string, number>>;

/** @returns those that an ispell of the old word size has compiled; sorted */
export function oldDictionaries(dictionaries: Dictionaries | undefined, replaced: string | undefined): string[] {
  if (replaced === undefined) return [];
  return Object.entries(dictionaries ?? {})
    .filter(([, builtMs]) => builtMs < Date.parse(replaced))
    .map(([path]) => path)
    .sort();
}
