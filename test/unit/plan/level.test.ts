import { describe, expect, test } from 'vitest';
import type { AvailablePackage, InstalledPackage } from '../../../src/debian/package.ts';
import { instanceKey } from '../../../src/debian/package.ts';
import { findDrift } from '../../../src/plan/drift.ts';
import { planLevel } from '../../../src/plan/level.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

const same = { 'Multi-Arch': 'same' };

function targetOf(packages: readonly AvailablePackage[], sourceBuilds: readonly AvailablePackage[]): TargetSet {
  const names = new Set([...packages, ...sourceBuilds].map(({ name }) => name));
  return {
    packages: [available('dpkg:amd64'), ...packages],
    renamed: {},
    missing: [],
    sourceOffers: Object.fromEntries([...names].map((name) => [name, sourceBuilds.filter((one) => one.name === name)])),
  };
}

function level(
  here: readonly InstalledPackage[],
  packages: readonly AvailablePackage[],
  sourceBuilds: AvailablePackage[],
) {
  const { builds, stuck, unknown } = planLevel(inventoryOf(here), targetOf(packages, sourceBuilds), i386ToAmd64);
  return {
    builds: builds.map((one) => `${instanceKey(one)}=${one.version}`).sort(),
    stuck: stuck.map(({ drift, reason }) => `${drift.installed.name}: ${reason}`),
    unknown,
  };
}

describe('drift', () => {
  const drift = (from: string, to: string, multiArch = 'same') =>
    findDrift(
      inventoryOf([installed(`lib:i386=${from}`, { 'Multi-Arch': multiArch })]),
      targetOf([available(`lib:amd64=${to}`, { 'Multi-Arch': multiArch })], []),
      i386ToAmd64,
    ).map(({ direction, mustLevel }) => [direction, mustLevel]);

  test('is up, down, or a mere rebuild; what is replaced need not be levelled', () => {
    expect(drift('1-1', '1-2')).toEqual([['up', true]]);
    expect(drift('1-1+local1', '1-1')).toEqual([['down', true]]);
    expect(drift('1-1', '1-1+b1')).toEqual([['rebuild', true]]);
    expect(drift('1-1', '1-2', 'foreign')).toEqual([['up', false]]);
    expect(drift('1-1', '1-1')).toEqual([]);
  });
});

describe('the first wave', () => {
  const lib = installed('lib:i386=2', same);
  const targetBuild = available('lib:amd64=1', same);
  const build = available('lib:i386=1', same);

  test('brings a library to the version of its twin, from the source’s repositories', () => {
    expect(level([lib], [targetBuild], [build])).toEqual({ builds: ['lib:i386=1'], stuck: [], unknown: [] });
  });

  test('takes along who depends on the old version, in any rebuild of the target’s', () => {
    const tool = installed('tool:i386=2', { Depends: 'lib (= 2)' });
    expect(
      level(
        [lib, tool],
        [targetBuild, available('tool:amd64=1+b3', { Depends: 'lib (= 1)' })],
        [build, available('tool:i386=1', { Depends: 'lib (= 1)' })],
      ).builds,
    ).toEqual(['lib:i386=1', 'tool:i386=1']);
  });

  test('brings what the other version needs, and was not there', () => {
    const more = [available('lib:amd64=1', { ...same, Depends: 'more' }), available('more:amd64=1', same)];
    const sourceBuilds = [available('lib:i386=1', { ...same, Depends: 'more' }), available('more:i386=1', same)];
    expect(level([lib], more, sourceBuilds).builds).toEqual(['lib:i386=1', 'more:i386=1']);
    const target = targetOf(more, sourceBuilds);
    const { plan, problems } = makePlan({
      pair: i386ToAmd64,
      inventory: inventoryOf([lib]),
      target,
      residualConfig: 'purge',
      differingFiles: {},
      initramfsBytes: 0,
    });
    expect(problems).toEqual([]);
    expect(plan.level).toEqual([
      { key: 'lib:i386', from: '2', to: '1' },
      { key: 'more:i386', from: null, to: '1' },
    ]);
    expect(plan.batches.at(-1)).toMatchObject({ wave: 'purge', instances: ['lib:i386', 'more:i386'] });
  });

  test('brings what stands against the other version to its own', () => {
    const other = installed('other:i386=2', { Breaks: 'lib (<< 2)' });
    expect(
      level([lib, other], [targetBuild, available('other:amd64=1')], [build, available('other:i386=1')]).builds,
    ).toEqual(['lib:i386=1', 'other:i386=1']);
  });

  test('takes along what it takes files from, or leaves it', () => {
    const other = installed('other:i386=1', same);
    const taking = available('lib:i386=1', { ...same, Replaces: 'other (<< 2)' });
    const twins = [targetBuild, available('other:amd64=3', same)];
    expect(level([lib, other], twins, [taking, available('other:i386=3', same)]).builds).toEqual([
      'lib:i386=1',
      'other:i386=3',
    ]);
    const gone = installed('gone:i386=1');
    const takingGone = available('lib:i386=1', { ...same, Replaces: 'gone' });
    expect(level([lib, gone], [targetBuild], [takingGone]).stuck).toEqual([
      'lib: lib:i386 1 takes over files of gone:i386 1',
    ]);
    // It has given its files away when the build that is there came.
    const before = installed('lib:i386=2', { ...same, Replaces: 'gone' });
    expect(level([before, gone], [targetBuild], [takingGone]).builds).toEqual(['lib:i386=1']);
  });

  test('says what the repositories have instead', () => {
    expect(level([lib], [targetBuild], []).stuck).toEqual(['lib: no repository has lib for i386']);
    expect(level([lib], [targetBuild], [available('lib:i386=1+b1', same)]).stuck).toEqual([
      'lib: for i386 the repositories have lib 1+b1, and not 1',
    ]);
  });

  test('leaves a library alone that a package from nowhere needs in its old version, and levels the others', () => {
    const tool = installed('tool:i386=2', { Depends: 'lib (= 2)' });
    const fine = installed('fine:i386=2', same);
    expect(
      level(
        [lib, tool, fine],
        [targetBuild, available('tool:amd64=1', { Depends: 'lib (= 1)' }), available('fine:amd64=1', same)],
        [build, available('fine:i386=1', same)],
      ),
    ).toEqual({
      builds: ['fine:i386=1'],
      stuck: ['lib: tool:i386 2 depends on lib (= 2)'],
      unknown: [],
    });
  });

  test('asks for names of which it does not know what the repositories have', () => {
    const { unknown } = planLevel(
      inventoryOf([lib]),
      { packages: [targetBuild], renamed: {}, missing: [], sourceOffers: {} },
      i386ToAmd64,
    );
    expect(unknown).toEqual(['lib']);
  });
});
