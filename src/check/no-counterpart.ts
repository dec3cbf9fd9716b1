import { type Answers, singleKey } from '../base/finding.ts';
import type { Dependents } from '../debian/dependents.ts';

/** One answer for all packages that the target lacks; `no-counterpart/PACKAGE` is an answer for one of them. */
export const noCounterpartQuestion = 'no-counterpart';

/** What an answer may say of a single package; to stop is for all. */
export const fateValues = ['remove', 'keep'] as const;

/** What was decided of the packages that the target lacks; every list is sorted. */
export interface Fates {
  readonly keep: readonly string[];
  readonly remove: readonly string[];
  readonly undecided: readonly string[];
  /** To be kept, but not without some that are to be removed: these answers cannot both be followed. */
  readonly contradictions: readonly Contradiction[];
}

export interface Contradiction {
  readonly kept: string;
  /** Those that it cannot do without. */
  readonly removed: readonly string[];
}

/**
 * What is kept keeps what it needs, unless an answer names that to be removed.
 *
 * @param missing installed names that the target lacks
 * @param dependents called only where something is to be kept
 */
export function decideFates(missing: readonly string[], answers: Answers, dependents: () => Dependents): Fates {
  const own = (name: string): string | undefined => answers[singleKey(noCounterpartQuestion, name)];
  const forAll = answers[noCounterpartQuestion];
  const wanted = missing.filter((name) => (own(name) ?? forAll) === 'keep').sort();
  const others = missing.filter((name) => !wanted.includes(name));
  const needersOf = (names: readonly string[]): string[] =>
    wanted.length === 0
      ? []
      : dependents()
          .brokenWithout(names)
          .filter((name) => wanted.includes(name));
  const named = others.filter((name) => own(name) === 'remove');
  const needed = others.filter((name) => !named.includes(name) && needersOf([name]).length > 0);
  const left = others.filter((name) => !needed.includes(name));
  const isRemoved = (name: string): boolean => (own(name) ?? forAll) === 'remove';
  return {
    keep: [...wanted, ...needed].sort(),
    remove: left.filter(isRemoved).sort(),
    undecided: left.filter((name) => !isRemoved(name)).sort(),
    contradictions: needersOf(named).map((kept) => {
      const alone = named.filter((name) => needersOf([name]).includes(kept));
      return { kept, removed: alone.length > 0 ? alone.sort() : [...named].sort() };
    }),
  };
}
