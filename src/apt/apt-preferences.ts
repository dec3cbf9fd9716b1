/** One stanza of apt's preferences. */
export interface Pin {
  readonly file: string;
  /** Its first line, from 1. */
  readonly line: number;
  /** Names, globs (`linux-*`), regular expressions (`/^linux/`), `src:name`, each with an architecture or without. */
  readonly packages: readonly string[];
  /** `version 1.0*`, `release n=bookworm`, `origin mirror.example`. */
  readonly pin: string;
  /** As written. */
  readonly priority: string;
}

/**
 * Reads apt's preferences. apt passes over what it does not understand: so does this.
 *
 * @returns pins for certain packages; those for all (`Package: *`) are no matter of a package
 * @see apt_preferences(5)
 */
export function readPreferences(text: string, file: string): Pin[] {
  const pins: Pin[] = [];
  let line = 1;
  for (const stanza of text.split(/\n[ \t]*(?=\n)/)) {
    const content = stanza.replace(/^\n+/, '');
    const field = (name: string): string =>
      new RegExp(`^${name}:[ \\t]*(.*(?:\\n[ \\t].*)*)`, 'im').exec(content)?.[1]?.trim() ?? '';
    const packages = field('Package').split(/\s+/).filter(Boolean);
    if (packages.length > 0 && !packages.includes('*')) {
      const first = line + (stanza.length - content.length);
      pins.push({ file, line: first, packages, pin: field('Pin'), priority: field('Pin-Priority') });
    }
    line += stanza.split('\n').length;
  }
  return pins;
}

/** @returns whether a word of a `Package` field names this package; one for a certain architecture counts by its name */
export function pinMatches(word: string, name: string): boolean {
  const expression = /^\/(.+)\/(:[^/]+)?$/.exec(word)?.[1];
  if (expression !== undefined) {
    try {
      return new RegExp(expression).test(name);
    } catch {
      return false;
    }
  }
  const escaped = word.replace(/:[^:]*$/, '').replace(/[.+^${}()|\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
}
