import { isDebians } from '../apt/provenance.ts';
import { withoutRebuild } from '../debian/version.ts';
import type { CheckInput } from './check.ts';

type Judged = Pick<CheckInput, 'facts' | 'repositories' | 'solved'>;

/** @returns whether a system is no plain Debian: by its own name, or because more of its packages are others' */
export function isDerivative({ facts, repositories }: Judged): boolean {
  if (facts.release.id !== 'debian') return true;
  const { byOrigin = {} } = repositories?.provenance ?? {};
  const count = (isWanted: (origin: string) => boolean): number =>
    Object.entries(byOrigin).reduce((sum, [origin, names]) => sum + (isWanted(origin) ? names.length : 0), 0);
  return count((origin) => !isDebians(origin)) > count(isDebians);
}

/** A package that says what the system is, and which would come from Debian though it is not Debian's now. */
export interface ForeignBase {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** @returns none where nobody asked the repositories, or the system is Debian */
export function foreignBase(input: Judged): ForeignBase[] {
  const { repositories, solved } = input;
  if (!isDerivative(input) || solved === undefined || repositories?.provenance === undefined) return [];
  const debians = new Set(
    Object.entries(repositories.provenance.byOrigin).flatMap(([origin, names]) => (isDebians(origin) ? names : [])),
  );
  const names = baseNames(input);
  return solved.plan.changes.flatMap(({ name, before, after }) => {
    if (!before || !after || !names.has(name) || !debians.has(name)) return [];
    // Its own apt would bring the same.
    if (solved.pendingUpgrades.includes(name)) return [];
    const isOther = withoutRebuild(before.version) !== withoutRebuild(after.version);
    return isOther ? [{ name, before: before.version, after: after.version }] : [];
  });
}

/** base-files, and who has taken the place of its os-release: by a diversion, or as a file of configuration. */
function baseNames({ facts }: Judged): ReadonlySet<string> {
  const isName = (path: string): boolean => path === '/etc/os-release' || path === '/usr/lib/os-release';
  const { packages, diversions } = facts.inventory;
  return new Set([
    'base-files',
    ...packages.filter(({ conffiles }) => conffiles.some(({ path }) => isName(path))).map(({ name }) => name),
    ...diversions.filter(({ path }) => isName(path)).map((one) => one.package),
  ]);
}
