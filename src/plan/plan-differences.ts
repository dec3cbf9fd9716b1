import { instanceKey } from '../debian/package.ts';
import { compareVersions } from '../debian/version.ts';
import type { Plan } from './plan.ts';

/** What a new plan does otherwise than the old one, a line each. Empty: only the order of its calls may differ. */
export function planDifferences(old: Plan, now: Plan): string[] {
  const keys = [...new Set([...Object.keys(old.endState), ...Object.keys(now.endState)])].sort();
  const versions = keys.flatMap((name) => {
    const key = name as keyof Plan['endState'];
    const [then, later] = [old.endState[key], now.endState[key]];
    if (then === later) return [];
    if (then === undefined) return [`${key} ${later} will be there as well`];
    if (later === undefined) return [`${key} ${then} will not be there`];
    return [`${key} will be ${later}, and not ${then}`];
  });
  const downgrades = (plan: Plan) =>
    plan.changes.flatMap(({ name, before, after }) =>
      before && after && compareVersions(after.version, before.version) < 0
        ? [`${name} goes down from ${before.version} to ${after.version}`]
        : [],
    );
  const known = new Set(downgrades(old));
  return [...versions, ...downgrades(now).filter((line) => !known.has(line))];
}

/** Instances that the old plan has brought and that the new one has not, or in another version. */
export function leftOver(
  there: readonly { readonly name: string; readonly architecture: string; readonly version: string }[],
  plan: Plan,
): string[] {
  const brought = new Map(plan.archives.map(({ key, version }) => [key, version]));
  return there
    .filter((one) => brought.get(instanceKey(one)) !== one.version)
    .map((one) => `${instanceKey(one)} ${one.version}`);
}
