import { beforeAll, describe, expect, test } from 'vitest';
import type { InstalledPackage, InstanceKey } from '../../../src/debian/package.ts';
import { readStatus } from '../../../src/debian/package-stanza.ts';
import type { Problem } from '../../../src/dpkg/dpkg-model.ts';
import { makePlan, type Planned } from '../../../src/plan/make-plan.ts';
import { compareWithTarget } from '../../../src/plan/package-changes.ts';
import type { Batch, Plan, TargetSet } from '../../../src/plan/plan.ts';
import { planSchema, readPlan } from '../../../src/plan/plan.ts';
import { replayPlan } from '../../../src/plan/replay.ts';
import { vitalPackages } from '../../../src/plan/vital.ts';
import { makeUniverse } from '../../support/dpkg/universe.ts';
import { i386ToAmd64, type RecordedHost, readHost, recordedHosts } from '../../support/recorded/hosts.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

interface Situation {
  readonly packages: readonly InstalledPackage[];
  readonly target: TargetSet;
  readonly differing?: readonly string[];
}

function planOf({ packages, target, differing = [] }: Situation): Planned {
  return makePlan({
    pair: i386ToAmd64,
    inventory: inventoryOf(packages),
    target,
    residualConfig: 'purge',
    differingFiles: Object.fromEntries(differing.map((name) => [name, [`/usr/share/${name}`]])),
    initramfsBytes: 0,
  });
}

function targetOf(...packages: ReturnType<typeof available>[]): TargetSet {
  return { packages: [available('dpkg:amd64'), ...packages], renamed: {}, missing: [] };
}

function shorten(batches: readonly Batch[]): string[] {
  return batches.map((one) =>
    [one.id, one.operation, ...one.instances, ...one.force.map((word) => `+${word}`)].join(' '),
  );
}

/** Laws that every plan keeps. */
function expectLawful({ packages, target, differing = [] }: Situation, { batches }: Plan): void {
  const inventory = inventoryOf(packages);
  const { toUnpack } = compareWithTarget(inventory, target, i386ToAmd64, 'purge');
  const unpacked = batches
    .filter((batch) => batch.operation === 'install' || batch.operation === 'unpack')
    .flatMap((batch) => batch.instances);
  expect([...unpacked].sort(), 'each archive is unpacked once').toEqual(
    toUnpack.map(({ name, architecture }) => `${name}:${architecture}`).sort(),
  );

  const order = ['kernel', 'libraries', 'core', 'rest', 'purge'];
  const waves = batches.map((batch) => order.indexOf(batch.wave));
  expect(waves, 'the waves keep their order').toEqual([...waves].sort((a, b) => a - b));

  const there = new Map(inventory.packages.map((one) => [one.name, one]));
  const builds = new Map(target.packages.map((one) => [`${one.name}:${one.architecture}`, one]));
  for (const batch of batches.filter((one) => one.wave === 'libraries')) {
    expect(batch, 'the libraries wave takes nothing away and forces nothing').toMatchObject({
      operation: 'install',
      force: [],
    });
    for (const key of batch.instances) {
      const old = there.get(key.slice(0, key.indexOf(':')));
      const build = builds.get(key);
      const gentle =
        build?.multiArch === 'same' &&
        (old === undefined ||
          (old.multiArch === 'same' && old.version === build.version && !differing.includes(old.name)));
      if (!gentle) throw new Error(`the libraries wave replaces, deconfigures or overwrites something for ${key}`);
    }
  }
  for (const { force, instances, operation } of batches) {
    const names = instances.map((key) => key.slice(0, key.indexOf(':')));
    const overwrites = names.some((name) => differing.includes(name)) && operation !== 'purge';
    expect(force.filter((word) => word === 'overwrite').length > 0, 'overwrites only what differs').toBe(
      overwrites && (operation === 'install' || operation === 'unpack'),
    );
    expect(force.filter((word) => !['overwrite', 'remove-essential', 'remove-protected'].includes(word))).toEqual([]);
  }
}

