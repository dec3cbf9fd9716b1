/** More would hide what comes after. */
const mostTold = 5;

/**
 * What a module of dracut could not bring into an image: dracut says so, and ends with 0.
 *
 * @param text what it has printed
 * @returns sentences, each once
 * @see dracut-install(1)
 */
export function dracutFailures(text: string): string[] {
  const files = [...text.matchAll(/ERROR: installing '([^'\n]+)'/g)].map(
    ([, path]) => `dracut could not put ${path} into the trial’s initramfs: neither will the last one have it`,
  );
  const modules = [...text.matchAll(/dracut module '([^'\n]+)' (cannot be found or installed|depends on [^\n]*)/g)].map(
    ([, name, what]) => `dracut’s module ${name} ${what?.replace(/\.$/, '')}`,
  );
  return [...new Set([...files, ...modules])].slice(0, mostTold);
}
