import { type InstanceKey, instanceKey } from '../debian/package.ts';
import { instancesOf, isReplacing } from '../plan/replacing.ts';
import { pointOfNoReturn } from '../state/state.ts';
import type { StepContext } from './step.ts';

/** The written milestone, and nothing else: versions differ for many reasons. */
export function isPastPointOfNoReturn({ facts }: Pick<StepContext, 'facts'>): boolean {
  return pointOfNoReturn in facts.milestones;
}

/**
 * For states of format 1, whose crossgrade wrote no milestone: it is past when the first wave that replaces something
 * has brought anything. Judged from the architectures of what is installed, since versions change for other reasons.
 */
export function hasReplacedSomething(context: Pick<StepContext, 'record' | 'facts' | 'pair' | 'plan'>): boolean {
  const { record: before, facts, pair, plan } = context;
  if (before === undefined) return false;
  if (facts.inventory.nativeArchitecture === pair.target.name) return true;
  const there = new Map(facts.inventory.packages.map((one) => [instanceKey(one), one]));
  const brought = new Set(instancesOf(plan, (wave) => isReplacing(wave) && wave !== 'purge'));
  return (Object.keys(before.packages) as InstanceKey[]).some((key) => {
    const [name = '', architecture] = key.split(':');
    const successor: InstanceKey = `${name}:${pair.target.name}`;
    if (architecture !== pair.source.name || !brought.has(successor)) return false;
    const now = there.get(key);
    const isBeside = successor in before.packages;
    const isCutOff = now?.reinstallRequired === true || now?.state === 'half-installed';
    return (!isBeside && there.has(successor)) || isCutOff;
  });
}
