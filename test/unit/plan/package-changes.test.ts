import { expect, test } from 'vitest';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import { compareWithTarget } from '../../../src/plan/package-changes.ts';
import type { TargetSet } from '../../../src/plan/plan.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

function compare(
  packages: readonly InstalledPackage[],
  target: Partial<TargetSet> & Pick<TargetSet, 'packages'>,
  residualConfig: 'purge' | 'keep' = 'purge',
) {
  const all = { renamed: {}, missing: [], ...target, packages: [available('dpkg:amd64'), ...target.packages] };
  return compareWithTarget(inventoryOf(packages), all, i386ToAmd64, residualConfig);
}

test('says what becomes of each package, and why', () => {
  const { changes, toUnpack, toPurge, endState } = compare(
    [
      installed('bash:i386=5'),
      installed('tzdata:all=1'),
      installed('torn:amd64=1', { Status: 'install ok unpacked' }),
      installed('rules:all=1'),
      installed('linux-image-686:i386'),
      installed('linux-image-6.1.0-50-686:i386'),
      installed('zsnes:i386'),
      installed('wine32:i386'),
      installed('zutty:i386'),
    ],
    {
      packages: [
        available('bash:amd64=5'),
        available('tzdata:all=1'),
        available('torn:amd64=1'),
        available('rules:all=2'),
        available('linux-image-amd64:amd64', { Depends: 'linux-image-6.1.0-50-amd64' }),
        available('linux-image-6.1.0-50-amd64:amd64'),
        available('extra:amd64'),
        available('wine32:i386'),
      ],
      renamed: { 'linux-image-686': 'linux-image-amd64' },
      missing: ['zsnes', 'wine32', 'zutty'],
      givenUp: { zutty: 'it cannot be installed beside the packages that are kept' },
    },
  );
  expect(changes.map(({ name, change, reason }) => `${name} ${change}: ${reason}`)).toEqual([
    'bash crossgraded: i386 5 becomes amd64 5',
    'dpkg crossgraded: i386 1 becomes amd64 1',
    'extra added: asked for',
    'linux-image-6.1.0-50-686 vanishing: a kernel for i386',
    'linux-image-6.1.0-50-amd64 added: needed by linux-image-amd64',
    'linux-image-686 vanishing: its place is taken by linux-image-amd64',
    'linux-image-amd64 added: takes the place of linux-image-686',
    'rules replaced: all 1 becomes all 2',
    'torn replaced: dpkg has not finished with it',
    'tzdata untouched: the same package serves both architectures',
    'wine32 kept-foreign: kept in i386, as decided, or because a kept package needs it',
    'zsnes vanishing: there is no build for amd64',
    'zutty vanishing: it cannot be installed beside the packages that are kept',
  ]);
  expect(toUnpack.map((one) => one.name)).toEqual([
    'dpkg',
    'bash',
    'torn',
    'rules',
    'linux-image-amd64',
    'linux-image-6.1.0-50-amd64',
    'extra',
  ]);
  expect(toPurge).toEqual([
    'dpkg:i386',
    'bash:i386',
    'linux-image-686:i386',
    'linux-image-6.1.0-50-686:i386',
    'zsnes:i386',
    'zutty:i386',
  ]);
  expect(Object.keys(endState)).toEqual([
    'bash:amd64',
    'dpkg:amd64',
    'extra:amd64',
    'linux-image-6.1.0-50-amd64:amd64',
    'linux-image-amd64:amd64',
    'rules:all',
    'torn:amd64',
    'tzdata:all',
    'wine32:i386',
  ]);
});

test('a package that provides a name is needed by those that depend on it', () => {
  const { changes } = compare([], {
    packages: [available('mawk:amd64', { Provides: 'awk' }), available('base:amd64', { 'Pre-Depends': 'awk | gawk' })],
  });
  expect(changes.find((change) => change.name === 'mawk')?.reason).toBe('needed by base');
});

test('what is of the target already is left alone, unless it is not completely installed', () => {
  const same = { 'Multi-Arch': 'same' };
  const target = { packages: [available('lib:amd64', same)] };
  const there = compare([installed('lib:i386', same), installed('lib:amd64', same)], target);
  expect(there.toUnpack.map((one) => one.name)).toEqual(['dpkg']);
  expect(there.toPurge).toContain('lib:i386');
  const half = installed('lib:amd64', { ...same, Status: 'install ok unpacked' });
  expect(compare([half], target).toUnpack.map((one) => one.name)).toEqual(['dpkg', 'lib']);
});

test('configuration that is left over goes only when that was decided', () => {
  const left = installed('mc:i386', { Status: 'deinstall ok config-files' });
  expect(compare([left], { packages: [] }, 'purge').toPurge).toContain('mc:i386');
  expect(compare([left], { packages: [] }, 'keep').toPurge).not.toContain('mc:i386');
  const all = installed('data:all', { Status: 'deinstall ok config-files' });
  expect(compare([all], { packages: [] }, 'purge').toPurge).not.toContain('data:all');
});
