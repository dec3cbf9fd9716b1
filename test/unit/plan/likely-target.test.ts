import { expect, test } from 'vitest';
import { isSameTarget, unmetNames, withAddresses } from '../../../src/plan/likely-target.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

test('what is looked for besides is the first alternative of each dependency of which nothing is there', () => {
  const packages = [
    available('a:amd64', { Depends: 'b, c (>= 2) | d, virtual, e | f, i | c', 'Pre-Depends': 'g' }),
    available('b:amd64', { Depends: 'g', Recommends: 'h' }),
    available('p:amd64', { Provides: 'virtual' }),
    available('f:amd64'),
  ];
  expect(unmetNames(packages)).toEqual(['g', 'c', 'i']);
  expect(unmetNames([...packages, available('g:amd64'), available('d:amd64'), available('i:amd64')])).toEqual([]);
});

const target = (...packages: TargetSet['packages']): TargetSet => ({ packages, renamed: {}, missing: [] });

test('targets are the same whatever their addresses; another version, name or loss makes another target', () => {
  const one = target(available('dpkg:amd64'), available('a:amd64=1'));
  const withUris = target(...one.packages.map((build) => ({ ...build, uri: 'http://mirror.example/a.deb' })));
  expect(isSameTarget(one, withUris)).toBe(true);
  expect(isSameTarget(one, target(available('dpkg:amd64'), available('a:amd64=2')))).toBe(false);
  expect(isSameTarget(one, target(available('dpkg:amd64')))).toBe(false);
  expect(isSameTarget(one, { ...one, missing: ['b'] })).toBe(false);
  expect(isSameTarget(one, { ...one, givenUp: { b: 'it cannot be installed' } })).toBe(false);
});

test('a plan that was made before gets the addresses that apt has named', () => {
  const packages = [available('dpkg:amd64'), available('a:amd64')];
  const planFor = (set: TargetSet) =>
    makePlan({
      pair: i386ToAmd64,
      inventory: inventoryOf([installed('a:i386')]),
      target: set,
      residualConfig: 'purge',
      differingFiles: null,
      initramfsBytes: 0,
    }).plan;
  const found = packages.map((build) => ({ ...build, uri: `http://mirror.example/${build.name}.deb` }));
  expect(withAddresses(planFor(target(...packages)), found)).toEqual(planFor(target(...found)));
});
