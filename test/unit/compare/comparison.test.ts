import { describe, expect, test } from 'vitest';
import { comparePackages, joinParts, wantedHolds, wantedMarks } from '../../../src/compare/comparison.ts';
import { formatComparisonText } from '../../../src/compare/comparison-text.ts';
import type { InstalledPackage, InstanceKey } from '../../../src/debian/package.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { Facts } from '../../../src/run/facts.ts';
import type { BeforeRecord } from '../../../src/state/before-record.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { World } from '../../support/recorded/world.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';

const pair = i386ToAmd64;
const { plan: anyPlan, facts: anyFacts } = new World('bookworm-minimal').context;

const plan: Plan = {
  ...anyPlan,
  changes: [
    {
      name: 'dpkg',
      change: 'crossgraded',
      before: { architecture: 'i386', version: '1' },
      after: { architecture: 'amd64', version: '1' },
      reason: 'i386 1 becomes amd64 1',
    },
    { name: 'libextra', change: 'added', after: { architecture: 'amd64', version: '1' }, reason: 'needed by dpkg' },
    { name: 'zsnes', change: 'vanishing', before: { architecture: 'i386', version: '1' }, reason: 'there is no build' },
  ],
  renamed: { 'linux-image-686': 'linux-image-amd64' },
  endState: {
    'data:all': '1',
    'dpkg:amd64': '1',
    'lib:amd64': '1',
    'libextra:amd64': '1',
    'linux-image-amd64:amd64': '1',
  },
};

const before: BeforeRecord = {
  version: 1,
  recordedAt: '2026-11-22T10:00:00.000Z',
  nativeArchitecture: 'i386',
  foreignArchitectures: [],
  packages: { 'data:all': '1', 'dpkg:i386': '1', 'lib:i386': '1', 'linux-image-686:i386': '1', 'zsnes:i386': '1' },
  automatic: ['data:i386', 'lib:i386', 'zsnes:i386'],
  holds: ['dpkg:i386', 'linux-image-686:i386', 'data:all', 'zsnes:i386'],
  residualConfig: [],
  extendedStates: null,
  architectureFile: null,
  conffiles: {},
  sourceFiles: {},
};

const held = { Status: 'hold ok installed' };
const good: InstalledPackage[] = [
  installed('data:all', held),
  installed('dpkg:amd64', held),
  installed('lib:amd64'),
  installed('libextra:amd64'),
  installed('linux-image-amd64:amd64', held),
];

function compare(
  packages: readonly InstalledPackage[] = good,
  automatic: readonly InstanceKey[] = ['data:amd64', 'lib:amd64', 'libextra:amd64'],
) {
  const inventory = inventoryOf(packages, { nativeArchitecture: 'amd64', automatic: new Set(automatic) });
  const facts: Facts = { ...anyFacts, inventory };
  return comparePackages(pair, plan, before, facts);
}

function unexplained(...input: Parameters<typeof compare>): string[] {
  return compare(...input)
    .differences.filter((one) => one.explanation === null)
    .map((one) => one.what);
}

test('marks go with their packages; what came as a dependency is automatic', () => {
  expect([...wantedMarks(pair, plan, before)].sort()).toEqual(['data:amd64', 'lib:amd64', 'libextra:amd64']);
});

describe('where others had begun', () => {
  // dpkg -i makes what it installs manual; apt has the old marks still, and those of arch:all packages anywhere.
  const begun: BeforeRecord = {
    ...before,
    nativeArchitecture: 'amd64',
    packages: { ...before.packages, 'lib:amd64': '1' },
    automatic: ['data:amd64', 'lib:i386'],
  };

  test('a mark that the old build has counts for the one beside it', () => {
    expect([...wantedMarks(pair, plan, begun)].sort()).toEqual(['libextra:amd64']);
    const taken: Plan = { ...plan, takenOver: true };
    expect([...wantedMarks(pair, taken, begun)].sort()).toEqual(['data:amd64', 'lib:amd64', 'libextra:amd64']);
  });

  test('an older list of marks counts as well, and makes nothing automatic that is not there', () => {
    const given: Plan = { ...plan, takenOver: true, givenMarks: ['dpkg', 'gone'] };
    const none = { ...begun, automatic: [] };
    expect([...wantedMarks(pair, given, none)].sort()).toEqual(['dpkg:amd64', 'libextra:amd64']);
  });
});

