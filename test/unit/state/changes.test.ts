import { describe, expect, test } from 'vitest';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import type { Archive, Batch, Plan } from '../../../src/plan/plan.ts';
import { planDifferences } from '../../../src/plan/plan-differences.ts';
import { hasReplacedSomething, isPastPointOfNoReturn } from '../../../src/run/point-of-no-return.ts';
import type { StepContext } from '../../../src/run/step.ts';
import { basisOf, renewRecord } from '../../../src/state/basis.ts';
import { changesBefore, changesPast, describeChange, withoutOwn } from '../../../src/state/changes.ts';
import { World } from '../../support/recorded/world.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';

const { pair, facts: someFacts } = new World('bookworm-minimal').context;

const sources = '/etc/apt/sources.list';
const restricted = 'deb [arch=i386] http://mirror.example/debian bookworm main\n';
const widened = 'deb [arch=i386,amd64] http://mirror.example/debian bookworm main\n';

type Some = Readonly<Record<string, Partial<InstalledPackage>>>;

/** `libfoo:i386=1` and what is different of it. */
function packagesOf(some: Some): InstalledPackage[] {
  return Object.entries(some).map(([word, changes]) => {
    const [key = '', Version = '1'] = word.split('=');
    return { ...installed(key, { Version }), ...changes };
  });
}

function factsOf(some: Some, text = restricted, foreignArchitectures: readonly string[] = ['amd64']) {
  const inventory = inventoryOf(packagesOf(some), { foreignArchitectures });
  return { ...someFacts, inventory, sourceFiles: { [sources]: text } };
}

const archive = (key: string, version: string) =>
  ({ key, version, fileName: `${key.replace(':', `_${version}_`)}.deb`, bytes: 1, sha256: '', uri: '' }) as Archive;
const batch = (wave: Batch['wave'], operation: Batch['operation'], ...instances: readonly string[]) =>
  ({ id: `${wave}-1`, wave, operation, instances, force: [] }) as unknown as Batch;

/** libfoo comes beside, foo is replaced, old goes. */
const plan = {
  batches: [
    batch('libraries', 'install', 'libfoo:amd64'),
    batch('core', 'install', 'foo:amd64'),
    batch('purge', 'purge', 'libfoo:i386', 'old:i386'),
  ],
  archives: [archive('libfoo:amd64', '1'), archive('foo:amd64', '1')],
  endState: { 'libfoo:amd64': '1', 'foo:amd64': '1', 'data:all': '1' },
  changes: [],
} as unknown as Plan;

const start: Some = { 'libfoo:i386': {}, 'foo:i386': {}, 'old:i386': {}, 'data:all': {} };
const basis = basisOf(factsOf(start, restricted, []));

function before(some: Some, text = widened, foreign: readonly string[] = ['amd64'], withPlan = plan): string[] {
  return changesBefore(basis, { pair, plan: withPlan, facts: factsOf(some, text, foreign) }).map(describeChange);
}

const without = (name: string): Some => Object.fromEntries(Object.entries(start).filter(([key]) => key !== name));

