import { describe, expect, test } from 'vitest';
import { readArchiveName, readPrintUris } from '../../../src/apt/apt-output.ts';
import type { Availability } from '../../../src/debian/availability.ts';
import type { InstanceKey } from '../../../src/debian/package.ts';
import { makeRequest, successorOf } from '../../../src/plan/request.ts';
import { i386ToAmd64, readHost, recordedHosts } from '../../support/recorded/hosts.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';

/** `name:architecture=version`, as the repositories offer them. */
function offers(...names: string[]): Availability {
  const found = new Map<string, Map<string, string[]>>();
  for (const text of ['dpkg:amd64=1', ...names]) {
    const [, name = '', architecture = '', version = ''] = /^(.+):(.+)=(.+)$/.exec(text) ?? [];
    const versions = found.get(name) ?? new Map<string, string[]>();
    found.set(name, versions.set(architecture, [...(versions.get(architecture) ?? []), version]));
  }
  return found;
}

function request(packages: readonly string[], availability: Availability, keep: readonly string[] = []) {
  return makeRequest(inventoryOf(packages.map((name) => installed(name))), availability, i386ToAmd64, new Set(keep));
}

describe('what apt is asked', () => {
  test('is every installed name, at the installed version where the target has it', () => {
    const { arguments: asked, missing } = request(
      ['bash:i386=5', 'vim:i386=9'],
      offers('bash:amd64=5', 'bash:amd64=6', 'vim:amd64=9+b1'),
    );
    expect(asked).toEqual(['bash=5', 'dpkg=1', 'vim']);
    expect(missing).toEqual([]);
  });

  test('is the lowest version that is not older, where the answer is to keep it', () => {
    const has = offers('nano:amd64=6', 'nano:amd64=8', 'nano:amd64=7.1', 'vim:amd64=8');
    const packages = ['nano:i386=7', 'vim:i386=9'].map((name) => installed(name));
    const made = makeRequest(inventoryOf(packages), has, i386ToAmd64, new Set(), [], new Set(['nano', 'vim']));
    expect(made.arguments).toEqual(['dpkg=1', 'nano=7.1', 'vim']);
  });

  test('is not what only configuration is left of', () => {
    const left = installed('mc:i386', { Status: 'deinstall ok config-files' });
    const made = makeRequest(inventoryOf([left]), offers(), i386ToAmd64, new Set());
    expect([made.arguments, made.missing]).toEqual([['dpkg=1'], []]);
  });

  test('is never the cross compiler that has the same name on the target', () => {
    const { arguments: asked, missing } = request(
      ['cpp-14-i686-linux-gnu:i386=14.2', 'g++-i686-linux-gnu-extra:i386=1', 'gcc-x86-64-linux-gnu:i386=4'],
      offers('cpp-14-i686-linux-gnu:amd64=14.3', 'g++-i686-linux-gnu-extra:amd64=1', 'gcc-x86-64-linux-gnu:amd64=4'),
    );
    expect(asked).toEqual(['dpkg=1', 'gcc-x86-64-linux-gnu=4']);
    expect(missing).toEqual(['cpp-14-i686-linux-gnu', 'g++-i686-linux-gnu-extra']);
  });

  test('leaves out what only builds of the source need', () => {
    const made = (automatic: readonly InstanceKey[], has: Availability) =>
      makeRequest(
        inventoryOf(
          [
            installed('node:i386', { Depends: 'sse2:i386' }),
            installed('sse2:i386', { Depends: 'isa:i386' }),
            installed('isa:i386'),
          ],
          { automatic: new Set(automatic) },
        ),
        has,
        i386ToAmd64,
        new Set(),
      ).missing;
    const came: InstanceKey[] = ['sse2:i386', 'isa:i386'];
    expect(made(came, offers('node:amd64=1'))).toEqual([]);
    expect(made(['isa:i386'], offers('node:amd64=1'))).toEqual(['isa', 'sse2']);
    expect(made(came, offers('other:amd64=1'))).toEqual(['isa', 'node', 'sse2']);
    expect(made(['node:i386', ...came], offers('other:amd64=1'))).toEqual(['isa', 'node', 'sse2']);
  });

  test('names what the target lacks', () => {
    expect(request(['wine32:i386', 'zsnes:i386'], offers('wine32:i386=1')).missing).toEqual(['wine32', 'zsnes']);
  });

  test('keeps what shall be kept, as it is', () => {
    const made = request(['wine32:i386=8', 'vim:i386'], offers('vim:amd64=1'), ['wine32']);
    expect(made).toMatchObject({ arguments: ['dpkg=1', 'vim=1', 'wine32:i386=8'], missing: [] });
  });

  test('takes an arch:all package from nowhere as it is', () => {
    const made = request(['own-scripts:all', 'tzdata:all=2'], offers('tzdata:amd64=2', 'tzdata:i386=2'));
    expect(made.arguments).toEqual(['dpkg=1', 'own-scripts=1', 'tzdata=2']);
    expect(made.local.map((one) => one.name)).toEqual(['own-scripts']);
  });

  describe('in the place of an arch:all package as it is, where apt finds no system with it', () => {
    const packages = [
      installed('app:i386', { Depends: 'app-data, app-fonts' }),
      installed('app-data:all', { Depends: 'app-base' }),
      installed('app-base:all'),
      installed('app-fonts:all=2'),
      installed('own-scripts:all'),
      installed('recommended:all'),
    ];
    const automatic = new Set<InstanceKey>(['app-data:i386', 'app-fonts:i386', 'recommended:i386']);
    const has = offers('app:amd64=3', 'app-fonts:amd64=1', 'app-fonts:amd64=3', 'own-scripts:amd64=0.9');
    const made = (keep: readonly string[] = []) =>
      makeRequest(inventoryOf(packages, { automatic }), has, i386ToAmd64, new Set(keep));

    test('is a newer version, and nothing where it came for one that needs it', () => {
      expect([...made().fallbacks]).toEqual([
        ['app-data=1', undefined],
        ['app-fonts=2', 'app-fonts'],
      ]);
      expect(made().arguments).toEqual(expect.arrayContaining(['app-data=1', 'app-fonts=2', 'own-scripts=1']));
    });

    test.each([
      ['on hold', { Status: 'hold ok installed' }],
      ['essential', { Essential: 'yes' }],
      ['protected', { Protected: 'yes' }],
    ])('is nothing else where it came for one that needs it, and is %s', (_, fields) => {
      const marked = packages.map((one) => (one.name === 'app-data' ? installed('app-data:all', fields) : one));
      const { fallbacks } = makeRequest(inventoryOf(marked, { automatic }), has, i386ToAmd64, new Set());
      expect([...fallbacks]).toEqual([['app-fonts=2', 'app-fonts']]);
    });

    test('is nothing else where it is kept by a decision', () => {
      expect([...made(['app-data', 'app-fonts']).fallbacks]).toEqual([]);
    });
  });

  test('a kept package from nowhere is offered locally, one from a repository is not', () => {
    const made = request(['own:i386=1', 'wine32:i386=8'], offers('wine32:i386=8'), ['own', 'wine32']);
    expect(made.arguments).toEqual(['dpkg=1', 'own:i386=1', 'wine32:i386=8']);
    expect(made.local.map((one) => one.name)).toEqual(['own']);
  });

  test('has the target’s names for kernels and for names with a triplet', () => {
    const made = request(
      ['linux-image-686-pae:i386', 'linux-image-6.1.0-50-686-pae:i386', 'binutils-i686-linux-gnu:i386'],
      offers('linux-image-amd64:amd64=1', 'binutils-x86-64-linux-gnu:amd64=1', 'binutils-i686-linux-gnu:amd64=1'),
    );
    expect(made.arguments).toEqual(['binutils-x86-64-linux-gnu', 'dpkg=1', 'linux-image-amd64']);
    expect(made.renamed).toEqual({
      'binutils-i686-linux-gnu': 'binutils-x86-64-linux-gnu',
      'linux-image-686-pae': 'linux-image-amd64',
    });
    expect(made.missing).toEqual([]);
  });

  test('is for the default kernel when there is no metapackage, which takes the old kernel’s place and mark', () => {
    const made = request(['linux-image-6.1.0-50-686-pae:i386'], offers('linux-image-amd64:amd64=1'));
    expect(made.arguments).toEqual(['dpkg=1', 'linux-image-amd64']);
    expect(made.renamed).toEqual({ 'linux-image-6.1.0-50-686-pae': 'linux-image-amd64' });
  });

  test('is for the default kernel in the place of one of one’s own, and where the target has it', () => {
    const own = ['linux-image-5.10.99-corp:i386', 'linux-image-5.10.99-corp-dbg:i386'];
    expect(request(own, offers('linux-image-amd64:amd64=1'))).toMatchObject({
      arguments: ['dpkg=1', 'linux-image-amd64'],
      renamed: { 'linux-image-5.10.99-corp': 'linux-image-amd64' },
      missing: own.map((name) => name.replace(':i386', '')),
    });
    expect(request(own, offers())).toMatchObject({ arguments: ['dpkg=1'], renamed: {} });
  });

  test('is for no second kernel where one of the target is there', () => {
    const made = request(
      ['linux-image-5.10.99-corp:i386', 'linux-image-amd64:amd64'],
      offers('linux-image-amd64:amd64=1'),
    );
    expect(made).toMatchObject({ arguments: ['dpkg=1', 'linux-image-amd64=1'], renamed: {} });
  });

  test('is for no kernel where there is none', () => {
    expect(request(['linux-headers-6.1.0-50-686:i386'], offers('linux-image-amd64:amd64=1')).arguments).toEqual([
      'dpkg=1',
    ]);
  });
});

test.each([
  ['linux-image-686', 'linux-image-amd64'],
  ['linux-image-rt-686-pae', 'linux-image-rt-amd64'],
  ['linux-headers-686-pae', 'linux-headers-amd64'],
  ['g++-12-i686-linux-gnu', 'g++-12-x86-64-linux-gnu'],
  ['i686-linux-gnu', undefined],
  ['bash', undefined],
])('the successor of %s is %s', (name, successor) => {
  expect(successorOf(name, i386ToAmd64)).toBe(successor);
});

test.each(recordedHosts)('of %s no name is lost on the way to apt and back', (name) => {
  const { inventory, request: made, texts } = readHost(name);
  const answered = new Set(readPrintUris(texts['print-uris'] ?? '').map((line) => readArchiveName(line.fileName).name));
  const lost = inventory.packages
    .map((one) => made.renamed[one.name] ?? one.name)
    .filter((one) => !answered.has(one) && !i386ToAmd64.versionedKernel.test(one));
  expect(lost).toEqual([]);
});
