import { type Answers, singleKey } from '../base/finding.ts';
import type { Availability } from '../debian/availability.ts';
import { compareVersions } from '../debian/version.ts';
import { directionOf } from './drift.ts';
import type { PackageChange } from './plan.ts';

/** One answer for all packages that would go down to an older version; `downgrade/PACKAGE` is one for a single one. */
export const downgradeQuestion = 'downgrade';

/** What an answer may say of a single package; to stop is for all. */
export const downgradeValues = ['keep', 'downgrade'] as const;

/** A package that the target system would have in an older version than the one that is installed. */
export interface Downgrade {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Rebuilds differ between architectures in nothing else: to have another one is no downgrade. */
export function findDowngrades(changes: readonly PackageChange[]): Downgrade[] {
  return changes.flatMap(({ name, change, before, after }) =>
    (change === 'crossgraded' || change === 'replaced') && before && after && isDown(before.version, after.version)
      ? [{ name, from: before.version, to: after.version }]
      : [],
  );
}

/** @returns whether that is an older version, and no mere rebuild */
export function isDown(from: string, to: string): boolean {
  return directionOf(from, to) === 'down';
}

/**
 * @param versions what the repositories have for the target
 * @returns the lowest version that is not older than the installed one; undefined where there is none
 */
export function higherVersion(installed: string, versions: readonly string[]): string | undefined {
  return [...versions].filter((version) => !isDown(installed, version)).sort(compareVersions)[0];
}

/** Names of which the higher version is to be taken, if any repository has one. */
export interface KeptHigher {
  has(name: string): boolean;
}

/** @returns undefined where no answer asks for it */
export function keptHigher(answers: Answers): KeptHigher | undefined {
  const prefix = singleKey(downgradeQuestion, '');
  const isAsked = Object.entries(answers).some(
    ([key, value]) => value === 'keep' && (key === downgradeQuestion || key.startsWith(prefix)),
  );
  return isAsked ? { has: (name) => answerFor(name, answers) === 'keep' } : undefined;
}

/** @returns names of which the answers decide one by one */
export function namesInAnswers(answers: Answers): string[] {
  const prefix = singleKey(downgradeQuestion, '');
  return Object.keys(answers).flatMap((key) => (key.startsWith(prefix) ? [key.slice(prefix.length)] : []));
}

/** @returns what was decided of one package: its own answer, or that for all */
export function answerFor(name: string, answers: Answers): string | undefined {
  return answers[singleKey(downgradeQuestion, name)] ?? answers[downgradeQuestion];
}

/** @returns versions that the target's repositories have of a package */
export function targetVersions(name: string, availability: Availability | undefined, architecture: string): string[] {
  const versions = availability?.get(name);
  return [...(versions?.get(architecture) ?? []), ...(versions?.get('all') ?? [])];
}
