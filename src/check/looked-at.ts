import type { Severity } from '../base/finding.ts';
import type { Unseen } from '../base/unseen.ts';
import type { Check, CheckInput } from './check.ts';
import type { CheckedRow } from './check-report-schema.ts';

/** @returns for each check what came of it, in their order: also of those that found nothing */
export function checkedRows(
  checks: readonly Check[],
  input: CheckInput,
  findings: ReadonlyMap<Check, readonly { readonly id: string; readonly severity: Severity }[]>,
): CheckedRow[] {
  return checks.map((check) => {
    const found = findings.get(check) ?? [];
    const { missing, unseen, applies } = notSeen(check, input);
    const worst = (['blocker', 'warning', 'note'] as const).find((one) =>
      found.some(({ severity }) => severity === one),
    );
    const why = missing ?? (unseen.length === 0 ? null : wordsOf(unseen));
    return {
      id: check.id,
      title: check.title,
      result: worst ?? (!applies ? 'does-not-apply' : missing ? 'not-looked-at' : why === null ? 'passed' : 'partly'),
      findings: [...new Set(found.map(({ id }) => id))],
      notLookedAt: why,
    };
  });
}

interface NotSeen {
  /** Whether this kind of root has it at all. */
  readonly applies: boolean;
  /** Why the check had nothing to look at. */
  readonly missing?: string;
  readonly unseen: readonly Unseen[];
}

function notSeen({ looksAt = {} }: Check, { root, survey, repositories, solved }: CheckInput): NotSeen {
  const { only, apt, parts = [], topics = [] } = looksAt;
  const without = (missing: string, applies = true): NotSeen => ({ applies, missing, unseen: [] });
  if (only === 'host' && root.kind !== 'host') return without('a root in a folder has none', false);
  if (only === 'folder' && root.kind === 'host') return without('this is the running system', false);
  if (apt !== undefined && repositories === undefined) return without('apt was not asked, as something else blocks');
  if (apt === 'target' && solved === undefined) return without('there is no plan, as something else blocks');
  if (parts.length + topics.length === 0) return { applies: true, unseen: [] };
  if (survey === undefined) return without('it was not asked for');
  const { unseenIn = {} } = survey;
  const ofTopics = Object.values(unseenIn)
    .flat()
    .filter(({ what }) => topics.some((topic) => what === topic || what.startsWith(`${topic}/`)));
  return { applies: true, unseen: [...parts.flatMap((part) => unseenIn[part] ?? []), ...ofTopics] };
}

const few = 3;

/** `/root, /srv/x: only root may look at it` */
function wordsOf(unseen: readonly Unseen[]): string {
  const reasons = [...new Set(unseen.map(({ why }) => why))];
  return reasons
    .map((why) => {
      const names = [...new Set(unseen.filter((one) => one.why === why).map(({ what }) => what))];
      const more = names.length - few;
      return `${names.slice(0, few).join(', ')}${more > 0 ? ` and ${more} more` : ''}: ${why}`;
    })
    .join('; ');
}
