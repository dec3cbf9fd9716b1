import type { Repositories } from '../../../src/apt/repositories.ts';
import { readSources } from '../../../src/apt/sources.ts';
import type { Severity } from '../../../src/base/finding.ts';
import type { CheckInput, Solved } from '../../../src/check/check.ts';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import type { Facts } from '../../../src/run/facts.ts';
import { World } from '../recorded/world.ts';
import { available, installed, inventoryOf } from '../roots/packages.ts';

/** What a check finds in a root with one trouble: id, severity, the root, names that are affected. */
export type Trouble = [id: string, severity: Severity, input: CheckInput, affected: readonly string[]];

const { context, target } = new World('bookworm-minimal');

export const noTrouble: Repositories = {
  trouble: { failed: false, failing: [], withoutTarget: [] },
  availability: new Map([['dpkg', new Map([['amd64', ['1.21.22']]])]]),
  replacements: {},
};

/** A root without any of these troubles. */
export const soundInput: CheckInput = {
  pair: context.pair,
  root: { kind: 'chroot', can: new Set(['network']) },
  facts: context.facts,
  answers: {},
  aptComplaints: [],
  repositories: noTrouble,
  solved: { target, plan: context.plan, problems: [], pendingUpgrades: [], space: [] },
};

export function withFacts(facts: Partial<Facts>): CheckInput {
  return { ...soundInput, facts: { ...soundInput.facts, ...facts } };
}

export function withOffers(repositories: Partial<Repositories>, solved: Partial<Solved> = {}): CheckInput {
  return { ...soundInput, repositories: { ...noTrouble, ...repositories }, ...mergeSolved(soundInput, solved) };
}

export function withChanges(changes: Plan['changes'], packages: readonly InstalledPackage[] = []): CheckInput {
  const input = withFacts({ inventory: inventoryOf([installed('dpkg:i386=1.21.22'), ...packages]) });
  return { ...input, ...mergeSolved(input, { plan: { ...context.plan, changes } }) };
}

function mergeSolved({ solved }: CheckInput, change: Partial<Solved>): Pick<CheckInput, 'solved'> {
  if (!solved) throw new Error('nothing is solved');
  return { solved: { ...solved, ...change } };
}

export function withMissing(names: readonly string[], packages: readonly InstalledPackage[] = []): CheckInput {
  const input = withFacts({ inventory: inventoryOf([installed('dpkg:i386=1.21.22'), ...packages]) });
  return { ...input, ...mergeSolved(input, { target: { ...target, missing: names } }) };
}

/** A system of another name, with one package of its own that only Debian has for the target. */
function derivativeWith(change: Plan['changes'][number]): CheckInput {
  const input = withChanges([change]);
  const provenance = { byOrigin: { Debian: [change.name] }, unknown: 0 };
  return {
    ...input,
    facts: { ...input.facts, release: { id: 'acme', version: '1', codename: '' } },
    answers: { derivative: 'go-on' },
    repositories: { ...noTrouble, provenance },
  };
}

type Change = Plan['changes'][number];

export function crossgraded(name: string, before: string, after = before): Change {
  return {
    name,
    change: 'crossgraded',
    before: { architecture: 'i386', version: before },
    after: { architecture: 'amd64', version: after },
    reason: '',
  };
}

const added: Change = {
  name: 'libnew1',
  change: 'added',
  after: { architecture: 'amd64', version: '1' },
  reason: 'needed by tool',
};
const vanishing: Change = {
  name: 'linux-image-6.1.0-50-686',
  change: 'vanishing',
  before: { architecture: 'i386', version: '1' },
  reason: 'a kernel for i386',
};

function withPackages(...packages: InstalledPackage[]): CheckInput {
  return withFacts({ inventory: inventoryOf([installed('dpkg:i386=1.21.22'), ...packages]) });
}

/** With a kernel in the target set. */
export function withKernel(input: CheckInput, ...names: string[]): CheckInput {
  const news = ['linux-image-6.1.0-50-amd64', ...names].map((name) => available(`${name}:amd64`));
  return { ...input, ...mergeSolved(input, { target: { ...target, packages: [...target.packages, ...news] } }) };
}

function withKeptKernel(kernel: InstalledPackage): CheckInput {
  const input = withKernel(withPackages(kernel));
  const kept = available(`${kernel.name}:i386`);
  const packages = [...(input.solved?.target.packages ?? []), kept];
  return { ...input, ...mergeSolved(input, { target: { ...target, packages } }) };
}

const newerNano = new Map([...noTrouble.availability, ['nano', new Map([['amd64', ['7.2-1', '7.4-1']]])] as const]);

/** apt takes the older one of two. */
export const olderNano: CheckInput = {
  ...withChanges([crossgraded('nano', '7.3-1', '7.2-1')]),
  repositories: { ...noTrouble, availability: newerNano },
};

