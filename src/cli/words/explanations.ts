import type { Check } from '../../check/check.ts';
import type { Step } from '../../run/step.ts';
import { errorTexts } from './error-texts.ts';
import { words } from './words.ts';

export type ExplanationKind = 'finding' | 'check' | 'decision' | 'step' | 'word' | 'error';

/** What `crossgrade explain` says of one id. */
export interface Explanation {
  readonly id: string;
  readonly kind: ExplanationKind;
  /** A few words; the id has to do where there are none. */
  readonly title?: string;
  /** Of prose. */
  readonly paragraphs: readonly string[];
  readonly source?: string;
}

/** Everything that can be explained, in the order of the report, of the run, and of the codes. */
export function allExplanations(checks: readonly Check[], steps: readonly Step[]): Explanation[] {
  const findings = checks.flatMap(({ about }) =>
    Object.entries(about).map(
      ([id, { text, source }]): Explanation => ({ id, kind: 'finding', paragraphs: [text], source }),
    ),
  );
  const decisions = checks.flatMap(({ decisions: own = {} }) =>
    Object.entries(own).map(
      ([id, { text, source }]): Explanation => ({
        id,
        kind: 'decision',
        paragraphs: [text, `In an answers file: { "${id}": "CHOICE" }. It is asked before the first change.`],
        source,
      }),
    ),
  );
  const errors = Object.entries(errorTexts).map(
    ([id, { title, text }]): Explanation => ({ id, kind: 'error', title, paragraphs: [text] }),
  );
  const ofWords = Object.entries(words).map(
    ([id, [title, text]]): Explanation => ({ id, kind: 'word', title: capital(title), paragraphs: [text] }),
  );
  return [...findings, ...checks.flatMap(ofCheck), ...decisions, ...steps.map(ofStep), ...ofWords, ...errors];
}

/** One that is called as its finding needs no words of its own. */
function ofCheck({ id, title, about }: Check): Explanation[] {
  if (id in about) return [];
  return [{ id, kind: 'check', title, paragraphs: [`What it can find: ${Object.keys(about).join(', ')}.`] }];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function ofStep({ id, title, why, purpose, needs, undo }: Step): Explanation {
  const back =
    undo === 'point of no return'
      ? 'It cannot be taken back: crossgrade rollback refuses once it has begun.'
      : 'crossgrade rollback takes it back.';
  const skipped = needs === undefined ? [] : [`It is skipped where a root cannot ${needs.join(' or ')}.`];
  return { id, kind: 'step', title, paragraphs: [purpose, why, [back, ...skipped].join(' ')] };
}