describe.each(recordedHosts)('the plan for %s', (name) => {
  let host: RecordedHost;
  let result: { plan: Plan; problems: readonly Problem[] };
  const differing = name === 'bookworm-awkward' ? ['tumbler', 'libib-util'] : [];

  beforeAll(() => {
    host = readHost(name);
    result = planOf({ packages: host.inventory.packages, target: host.target, differing });
  });

  test('is one that dpkg accepts, and leads where it says', () => {
    expect(result.problems).toEqual([]);
    expect(replayPlan(result.plan, host.inventory, host.target)).toEqual([]);
    expect(Object.keys(result.plan.endState).filter((key) => key.endsWith(':i386'))).toEqual([]);
  });

  test('keeps the laws', () => {
    expectLawful({ packages: host.inventory.packages, target: host.target, differing }, result.plan);
  });

  test('loses no name but those that have another now', () => {
    const lost = result.plan.changes.filter((change) => change.change === 'vanishing').map((change) => change.name);
    const excused = (one: string) => one in result.plan.renamed || i386ToAmd64.versionedKernel.test(one);
    expect(lost.filter((one) => !excused(one))).toEqual([]);
    expect(result.plan.missing).toEqual([]);
  });

  test('needs few dpkg calls', () => {
    expect(result.plan.batches.length).toBeLessThanOrEqual(name === 'bookworm-awkward' ? 12 : 10);
  });

  test('is the same after it was stored and read', () => {
    expect(readPlan(JSON.stringify(result.plan))).toEqual(planSchema.parse(result.plan));
  });

  test('calls apt with what was recorded', () => {
    const asked = host.request.arguments.map((argument) => argument.replace(/=.*/, ''));
    const answered = new Set(host.target.packages.map((one) => one.name));
    expect(asked.filter((one) => !answered.has(one))).toEqual([]);
  });
});

test('the 64-bit kernel of a server comes before everything else', () => {
  const { inventory, target } = readHost('bookworm-services');
  const { batches } = planOf({ packages: inventory.packages, target }).plan;
  expect(batches[0]?.wave).toBe('kernel');
  expect(batches[0]?.instances).toEqual(['linux-image-6.1.0-50-amd64:amd64', 'linux-image-amd64:amd64']);
});

test('twins of another version and twins whose files differ wait until the source build is not needed', () => {
  const { inventory, target } = readHost('bookworm-awkward');
  const { batches } = planOf({ packages: inventory.packages, target, differing: ['tumbler', 'libib-util'] }).plan;
  const late = batches.filter((batch) =>
    batch.instances.some((key) => /^(ruby-eventmachine|tumbler|libib-util):/.test(key)),
  );
  expect(shorten(late.filter((batch) => batch.wave !== 'purge'))).toEqual([
    'rest-2 install tumbler:amd64 libib-util:amd64 +overwrite',
    'rest-4 unpack ruby-eventmachine:amd64',
    'rest-5 remove ruby-eventmachine:i386',
    'rest-6 configure ruby-eventmachine:amd64',
  ]);
});