describe('before the point of no return', () => {
  test.each<[what: string, now: Some]>([
    ['nothing', start],
    ['libraries that came beside', { ...start, 'libfoo:amd64': {} }],
    [
      'one at which dpkg was killed',
      { ...start, 'libfoo:amd64=0.1': { state: 'half-installed', reinstallRequired: true } },
    ],
    ['one that is unpacked', { ...start, 'libfoo:amd64': { state: 'unpacked' } }],
    ['triggers that were put off', { ...start, 'data:all': { state: 'triggers-pending' } }],
  ])('what the run has done is no change: %s', (_, now) => {
    expect(before(now)).toEqual([]);
  });

  test.each<[now: Some, change: string]>([
    [{ ...without('libfoo:i386'), 'libfoo:i386=2': {} }, 'libfoo:i386 was upgraded from 1 to 2'],
    [
      { ...without('libfoo:i386'), 'libfoo:i386=0.9': { state: 'unpacked' } },
      'libfoo:i386 was downgraded from 1 to 0.9',
    ],
    [{ ...start, 'libfoo:amd64=2': {} }, 'libfoo:amd64 2 was installed'],
    [{ ...start, 'foo:amd64': {} }, 'foo:amd64 1 was installed'],
    [{ ...start, 'new:all': {} }, 'new:all 1 was installed'],
    [without('old:i386'), 'old:i386 1 was removed'],
    [{ ...start, 'old:i386': { state: 'config-files' } }, 'old:i386 1 was removed'],
    [
      { ...start, 'new:i386': { state: 'config-files' } },
      'new:i386 was installed and removed: its configuration is there',
    ],
    [{ ...start, 'foo:i386': { want: 'hold' } }, 'foo:i386 was put on hold'],
    [{ ...start, 'foo:i386': { want: 'deinstall' } }, 'foo:i386 was selected to be removed'],
    [
      { ...start, 'foo:i386': { state: 'half-installed', reinstallRequired: true } },
      'foo:i386 1 is half-installed: a call of dpkg was not finished',
    ],
  ])('what somebody else has done is named: %#', (now, change) => {
    expect(before(now)).toEqual([change]);
  });

  test('our own package is nobody’s change: a newer one goes on, and one that is refused to be removed is so selected', () => {
    const own = basisOf(factsOf({ ...start, 'crossgrade:all': {} }, restricted, []));
    const now = factsOf({ ...start, 'crossgrade:all=2': { want: 'purge' } }, widened);
    expect(changesBefore(own, { pair, plan, facts: now })).toEqual([]);
    expect(changesBefore(own, { pair, plan, facts: factsOf(start, widened) })).toEqual([]);
    expect(changesPast(own, { pair, plan, facts: now })).toEqual({ obstacles: [], rest: [] });
  });

  test('levelled packages are ours, at the version that the plan brings them to, or on their way', () => {
    const levelling: Plan = {
      ...plan,
      batches: [batch('level' as Batch['wave'], 'install', 'libfoo:i386'), ...plan.batches],
      archives: [...plan.archives, archive('libfoo:i386', '2')],
    };
    const now = (word: string, changes: Partial<InstalledPackage> = {}) =>
      before({ ...without('libfoo:i386'), [word]: changes }, widened, ['amd64'], levelling);
    expect(now('libfoo:i386=1')).toEqual([]);
    expect(now('libfoo:i386=2')).toEqual([]);
    expect(now('libfoo:i386=1', { state: 'half-installed', reinstallRequired: true })).toEqual([]);
    expect(now('libfoo:i386=2', { state: 'unpacked' })).toEqual([]);
    expect(now('libfoo:i386=3')).toEqual(['libfoo:i386 was upgraded from 1 to 3']);
  });

  test('sources: our own edit and comments are none, all else names the file', () => {
    expect(before(start, restricted)).toEqual([]);
    expect(before(start, `# why\n${widened}`)).toEqual([]);
    expect(before(start, `${widened}deb http://mirror.example/more ./\n`)).toEqual([`${sources} was changed`]);
    expect(before(start, `#${widened}`)).toEqual([`${sources} was changed`]);
    const facts = { ...factsOf(start), sourceFiles: { '/etc/apt/sources.list.d/x.list': restricted } };
    expect(changesBefore(basis, { pair, plan, facts }).map(describeChange)).toEqual([
      `${sources} was removed`,
      '/etc/apt/sources.list.d/x.list was added',
    ]);
  });

  test('architectures: the target is ours', () => {
    expect(before(start, widened, ['amd64', 'armhf'])).toEqual(['the architecture armhf was added']);
    expect(before(start, widened, [])).toEqual([]);
  });

  test('a new plan is made from what is there without ours, and then nothing is a change', () => {
    const facts = factsOf(
      { ...start, 'new:all': {}, 'libfoo:amd64': {} },
      `${widened}deb http://mirror.example/more ./\n`,
    );
    const bare = withoutOwn(facts, basis, plan, pair);
    expect(Object.keys(basisOf(bare).packages)).toEqual([...Object.keys(basis.packages), 'new:all']);
    expect(bare.inventory.foreignArchitectures).toEqual([]);
    expect(bare.sourceFiles[sources]).toBe(`${restricted}deb http://mirror.example/more ./\n`);
    expect(changesBefore(basisOf(bare), { pair, plan, facts })).toEqual([]);
  });
});

