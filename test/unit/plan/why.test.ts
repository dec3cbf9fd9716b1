import { describe, expect, test } from 'vitest';
import { formatWhy } from '../../../src/cli/report/why-view.ts';
import { plainLook } from '../../../src/cli/screen/terminal.ts';
import { makePlan } from '../../../src/plan/make-plan.ts';
import { explainPackage as explainAll, knownNames, type Why, type WhyInput } from '../../../src/plan/why.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { World } from '../../support/recorded/world.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

const { context, target } = new World('bookworm-server');
const server: WhyInput = { inventory: context.facts.inventory, plan: context.plan, target };

/** Of packages with one build. */
function explainPackage(word: string, input: WhyInput): Why | undefined {
  const [first, ...others] = explainAll(word, input);
  expect(others).toEqual([]);
  return first;
}

/** A program that somebody asked for, its libraries, one that has no counterpart, and what is left of a removed one. */
function small(keep: boolean): WhyInput {
  const same = { 'Multi-Arch': 'same' };
  const packages = [
    installed('dpkg:i386'),
    installed('editor:i386', { Depends: 'libtext' }),
    installed('libtext:i386', same),
    installed('game:i386', { Depends: 'libtext' }),
    installed('game-levels:all', { Depends: 'game' }),
    installed('old:i386', { Status: 'deinstall ok config-files' }),
  ];
  const inventory = inventoryOf(packages, { automatic: new Set(['libtext:i386', 'game-levels:i386']) });
  const wanted = {
    packages: [
      available('dpkg:amd64'),
      available('editor:amd64', { Depends: 'text-provider (>= 1), libnew' }),
      available('libnew:amd64', same),
      available('libtext:amd64', { ...same, Provides: 'text-provider (= 1)' }),
      ...(keep ? [available('game:i386', { Depends: 'libtext' }), available('libtext:i386', same)] : []),
      available('game-levels:all'),
    ],
    renamed: {},
    missing: ['game'],
  };
  const { plan } = makePlan({
    pair: i386ToAmd64,
    inventory,
    target: wanted,
    residualConfig: 'purge',
    differingFiles: null,
    initramfsBytes: 0,
  });
  return { inventory, plan, target: wanted };
}

describe('a package', () => {
  test('comes in by a chain from one that was asked for, provided names included', () => {
    expect(explainPackage('libtext', small(false))?.chain).toEqual([
      { name: 'editor', needs: 'text-provider (>= 1)' },
      { name: 'libtext', needs: '' },
    ]);
    expect(explainPackage('libnew', small(false))).toMatchObject({
      change: 'added',
      sentence: expect.stringContaining('not installed so far'),
      chain: [{ name: 'editor' }, { name: 'libnew' }],
    });
  });

  test('that was asked for itself needs no other reason', () => {
    expect(explainPackage('editor:i386', small(false))).toMatchObject({
      chain: [{ name: 'editor' }],
      sentence: 'It is marked as installed on request, so it stays.',
    });
  });

  test('vanishes without a build for the target, and those that need it are named', () => {
    expect(explainPackage('game', small(false))).toMatchObject({
      change: 'vanishing',
      before: 'i386 1',
      after: null,
      neededBy: ['game-levels'],
      sentence: 'No repository of this system has a build of it for amd64.',
    });
  });

  test('is kept, as decided', () => {
    expect(explainPackage('game', small(true))).toMatchObject({
      change: 'kept-foreign',
      sentence: 'It has no build for amd64, and you decided to keep it.',
    });
  });

  test('can come and stay at once, for a package that is kept', () => {
    expect(explainAll('libtext', small(true))).toMatchObject([
      {
        change: 'crossgraded',
        chain: [{ name: 'editor' }, { name: 'libtext' }],
        calls: [{ instance: 'libtext:amd64' }],
      },
      {
        change: 'kept-foreign',
        chain: [{ name: 'game' }, { name: 'libtext' }],
        sentence: 'It stays because a package that you decided to keep needs it.',
        calls: [],
      },
    ]);
    const changes = (word: string) => explainAll(word, small(true)).map(({ change }) => change);
    expect(changes('libtext:amd64')).toEqual(['crossgraded']);
    expect(changes('libtext:i386')).toEqual(['crossgraded', 'kept-foreign']);
  });

  test('of which only configuration is left is explained, too', () => {
    expect(explainPackage('old', small(false))).toMatchObject({
      sentence: expect.stringContaining('removed before'),
      calls: [{ operation: 'purge', instance: 'old:i386' }],
    });
  });

  test('that nobody knows has no reason', () => {
    expect(explainPackage('nothing', server)).toBeUndefined();
    expect(knownNames(server)).toContain('linux-image-686-pae');
  });

  test('takes the place of another one', () => {
    expect(explainPackage('linux-image-amd64', server)?.sentence).toBe('It takes the place of linux-image-686-pae.');
    expect(explainPackage('linux-image-686-pae', server)?.sentence).toContain('linux-image-amd64 takes its place');
  });
});

test('every package of a server has a reason, and each chain begins with one that was asked for', () => {
  const manual = new Set(knownNames(server));
  for (const key of server.inventory.automatic) manual.delete(key.replace(/:.*/, ''));
  for (const name of knownNames(server)) {
    const why = explainPackage(name, server);
    expect(why?.sentence, name).toMatch(/^\S.*\.$/);
    const { chain } = why ?? { chain: [] };
    if (chain.length > 1) {
      const first = chain[0]?.name ?? '';
      expect(manual.has(first) || Object.values(server.plan.renamed).includes(first), `${name}: ${first}`).toBe(true);
      expect(chain.at(-1)?.name).toBe(name);
    }
  }
});

test('it is shown in a few lines, with the dpkg calls', () => {
  const why = explainPackage('libtext', small(false));
  expect(why && formatWhy(why, { look: plainLook, columns: 80 })).toEqual([
    'libtext: crossgraded, i386 1 -> amd64 1',
    '  It is marked as installed automatically; this is who needs it, from a package',
    '  that was asked for.',
    '    editor needs text-provider (>= 1), which libtext provides',
    '  Needed by: editor',
    expect.stringMatching(/^ {2}dpkg call 1 of \d, wave libraries \(libraries-1\): install libtext:amd64$/),
    expect.stringMatching(/^ {2}dpkg call \d of \d, wave purge \(purge-\d\): purge libtext:i386$/),
  ]);
});

test('a package that has a build, and goes all the same, is not said to have none', () => {
  const input = small(true);
  const { target: wanted } = input;
  const reason = 'it cannot be installed beside the packages that are kept';
  const target = {
    ...wanted,
    packages: wanted.packages.filter(({ name }) => name !== 'editor'),
    missing: [...wanted.missing, 'editor'],
    givenUp: { editor: reason },
  };
  const { plan } = makePlan({
    pair: i386ToAmd64,
    inventory: input.inventory,
    target,
    residualConfig: 'purge',
    differingFiles: null,
    initramfsBytes: 0,
    listBytes: 0,
  });
  expect(explainPackage('editor', { ...input, plan, target })).toMatchObject({
    change: 'vanishing',
    reason,
    sentence: `For amd64, ${reason}.`,
  });
  expect(explainAll('game', { ...input, plan, target })[0]?.sentence).toContain('you decided to keep it');
});