describe('waves', () => {
  const same = { 'Multi-Arch': 'same' };

  test('libraries, then core with what it needs, then the rest, then the purge', () => {
    const pairs = [
      ['lib', same],
      ['bash', { Essential: 'yes', Depends: 'lib' }],
      ['vim', { Depends: 'lib' }],
    ] as const;
    const { plan, problems } = planOf({
      packages: pairs.map(([name, fields]) => installed(`${name}:i386`, fields)),
      target: targetOf(...pairs.map(([name, fields]) => available(`${name}:amd64`, fields))),
    });
    expect(problems).toEqual([]);
    expect(shorten(plan.batches)).toEqual([
      'libraries-1 install lib:amd64',
      'core-1 install dpkg:amd64 bash:amd64',
      'rest-1 install vim:amd64',
      'purge-1 purge lib:i386',
    ]);
  });

  test('a Pre-Depends on a program makes a second call', () => {
    const { plan, problems } = planOf({
      packages: [installed('a:i386', { 'Pre-Depends': 'b' }), installed('b:i386', { Depends: 'new' })],
      target: targetOf(
        available('a:amd64', { 'Pre-Depends': 'b' }),
        available('b:amd64', { Depends: 'new' }),
        available('new:amd64'),
      ),
    });
    expect(problems).toEqual([]);
    expect(shorten(plan.batches)).toEqual([
      'core-1 install dpkg:amd64',
      'rest-1 install new:amd64 b:amd64',
      'rest-2 install a:amd64',
    ]);
  });

  test('a build that breaks a name of its twin’s takes its place, dependers and all', () => {
    // As librust-clap-3-dev of bookworm does.
    const clap = { ...same, Provides: 'clap-3', Breaks: 'clap-3' };
    const pairs = [
      ['lib', same],
      ['clap', clap],
      ['user', { ...same, Depends: 'clap, lib' }],
    ] as const;
    const { plan, problems } = planOf({
      packages: pairs.map(([name, fields]) => installed(`${name}:i386`, fields)),
      target: targetOf(...pairs.map(([name, fields]) => available(`${name}:amd64`, fields))),
    });
    expect(problems).toEqual([]);
    expect(shorten(plan.batches)).toEqual([
      'libraries-1 install lib:amd64',
      'core-1 install dpkg:amd64',
      'rest-1 unpack user:amd64 clap:amd64',
      'rest-2 remove clap:i386 user:i386',
      'rest-3 configure user:amd64 clap:amd64',
      'purge-1 purge lib:i386 clap:i386 user:i386',
    ]);
  });

  test('an arch:all package holds no twin back that only the old dpkg counted for it', () => {
    // As librust-isahc-dev of bookworm, which needs what librust-curl+ssl-dev provides.
    const clap = { ...same, Provides: 'clap-3', Breaks: 'clap-3' };
    const pairs = [
      ['clap', clap],
      ['ssl', { ...same, Depends: 'clap', Provides: 'curl-0.4 (= 1)' }],
    ] as const;
    const isahc = { Depends: 'curl-0.4 (>= 1)' };
    const { plan, problems } = planOf({
      packages: [installed('isahc:all', isahc), ...pairs.map(([name, fields]) => installed(`${name}:i386`, fields))],
      target: targetOf(
        available('isahc:all', isahc),
        ...pairs.map(([name, fields]) => available(`${name}:amd64`, fields)),
      ),
    });
    expect(problems).toEqual([]);
    expect(shorten(plan.batches)).toEqual([
      'core-1 install dpkg:amd64',
      'rest-1 unpack ssl:amd64 clap:amd64',
      'rest-2 remove clap:i386 ssl:i386',
      'rest-3 configure ssl:amd64 clap:amd64',
      'purge-1 purge clap:i386 ssl:i386',
    ]);
  });

  test('what goes for good is purged before the twins, but for what a twin needs', () => {
    const { plan, problems } = planOf({
      packages: [
        installed('lib:i386', { ...same, Depends: 'old-data' }),
        installed('old-data:i386'),
        installed('old-tool:i386', { Depends: 'lib' }),
      ],
      target: targetOf(available('lib:amd64', same)),
    });
    expect(problems).toEqual([]);
    expect(shorten(plan.batches.filter((batch) => batch.wave === 'purge'))).toEqual([
      'purge-1 purge old-tool:i386',
      'purge-2 purge lib:i386 old-data:i386',
    ]);
  });

  test('what is essential or protected is only purged by force', () => {
    const fields = { ...same, Essential: 'yes', Protected: 'yes' };
    const { plan, problems } = planOf({
      packages: [installed('lib:i386', fields)],
      target: targetOf(available('lib:amd64', fields)),
    });
    expect(problems).toEqual([]);
    expect(plan.batches.at(-1)).toMatchObject({
      instances: ['lib:i386'],
      force: ['remove-essential', 'remove-protected'],
    });
  });

  test('what comes waits for an enemy that goes', () => {
    const { plan, problems } = planOf({
      packages: [installed('old:i386')],
      target: targetOf(available('new:amd64', { Conflicts: 'old' })),
    });
    expect(problems).toEqual([]);
    expect(shorten(plan.batches)).toEqual([
      'core-1 install dpkg:amd64',
      'rest-1 remove old:i386',
      'rest-2 unpack new:amd64',
      'rest-3 configure new:amd64',
      'purge-1 purge old:i386',
    ]);
  });

  test('an impossible target is a problem, not a plan', () => {
    const { problems } = planOf({
      packages: [],
      target: targetOf(
        available('a:amd64', { Conflicts: 'b' }),
        available('b:amd64'),
        available('c:amd64', { Depends: 'd' }),
      ),
    });
    expect(problems.map((problem) => problem.text)).toEqual(
      expect.arrayContaining(['c:amd64 depends on d, which is not configured']),
    );
    expect(problems.length).toBeGreaterThan(1);
  });
});

