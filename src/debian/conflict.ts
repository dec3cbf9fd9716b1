import type { Availability } from './availability.ts';

/** Why apt finds no system with every package. */
export interface Conflict {
  readonly unmet: readonly Unmet[];
  /** apt's own words where it gives no unmet dependency. */
  readonly said: readonly string[];
  /**
   * Installed names without which there is a solution, and kernels that were to take the place of installed ones; empty
   * when no few are to blame.
   */
  readonly blamed: readonly string[];
  /** Those of them that go only because other packages are kept in the source architecture, as decided. */
  readonly forcedOut?: readonly string[];
}

/** One line of apt's list of unmet dependencies. */
export interface Unmet {
  /** As apt names it: without its architecture, if that is the native one. */
  readonly name: string;
  /** `Depends`, `Conflicts`, …. */
  readonly kind: string;
  /** `zsnes (>= 1)`, an alternative of it. */
  readonly relation: string;
  /** `it is not installable`; '' when apt does not say. */
  readonly but: string;
}

/**
 * @param text what `apt-get install` wrote when it failed
 * @returns in apt's order
 * @see apt's apt-private/private-output.cc, ShowBroken; apt-pkg/solver3.cc for what only the newer solver says
 */
export function readUnmet(text: string): Unmet[] {
  const classic = readClassic(text);
  return classic.length > 0 ? classic : readDecisions(text);
}

function readClassic(text: string): Unmet[] {
  const found: Unmet[] = [];
  let name = '';
  for (const line of text.split('\n')) {
    const match = /^ (?:(\S+) : | +)(Pre-?Depends|Depends|Conflicts|Breaks|Obsoletes): (.+?)(?: but (.+))?$/.exec(
      line.trimEnd().replace(/ or$/, ''),
    );
    if (match) {
      name = match[1] ?? name;
      found.push({ name, kind: match[2] ?? '', relation: match[3] ?? '', but: match[4] ?? '' });
    }
  }
  return found;
}

/** `2. games:amd64 Depends no-such-game`, and on the next line what is wrong with it. */
function readDecisions(text: string): Unmet[] {
  const pattern = /^\s+\d+\. ([^\s:=]+)\S* (Pre-?Depends|Depends|Conflicts|Breaks) (.+)\n\s+(.*)$/gm;
  return [...text.matchAll(pattern)].map(([, name = '', kind = '', relation = '', next = '']) => ({
    name,
    kind,
    relation,
    but: next.includes('none of the choices are installable') ? 'it is not installable' : '',
  }));
}

/** @returns apt's errors, without their sign */
export function readErrors(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('E: '))
    .map((line) => line.slice('E: '.length).trimEnd());
}

/**
 * @param availability what the repositories have: apt also calls not installable what it was not allowed to choose
 * @returns one sentence without its full stop: `a needs b (>= 2), but only 1 can be installed`
 */
export function explainUnmet(
  { name, kind, relation, but }: Unmet,
  architecture: string,
  availability?: Availability,
): string {
  if (/^(Conflicts|Breaks|Obsoletes)$/.test(kind)) {
    return `${name} cannot be installed together with ${relation}`;
  }
  const version = /^(\S+) is to be installed$/.exec(but)?.[1];
  if (version !== undefined) {
    return `${name} needs ${relation}, but version ${version} would be installed`;
  }
  const isOffered = availability?.get(relation.replace(/[ :(].*/, ''))?.has(architecture) === true;
  if (/not installable|virtual package/.test(but) && !isOffered) {
    return `${name} needs ${relation}, which no repository has for ${architecture}`;
  }
  return `${name} needs ${relation}, which cannot be installed together with the rest`;
}
