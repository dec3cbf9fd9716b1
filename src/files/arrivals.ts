/** A package that was not there before, and what it may have brought besides its conffiles. */
export interface Arrival {
  readonly name: string;
  /** What it ships, as dpkg lists it. */
  readonly paths: readonly string[];
  /** Its maintainer scripts, one after the other. */
  readonly scripts: string;
}

/** Answers for all packages that came. */
export interface Arrivals {
  /** @returns the package that ships the path, by whichever name of a merged folder */
  ships(path: string): string | undefined;
  /** @returns the package whose script names the path */
  makes(path: string): string | undefined;
}

export function arrivalsOf(arrivals: readonly Arrival[]): Arrivals {
  const owners = new Map<string, string>();
  for (const { name, paths } of arrivals) for (const path of paths) owners.set(merged(path), name);
  return {
    ships: (path) => owners.get(merged(path)),
    makes: (path) => arrivals.find(({ scripts }) => names(scripts, path))?.name,
  };
}

export const noArrivals: Arrivals = arrivalsOf([]);

/** /usr/lib is /lib on most systems, and packages name either. */
function merged(path: string): string {
  return path.replace(/^\/usr(?=\/(bin|sbin|lib\w*)(\/|$))/, '');
}

/** As a whole word: /etc/modules is not named by /etc/modules-load.d, and sgx not by sgx_prv. */
export function names(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!/[\w.-]/.test(text[at - 1] ?? ' ') && /^(?![\w/-]|\.\w)/.test(text.slice(at + word.length))) return true;
  }
  return false;
}