describe('a replay finds', () => {
  const same = { 'Multi-Arch': 'same' };
  const packages = [installed('lib:i386', { ...same, Protected: 'yes' }), installed('a:i386', { Depends: 'lib' })];
  const target = targetOf(
    available('lib:amd64', { ...same, Protected: 'yes' }),
    available('a:amd64', { Depends: 'lib', 'Pre-Depends': 'lib' }),
  );
  const sound = planOf({ packages, target });

  function replay(batches: readonly Batch[], differingFiles: Plan['differingFiles'] = {}): string[] {
    const plan = { ...sound.plan, batches: [...batches], differingFiles };
    return replayPlan(plan, inventoryOf(packages), target).map((problem) => problem.text);
  }

  test('nothing in a sound plan', () => {
    expect(sound.problems).toEqual([]);
    expect(replay(sound.plan.batches)).toEqual([]);
  });

  test('batches in the wrong order', () => {
    expect(replay([...sound.plan.batches].reverse())).toEqual(
      expect.arrayContaining(['a:i386 depends on lib', 'a:amd64 pre-depends on lib, which is not configured']),
    );
  });

  test('a batch that is left out', () => {
    expect(replay(sound.plan.batches.filter((batch) => batch.wave !== 'purge'))).toEqual([
      'lib:i386 would be left over',
    ]);
    expect(replay(sound.plan.batches.filter((batch) => batch.wave !== 'core'))).toEqual(
      expect.arrayContaining(['dpkg:i386 would be left over', 'dpkg:amd64 would be missing']),
    );
  });

  test('a removal without the force that it needs', () => {
    expect(replay(sound.plan.batches.map((batch) => ({ ...batch, force: [] })))).toEqual(['lib:i386 is protected']);
  });

  test('shared files that differ', () => {
    expect(replay(sound.plan.batches, { lib: ['/usr/share/lib'] })).toEqual([
      'lib:amd64 has files that differ from those of lib:i386, which is installed',
    ]);
  });

  test('what is unpacked, but never configured', () => {
    const unpacked = sound.plan.batches.map((batch) =>
      batch.instances.includes('a:amd64') ? { ...batch, operation: 'unpack' as const } : batch,
    );
    expect(replay(unpacked)).toEqual(['a:amd64 would not be configured']);
  });

  test('what is not in the target set', () => {
    const key: InstanceKey = 'ghost:amd64';
    const [first, ...others] = sound.plan.batches;
    expect(replay(first ? [{ ...first, instances: [...first.instances, key] }, ...others] : [])).toContain(
      'ghost:amd64 is in batch libraries-1, but not in the target set',
    );
  });
});

describe('generated hosts', () => {
  const seeds = Array.from({ length: 120 }, (_, index) => index + 1);

  test('get plans that dpkg accepts, or none where a vital library cannot be levelled', () => {
    const refused: number[] = [];
    for (const seed of seeds) {
      const universe = makeUniverse(seed, 10 + (seed % 60));
      const { plan, problems, stuck } = planOf(universe);
      const vital = vitalPackages(inventoryOf(universe.packages), universe.target);
      const isInDanger = stuck.some(({ drift }) => vital.has(drift.installed.name));
      if (isInDanger && problems.every(({ law }) => law)) continue;
      if (problems.length > 0) {
        refused.push(seed);
      } else {
        expectLawful(universe, plan);
      }
    }
    expect(refused).toEqual([]);
  }, 60_000);
});

/** Not the time on the wall: other programs may be at work. */
function leastCpu(work: () => unknown): number {
  return Math.min(
    ...[1, 2, 3].map(() => {
      const before = process.cpuUsage();
      work();
      const { user, system } = process.cpuUsage(before);
      return user + system;
    }),
  );
}

test('planning costs little beside reading: 2,000 packages in a few times what their status file takes', () => {
  const { inventory, target, texts } = readHost('bookworm-services');
  const copies = 5;
  const many = (text: string, own: string): string =>
    text.replace(
      /^(Package|Provides): ([^\n(,]+)$/gm,
      (_, field: string, name: string) => `${field}: ${name.trim()}-${own}`,
    );
  const status = Array.from({ length: copies }, (_, index) =>
    index === 0 ? texts.status : many(texts.status ?? '', `x${index}`),
  );
  const text = status.join('\n');
  const packages = readStatus(text, 'status');
  const reading = leastCpu(() => readStatus(text, 'status'));
  const targets = target.packages.flatMap((one) =>
    Array.from({ length: copies }, (_, index) =>
      index === 0 ? one : { ...one, name: `${one.name}-x${index}`, provides: [] },
    ),
  );
  expect(packages.length).toBeGreaterThan(2000);
  const planning = leastCpu(() => planOf({ packages, target: { ...target, packages: targets } }));
  expect(inventory.packages.length * copies).toBe(packages.length);
  // Five to eight times, by what else the machine does.
  expect(planning / reading).toBeLessThan(16);
}, 60_000);
