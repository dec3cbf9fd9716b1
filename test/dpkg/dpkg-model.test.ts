import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareManyWithDpkg, describeComparison } from '../support/dpkg/against-dpkg.ts';
import { describePlans, performPlans } from '../support/dpkg/plan-on-dpkg.ts';
import { RealDpkg } from '../support/dpkg/real-dpkg.ts';

/** `CROSSGRADE_DPKG_SEED=5` begins with other universes, `CROSSGRADE_DPKG_UNIVERSES`, `…_PLANS` make fewer or more. */
const seed = numberOf('SEED', 1);
const universes = numberOf('UNIVERSES', 2000);
const plans = numberOf('PLANS', 500);

let dpkg: RealDpkg;
beforeAll(async () => {
  dpkg = await RealDpkg.make();
});
afterAll(() => dpkg.dispose());

test(`the model foretells what dpkg does in ${universes} universes, from seed ${seed} on`, async () => {
  const comparison = await compareManyWithDpkg(dpkg, seed, universes);
  console.log(describeComparison(comparison));
  expect(comparison.wrong).toEqual([]);
});

test(`dpkg performs the plans of ${plans} made-up hosts, from seed ${seed} on`, async () => {
  const performed = await performPlans(dpkg, seed, plans, 65);
  console.log(describePlans(performed));
  expect(performed.wrong).toEqual([]);
});

function numberOf(name: string, usual: number): number {
  return Number(process.env[`CROSSGRADE_DPKG_${name}`] ?? usual);
}
