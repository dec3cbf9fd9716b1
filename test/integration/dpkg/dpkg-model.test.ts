import { afterAll, beforeAll, expect, test } from 'vitest';
import { compareManyWithDpkg, describeComparison } from '../../support/dpkg/against-dpkg.ts';
import { describePlans, performPlans } from '../../support/dpkg/plan-on-dpkg.ts';
import { RealDpkg } from '../../support/dpkg/real-dpkg.ts';

let dpkg: RealDpkg;
beforeAll(async () => {
  dpkg = await RealDpkg.make();
});
afterAll(() => dpkg.dispose());

// `npm run test:dpkg` does this thousands of times.
test('the model foretells what the real dpkg does with made-up packages', async () => {
  const comparison = await compareManyWithDpkg(dpkg, 10_001, 90);
  console.log(describeComparison(comparison));
  expect(comparison.wrong).toEqual([]);
  // Nothing is proven where dpkg takes all, or refuses all.
  expect(comparison.accepted).toBeGreaterThan(comparison.judgements / 4);
  expect(comparison.judgements - comparison.accepted).toBeGreaterThan(comparison.judgements / 4);
  expect(comparison.needless.length).toBeLessThan(comparison.judgements / 50);
});

test('the real dpkg performs the plans of made-up hosts', async () => {
  const performed = await performPlans(dpkg, 10_001, 10, 20);
  console.log(describePlans(performed));
  expect(performed.wrong).toEqual([]);
  expect(performed.refused).toEqual([]);
});
