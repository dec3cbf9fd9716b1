export type Severity = 'blocker' | 'warning' | 'note';

export type Remedy = { readonly hint: string } | { readonly command: string } | { readonly decision: string };

/** One fact worth telling. */
export interface Finding {
  /** Stable, never reused: `packages/no-counterpart`; the same for every finding of its kind. */
  readonly id: string;
  readonly severity: Severity;
  readonly title: string;
  /** One paragraph in plain words. */
  readonly detail: string;
  /** Packages, files or services; sorted. */
  readonly affected: readonly string[];
  readonly remedies: readonly Remedy[];
  /** Where it is documented: a manual page, release notes, a bug. */
  readonly source: string;
}

/** A finding as a check makes it; the source is what the check says about its id. */
export type Found = Omit<Finding, 'source'>;

/** What `crossgrade explain` says of an id. */
export interface About {
  /** What it means and why it matters; plain words, no layout. */
  readonly text: string;
  readonly source: string;
}

/** A choice that only the administrator can make. */
export interface Question {
  /** Stable, and the key in an answers file: `residual-config`. */
  readonly id: string;
  readonly text: string;
  readonly why: string;
  readonly affected: readonly string[];
  readonly choices: readonly Choice[];
  /** Where an answer may be given for a single one of the affected, too, as `id/NAME`. */
  readonly single?: SingleAnswers;
  /** The value that a plan takes while there is no answer, or the answer is to stop; absent where no plan depends on it. */
  readonly assumed?: string;
}

export interface SingleAnswers {
  readonly choices: readonly Pick<Choice, 'value' | 'title'>[];
  /** What is known of one of the affected, by name. */
  readonly about: Readonly<Record<string, string>>;
  /** Those without an answer that says what becomes of them. */
  readonly undecided: readonly string[];
  /** Why the answers that were given cannot be followed together; none when they can. */
  readonly contradictions: readonly string[];
}

export interface Choice {
  readonly value: string;
  readonly title: string;
  /** What follows from it. */
  readonly consequence: string;
  readonly recommended?: boolean;
}

/** Question id, or `id/NAME` for a single one of those that it is about, to the chosen value. */
export type Answers = Readonly<Record<string, string>>;

/** @returns whether something is still to be decided: an answer is missing, or the answers contradict each other */
export function isOpen({ id, single }: Question, answers: Answers): boolean {
  if (single === undefined) return answers[id] === undefined;
  return single.contradictions.length > 0 || (single.undecided.length > 0 && answers[id] === undefined);
}

/** @returns the key in an answers file: `no-counterpart/wine32` */
export function singleKey(id: string, name: string): string {
  return `${id}/${name}`;
}