test('the record of before gets what the administrator has changed, and keeps the rest', () => {
  const record = { ...minimalRecord(), recordedAt: 'then' };
  const facts = factsOf({ ...start, 'new:all': { want: 'hold' } }, restricted, ['armhf']);
  const renewed = renewRecord(record, facts);
  expect(renewed).toMatchObject({ recordedAt: 'then', holds: ['new:all'], foreignArchitectures: ['armhf'] });
  expect(renewed.packages).toMatchObject({ 'new:all': '1' });
  expect(renewed.architectureFile).toBe('i386\narmhf\n');
});

describe('past the point of no return', () => {
  const past = (some: Some) => changesPast(basis, { pair, plan, facts: factsOf(some) });
  const done: Some = { 'libfoo:amd64': {}, 'foo:amd64': {}, 'data:all': {} };

  test.each<[what: string, now: Some]>([
    ['nothing yet', start],
    ['half of it', { ...without('foo:i386'), 'libfoo:amd64': {}, 'foo:amd64': { state: 'unpacked' } }],
    ['all', done],
    ['all, and configuration is left', { ...done, 'old:i386': { state: 'config-files' } }],
  ])('what the run has done is no change: %s', (_, now) => {
    expect(past(now)).toEqual({ obstacles: [], rest: [] });
  });

  test('what the plan does not know has to be purged', () => {
    expect(past({ ...done, 'new:i386': {} }).obstacles).toMatchObject([{ command: 'dpkg --purge new:i386' }]);
  });

  test('what is not of the planned version is put back', () => {
    const { 'foo:amd64': _, ...others } = done;
    expect(past({ ...others, 'foo:amd64=2': {} }).obstacles).toEqual([
      {
        change: { kind: 'version', key: 'foo:amd64', from: '1', to: '2' },
        command: 'dpkg --install /var/cache/crossgrade/archives/foo_1_amd64.deb',
      },
    ]);
  });

  test('what no command mends is told, and no obstacle', () => {
    const { 'data:all': _, ...others } = done;
    expect(past({ ...others, 'libfoo:i386=2': {} })).toEqual({
      obstacles: [],
      rest: [
        { kind: 'version', key: 'libfoo:i386', from: '1', to: '2' },
        { kind: 'removed', key: 'data:all', version: '1' },
      ],
    });
  });
});

describe('the point of no return', () => {
  const world = (some: Some, milestones: Readonly<Record<string, string>> = {}) =>
    ({ pair, plan, facts: { ...factsOf(some), milestones }, record: minimalRecord(), answers: {} }) as StepContext;

  test('is the milestone alone', () => {
    expect(isPastPointOfNoReturn(world(without('foo:i386')))).toBe(false);
    expect(isPastPointOfNoReturn(world(start, { 'point-of-no-return': 'then' }))).toBe(true);
  });

  test.each<[what: string, now: Some, past: boolean]>([
    ['nothing', start, false],
    ['libraries beside', { ...start, 'libfoo:amd64': {} }, false],
    ['another version', { ...without('foo:i386'), 'foo:i386=2': {} }, false],
    ['a package that somebody removed', without('old:i386'), false],
    ['a build in place of the other', { ...without('foo:i386'), 'foo:amd64': {} }, true],
    [
      'one that is being replaced',
      { ...start, 'foo:i386': { reinstallRequired: true, state: 'half-installed' } },
      true,
    ],
  ])('of an older state is judged by architectures: %s', (_, now, past) => {
    expect(hasReplacedSomething(world(now))).toBe(past);
  });
});

test('what a new plan does otherwise is told in a line each', () => {
  const now = {
    ...plan,
    endState: { 'libfoo:amd64': '2', 'foo:amd64': '1', 'new:all': '1' },
    changes: [{ name: 'foo', change: 'crossgraded', before: { version: '3' }, after: { version: '1' } }],
  } as unknown as Plan;
  expect(planDifferences(plan, now)).toEqual([
    'data:all 1 will not be there',
    'libfoo:amd64 will be 2, and not 1',
    'new:all 1 will be there as well',
    'foo goes down from 3 to 1',
  ]);
  expect(planDifferences(plan, plan)).toEqual([]);
});

function minimalRecord() {
  return {
    recordedAt: '',
    nativeArchitecture: 'i386',
    version: basis.version,
    packages: basis.packages,
    residualConfig: basis.residualConfig,
    foreignArchitectures: basis.foreignArchitectures,
    sourceFiles: basis.sourceFiles,
    automatic: [],
    holds: [],
    extendedStates: null,
    architectureFile: null,
    conffiles: {},
  };
}
