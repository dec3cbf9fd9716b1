import type { InstanceKey } from '../debian/package.ts';
import type { Plan, WaveName } from './plan.ts';

/** Waves whose calls replace, or take away, what the old system has. */
const replacing: ReadonlySet<WaveName> = new Set<WaveName>(['core', 'rest', 'purge']);

export function isReplacing(wave: WaveName): boolean {
  return replacing.has(wave);
}

/** Instances that the calls of some waves bring or take away. */
export function instancesOf(plan: Plan, ofWave: (wave: WaveName) => boolean): InstanceKey[] {
  return plan.batches.filter(({ wave }) => ofWave(wave)).flatMap(({ instances }) => instances);
}