/** A library that cannot be levelled, and packages that need it. */
function withStuck(name: string, dependers: readonly string[]): CheckInput {
  const library = installed(`${name}:i386=1-1`, { 'Multi-Arch': 'same' });
  const build = available(`${name}:amd64=1-1+b1`, { 'Multi-Arch': 'same' });
  const needing = dependers.map((one) => installed(`${one}:i386`, { Depends: name }));
  const coming = [build, ...dependers.map((one) => available(`${one}:amd64`, { Depends: name }))];
  const input = withPackages(library, ...needing);
  const stuck = [
    {
      drift: { installed: library, target: build, direction: 'rebuild' as const, mustLevel: true },
      reason: `no repository has ${name} for i386`,
    },
  ];
  return {
    ...input,
    ...mergeSolved(input, { stuck, target: { ...target, packages: [...target.packages, ...coming] } }),
  };
}

const withLevel: CheckInput = {
  ...soundInput,
  ...mergeSolved(soundInput, {
    plan: { ...context.plan, level: [{ key: 'libx1:i386', from: '1-1+local1', to: '1-1' }] },
  }),
};

export const vboxDkms = installed('virtualbox-dkms:all', { Depends: 'dkms (>= 2)' });

const shopSource = 'deb http://shop.example/apt stable main\n';

/** The repository of a shop, as apt complains of it. */
export function shopWithout(path: string, text: string): CheckInput {
  const input = withFacts({
    sourceFiles: { [path]: text },
    inventory: inventoryOf([installed('dpkg:i386=1.21.22')], { sources: readSources(text, path) }),
  });
  const complaint = { repository: 'http://shop.example/apt', text: "… doesn't support architecture 'amd64'" };
  return {
    ...input,
    repositories: { ...noTrouble, trouble: { failed: false, failing: [], withoutTarget: [complaint] } },
  };
}

export const refused = {
  unmet: [{ name: 'games-meta', kind: 'Depends', relation: 'zsnes', but: 'it is not installable' }],
  said: [],
  blamed: ['games-meta'],
};
const withoutGames = { target: { ...target, missing: ['games-meta'] } };

export const lostLists: CheckInput = {
  ...soundInput,
  lostFileLists: [
    { package: 'zlib1g:i386', path: '/var/lib/dpkg/info/zlib1g:i386.list', how: 'missing' },
    { package: 'grep:i386', path: '/var/lib/dpkg/info/grep.list', how: 'empty' },
    { package: 'tzdata:all', path: '/var/lib/dpkg/info/tzdata.list', how: 'damaged' },
  ],
};

