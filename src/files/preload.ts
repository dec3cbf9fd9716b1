/** @returns entries of /etc/ld.so.preload, ld.so(8) */
export function readPreload(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, ''))
    .flatMap((line) => line.split(/[\s:]+/))
    .filter((entry) => entry !== '');
}

/** A library that the dynamic loader was told to load before all others, and could not. */
export interface FailedPreload {
  readonly entry: string;
  /** The loader's own line. */
  readonly said: string;
}

/**
 * @param errors what a program wrote on its error output
 * @see ld.so(8); glibc's elf/rtld.c, do_preload
 */
export function readFailedPreloads(errors: string): FailedPreload[] {
  const pattern = /^ERROR: ld\.so: object '(.+)' from \/etc\/ld\.so\.preload cannot be preloaded\b.*$/gm;
  return [...errors.matchAll(pattern)].map(([said, entry = '']) => ({ entry, said }));
}
