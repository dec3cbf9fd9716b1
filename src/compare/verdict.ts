import type { Area } from '../base/difference.ts';
import type { Comparison } from './comparison.ts';

/** What is wrong there is no matter of one thing among others. */
const whole: ReadonlySet<Area> = new Set<Area>(['packages', 'data']);

/** The one sentence that stands below a comparison; its counts are those of the comparison's signs. */
export function verdictOf({ differences }: Pick<Comparison, 'differences'>): {
  readonly kind: 'as-before' | 'but-for' | 'not-as-before';
  readonly words: string;
} {
  const open = differences.filter(({ explanation }) => explanation === null);
  const things = open.length === 1 ? '1 thing' : `${open.length} things`;
  if (differences.length === 0) return { kind: 'as-before', words: 'All is as before: nothing else is different.' };
  if (open.length === 0) return { kind: 'as-before', words: 'All is as it was, but for what has a reason.' };
  if (open.some(({ area }) => whole.has(area))) {
    return { kind: 'not-as-before', words: `NOT as before: ${things} to look at, of packages or data among them.` };
  }
  return { kind: 'but-for', words: `As before, but for ${things} to look at.` };
}