export const packageTroubles: readonly Trouble[] = [
  [
    'packages/file-list-lost',
    'blocker',
    lostLists,
    ['grep:i386 (empty)', 'tzdata:all (damaged)', 'zlib1g:i386 (missing)'],
  ],
  [
    'packages/unfinished',
    'blocker',
    withFacts({ deferredTriggers: ['libc-bin', 'man-db'] }),
    ['libc-bin (triggers-pending)', 'man-db (triggers-pending)'],
  ],
  [
    'packages/repository-fails',
    'blocker',
    withOffers({
      trouble: {
        failed: true,
        failing: [{ repository: 'http://mirror.example/debian', text: 'Connection refused' }],
        withoutTarget: [],
      },
    }),
    ['http://mirror.example/debian'],
  ],
  [
    'packages/repository-without-target',
    'blocker',
    shopWithout('/etc/apt/sources.list.d/shop.list', shopSource),
    ['http://shop.example/apt'],
  ],
  ['packages/no-repository', 'blocker', withOffers({ availability: new Map() }), []],
  [
    'packages/restricted-source',
    'note',
    withFacts({
      sourceFiles: { '/etc/apt/sources.list': 'deb [arch=i386] http://mirror.example/debian bookworm main\n' },
    }),
    ['/etc/apt/sources.list'],
  ],
  ['packages/no-solution', 'blocker', withOffers({ conflict: refused }, withoutGames), ['games-meta']],
  [
    'packages/no-solution',
    'warning',
    { ...withOffers({ conflict: refused }, withoutGames), answers: { 'no-solution': 'remove' } },
    ['games-meta'],
  ],
  [
    'packages/no-target-kernel',
    'blocker',
    withPackages(installed('linux-image-6.1.0-50-686:i386')),
    ['linux-image-6.1.0-50-686'],
  ],
  [
    'packages/kept-kernel',
    'blocker',
    withKeptKernel(installed('linux-image-5.10.99-corp:i386')),
    ['linux-image-5.10.99-corp'],
  ],
  [
    'packages/local-version',
    'warning',
    {
      ...withChanges([crossgraded('nano', '7.2-1~local1', '7.2-1')]),
      repositories: { ...noTrouble, ownVersions: { nano: ['7.2-1'] } },
    },
    ['nano (7.2-1~local1 becomes 7.2-1)'],
  ],
  ['packages/older-version', 'blocker', olderNano, ['nano (7.3-1 would become 7.2-1)']],
  [
    'packages/older-version',
    'blocker',
    { ...olderNano, answers: { downgrade: 'stop' } },
    ['nano (7.3-1 would become 7.2-1)'],
  ],
  [
    'packages/older-version',
    'warning',
    { ...olderNano, answers: { 'downgrade/nano': 'downgrade' } },
    ['nano (7.3-1 would become 7.2-1)'],
  ],
  [
    'packages/newer-version',
    'warning',
    withChanges([crossgraded('nano', '7.1-1', '7.2-1')]),
    ['nano (7.1-1 becomes 7.2-1)'],
  ],
  ['packages/dkms', 'note', withKernel(withPackages(vboxDkms), 'linux-headers-6.1.0-50-amd64'), ['virtualbox-dkms']],
  ['packages/dkms-without-headers', 'warning', withKernel(withFacts({ dkmsModules: { vboxhost: [] } })), ['vboxhost']],
  [
    'packages/dkms-without-headers',
    'warning',
    {
      ...withKernel(withFacts({ dkmsModules: { vboxhost: [] } })),
      repositories: {
        ...noTrouble,
        availability: new Map([
          ...noTrouble.availability,
          ['linux-headers-amd64', new Map([['amd64', ['6.1']]])] as const,
        ]),
      },
    },
    ['vboxhost'],
  ],
  [
    'packages/diversion-old-path',
    'warning',
    withFacts({
      inventory: inventoryOf([installed('dpkg:i386=1.21.22')], {
        diversions: [
          { path: '/usr/lib/i386-linux-gnu/libx.so', divertedTo: '/usr/lib/i386-linux-gnu/libx.so.own', package: ':' },
          { path: '/usr/bin/x', divertedTo: '/usr/bin/x.distrib', package: ':' },
          { path: '/usr/lib/i386-linux-gnu/y', divertedTo: '/usr/lib/i386-linux-gnu/y.old', package: 'y' },
        ],
      }),
    }),
    ['/usr/lib/i386-linux-gnu/libx.so'],
  ],
  [
    'packages/stat-override-old-path',
    'warning',
    withFacts({
      inventory: inventoryOf([installed('dpkg:i386=1.21.22')], {
        statOverrides: [
          { user: 'root', group: 'root', mode: '755', path: '/usr/lib/i386-linux-gnu/helper' },
          { user: 'root', group: 'adm', mode: '4750', path: '/usr/bin/su' },
        ],
      }),
    }),
    ['/usr/lib/i386-linux-gnu/helper'],
  ],
  [
    'packages/pinned',
    'note',
    withFacts({
      aptPreferences: {
        '/etc/apt/preferences':
          'Package: *\nPin: release n=bookworm\nPin-Priority: 900\n\nPackage: tzd*\nPin: version 2024*\nPin-Priority: 1001\n',
      },
    }),
    ['tzdata (version 2024*, priority 1001)'],
  ],
  [
    'packages/pin-for-source',
    'warning',
    withFacts({
      aptPreferences: {
        '/etc/apt/preferences.d/shop': 'Package: shop-tool:i386\nPin: origin shop.example\nPin-Priority: -1\n',
      },
    }),
    ['/etc/apt/preferences.d/shop'],
  ],
  ['packages/held', 'note', withPackages(installed('vim:i386', { Status: 'hold ok installed' })), ['vim']],
  ['packages/foreign-packages', 'note', withPackages(installed('libc6:amd64')), ['libc6:amd64']],
  ['packages/version-skew', 'note', withStuck('libx1', []), ['libx1 (1-1, 1-1+b1)']],
  ['packages/vital-drift', 'blocker', withStuck('libx1', ['openssh-server']), ['libx1 (1-1, 1-1+b1)']],
  ['packages/levelled', 'note', withLevel, ['libx1:i386 (1-1+local1 becomes 1-1)']],
  [
    'packages/derivative-base',
    'blocker',
    derivativeWith(crossgraded('base-files', '12.4+acme1', '12.4')),
    ['base-files (12.4+acme1 would become Debian’s 12.4)'],
  ],
  [
    'packages/shared-files',
    'note',
    withChanges([crossgraded('tumbler', '4')]),
    ['tumbler (a systemd unit that names the architecture)'],
  ],
  [
    'packages/obsolete',
    'note',
    { ...withPackages(installed('old-docs:all')), repositories: { ...noTrouble, ownVersions: { 'old-docs': [] } } },
    ['old-docs'],
  ],
  ['packages/added', 'note', withChanges([added]), ['libnew1 (chosen by apt)']],
  ['packages/vanishing', 'note', withChanges([vanishing]), ['linux-image-6.1.0-50-686 (a kernel for i386)']],
];