test('holds go with their packages and with a name that changed; those of what is gone are gone', () => {
  expect(wantedHolds(pair, plan, before)).toEqual(['data:all', 'dpkg:amd64', 'linux-image-amd64:amd64']);
});

describe('the comparison', () => {
  test('explains what the plan foretold, and finds nothing else', () => {
    expect(compare().differences).toEqual([
      { what: 'libextra came', explanation: 'needed by dpkg' },
      { what: 'zsnes went', explanation: 'there is no build' },
    ]);
  });

  test('counts what was and what is', () => {
    expect(compare().rows.map((row) => `${row.label.trim()}: ${row.before} -> ${row.after}`)).toEqual([
      'dpkg’s architecture: i386 -> amd64',
      'foreign architectures: none -> none',
      'packages: 5 -> 5',
      'i386: 4 -> 0',
      'amd64: 0 -> 4',
      'all: 1 -> 1',
      'marked automatic: 3 -> 3',
      'on hold: 4 -> 3',
    ]);
  });

  test('finds a package that is missing, left over, of another version or not configured', () => {
    expect(unexplained(good.filter((one) => one.name !== 'lib'))).toEqual(['lib:amd64 1 is missing']);
    expect(unexplained([...good, installed('lib:i386', { 'Multi-Arch': 'same' })])).toEqual([
      'lib:i386 is there, but was not planned',
    ]);
    const other = good.map((one) => (one.name === 'lib' ? installed('lib:amd64=2') : one));
    expect(unexplained(other)).toEqual(['lib:amd64 is 2, planned was 1']);
    const half = good.map((one) => (one.name === 'lib' ? { ...one, state: 'unpacked' as const } : one));
    expect(unexplained(half)).toEqual(['lib:amd64 is unpacked']);
  });

  test('finds a mark or a hold that is lost or new', () => {
    expect(unexplained(good, ['data:amd64', 'lib:amd64', 'dpkg:amd64'])).toEqual([
      'automatic mark of libextra:amd64 is lost',
      'automatic mark of dpkg:amd64 is new',
    ]);
    const swapped = good.map((one) =>
      installed(`${one.name}:${one.architecture}`, one.name === 'lib' ? held : { Status: 'install ok installed' }),
    );
    expect(unexplained(swapped)).toEqual([
      'hold on data:all is lost',
      'hold on dpkg:amd64 is lost',
      'hold on linux-image-amd64:amd64 is lost',
      'hold on lib:amd64 is new',
    ]);
  });

  test('does not mind configuration that is left over', () => {
    expect(unexplained([...good, installed('mc:i386', { Status: 'deinstall ok config-files' })])).toEqual([]);
  });

  test('tells the packages that were kept from those that had to go', () => {
    const build = { architecture: 'i386', version: '1' };
    const kept = { name: 'game', change: 'kept-foreign' as const, before: build, after: build, reason: 'kept' };
    const keeping = { ...plan, changes: [...plan.changes, kept], missing: ['game', 'zsnes'] };
    const { differences } = comparePackages(pair, keeping, before, anyFacts);
    expect(differences).toContainEqual({
      what: '1 packages stay in i386: game',
      explanation: 'game and what they need, as decided',
    });
  });

  test('makes a report that says so', () => {
    const report = (packages?: typeof good) => formatComparisonText(joinParts([['packages', compare(packages)]]));
    expect(report()).toMatch(
      /zsnes went: there is no build\n\nNothing is left to look at\.\n\nAll is as it was, .*\n$/,
    );
    expect(report(good.slice(1))).toMatch(
      /For you to look at\n {2}Packages\n {4}data:all 1 is missing\n(.|\n)*\n\nNOT as before: /,
    );
  });
});
