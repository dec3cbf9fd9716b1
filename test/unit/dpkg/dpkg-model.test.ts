import { describe, expect, test } from 'vitest';
import type { InstalledPackage, InstanceKey } from '../../../src/debian/package.ts';
import { DpkgModel } from '../../../src/dpkg/dpkg-model.ts';
import { available, installed } from '../../support/roots/packages.ts';

function model(...packages: InstalledPackage[]): DpkgModel {
  return new DpkgModel(
    packages.map((stanza) => ({ stanza, state: stanza.state })),
    'i386',
  );
}

function keys(root: DpkgModel): string[] {
  return root
    .instances()
    .map(({ stanza, state }) => `${stanza.name}:${stanza.architecture}=${stanza.version} ${state}`)
    .sort();
}

/** What it says when a build is unpacked and configured in one call. */
function refusals(root: DpkgModel, ...builds: ReturnType<typeof available>[]): string[] {
  const problems: string[] = [];
  for (const build of builds) {
    problems.push(...root.unpackProblems(build).map((problem) => problem.text));
    root.unpack(build);
  }
  const all = builds.map((build): InstanceKey => `${build.name}:${build.architecture}`);
  return [...problems, ...root.configureProblems(all).map((problem) => problem.text)];
}

describe('unpacking', () => {
  test('needs every Pre-Depends to be configured', () => {
    const build = available('login:amd64', { 'Pre-Depends': 'libpam (>= 2)' });
    const one = { 'Multi-Arch': 'same' };
    expect(refusals(model(installed('libpam:amd64=1', one)), build)[0]).toBe(
      'login:amd64 pre-depends on libpam (>= 2), which is not configured',
    );
    const half = model(installed('libpam:amd64=2', { ...one, Status: 'install ok unpacked' }));
    expect(half.unpackProblems(build)).toHaveLength(1);
    expect(refusals(model(installed('libpam:amd64=2', one)), build)).toEqual([]);
  });

  test('does not ask for Depends', () => {
    expect(model().unpackProblems(available('vim:amd64', { Depends: 'vim-runtime' }))).toEqual([]);
  });

  test('is refused by a conflict of either side, and names what stands in the way', () => {
    const postfix = installed('postfix:i386');
    const exim = { Conflicts: 'postfix' };
    expect(model(postfix).unpackProblems(available('exim:amd64', exim))).toMatchObject([{ enemy: 'postfix:i386' }]);
    expect(model(installed('exim:i386', exim)).unpackProblems(available('postfix:amd64'))).toMatchObject([
      { enemy: 'exim:i386' },
    ]);
  });

  test('is refused by a conflict of its own old record, of which only configuration is left, with a name that it provides', () => {
    const left = installed('exim:i386', { Status: 'deinstall ok config-files', Conflicts: 'mail-transport-agent' });
    const other = installed('postfix:i386', { Provides: 'mail-transport-agent' });
    const arriving = available('exim:i386', { Provides: 'mail-transport-agent' });
    expect(model(left, other).unpackProblems(arriving)).toMatchObject([{ instance: 'exim:i386' }]);
    expect(model(left).unpackProblems(arriving)).toEqual([]);
    expect(model(left, other).unpackProblems(available('exim:i386'))).toEqual([]);
  });

  test('is refused by a conflict with a name that the other provides', () => {
    const mta = { Provides: 'mail-transport-agent', Conflicts: 'mail-transport-agent' };
    const refused = model(installed('postfix:i386', mta)).unpackProblems(available('exim:amd64', mta));
    expect(refused.map((problem) => problem.enemy)).toEqual(['postfix:i386', 'postfix:i386']);
  });

  test('is not refused by a package’s own name or its other build', () => {
    const fields = { 'Multi-Arch': 'same', Provides: 'lib-api', Conflicts: 'lib-api, lib' };
    expect(refusals(model(installed('lib:i386', fields)), available('lib:amd64', fields))).toEqual([]);
  });

  test('a versioned conflict spares other versions and unversioned provisions', () => {
    const build = available('a:amd64', { Breaks: 'b (<< 2)' });
    expect(model(installed('b:i386=1')).unpackProblems(build)).toHaveLength(1);
    expect(model(installed('b:i386=2')).unpackProblems(build)).toEqual([]);
    expect(model(installed('c:i386', { Provides: 'b' })).unpackProblems(build)).toEqual([]);
    expect(model(installed('c:i386', { Provides: 'b (= 1)' })).unpackProblems(build)).toHaveLength(1);
    expect(model(installed('c:i386', { Provides: 'b (= 2)' })).unpackProblems(build)).toEqual([]);
  });

  test('a conflict with a qualifier means that architecture', () => {
    const build = available('a:amd64', { Conflicts: 'b:amd64' });
    expect(model(installed('b:i386')).unpackProblems(build)).toEqual([]);
    expect(model(installed('b:amd64')).unpackProblems(build)).toHaveLength(1);
  });

  test('a conflict with a name that is provided means each architecture, whatever its qualifier', () => {
    const build = available('a:amd64', { Conflicts: 'api:i386' });
    expect(model(installed('b:amd64', { Provides: 'api' })).unpackProblems(build)).toHaveLength(1);
    const enemy = installed('a:amd64', { Conflicts: 'api:i386' });
    expect(model(enemy).unpackProblems(available('b:amd64', { Provides: 'api' }))).toHaveLength(1);
  });

  test('a conflict with a qualifier means arch:all where that is native', () => {
    const data = installed('data:all');
    expect(model(data).unpackProblems(available('a:i386', { Conflicts: 'data:i386' }))).toHaveLength(1);
    expect(model(data).unpackProblems(available('a:i386', { Conflicts: 'data:amd64' }))).toEqual([]);
    expect(model(data).unpackProblems(available('a:i386', { Conflicts: 'data:all' }))).toHaveLength(1);
  });

  test('is refused by a break of what is configured, by a conflict with what is not', () => {
    const half = (state: string) => model(installed('b:i386', { Status: `install ok ${state}` }));
    for (const state of ['unpacked', 'half-configured', 'half-installed']) {
      expect(half(state).unpackProblems(available('a:amd64', { Breaks: 'b' })), state).toEqual([]);
      expect(half(state).unpackProblems(available('a:amd64', { Conflicts: 'b' })), state).toHaveLength(1);
    }
    for (const state of ['installed', 'triggers-pending', 'triggers-awaited']) {
      expect(half(state).unpackProblems(available('a:amd64', { Breaks: 'b' })), state).toHaveLength(1);
    }
  });

  test('is refused while two that are there are enemies because of a name that it has', () => {
    const root = model(installed('a:i386', { Conflicts: 'api' }), installed('b:i386', { Provides: 'api' }));
    expect(root.unpackProblems(available('c:amd64', { Provides: 'api' }))).toMatchObject([{ enemy: 'a:i386' }]);
  });

  test('does not mind the conflicts of another build that is deconfigured for it', () => {
    const lib = (version: string) => installed(`lib:i386=${version}`, { 'Multi-Arch': 'same', Conflicts: 'api' });
    const build = available('lib:amd64=2', { 'Multi-Arch': 'same', Provides: 'api' });
    const other = installed('other:i386', { Provides: 'api' });
    expect(model(lib('1'), other).unpackProblems(build)).toEqual([]);
    expect(model(lib('2'), other).unpackProblems(build)).toHaveLength(1);
  });

  describe('before it was configured, a package serves a Pre-Depends', () => {
    const build = available('a:amd64', { 'Pre-Depends': 'lib (>= 2)' });
    const lib = (version: string, configured: string, state = 'unpacked') =>
      model(
        installed(`lib:amd64=${version}`, {
          Status: `install ok ${state}`,
          ...(configured !== '' && { 'Config-Version': configured }),
        }),
      );

    test('where it and the version that was configured last are of the right version', () => {
      expect(lib('2', '2').unpackProblems(build)).toEqual([]);
      expect(lib('2', '2', 'half-configured').unpackProblems(build)).toEqual([]);
      expect(lib('2', '1').unpackProblems(build)).toHaveLength(1);
      expect(lib('1', '2').unpackProblems(build)).toHaveLength(1);
      expect(lib('2', '').unpackProblems(build)).toHaveLength(1);
      expect(lib('2', '2', 'half-installed').unpackProblems(build)).toHaveLength(1);
    });

    test('also when it has just taken the place of another architecture', () => {
      const root = model(installed('lib:i386=2'));
      expect(root.unpackProblems(build)).toHaveLength(1);
      root.unpack(available('lib:amd64=2'));
      expect(root.unpackProblems(build)).toEqual([]);
      const beside = model(installed('lib:i386=2', { 'Multi-Arch': 'same' }));
      beside.unpack(available('lib:amd64=2', { 'Multi-Arch': 'same' }));
      expect(beside.unpackProblems(build)).toHaveLength(1);
    });

    test('but not while the package that needs it deconfigures it', () => {
      const same = { 'Multi-Arch': 'same' };
      const next = available('lib:amd64=2', { ...same, 'Pre-Depends': 'lib:i386' });
      expect(model(installed('lib:i386=1', same)).unpackProblems(next)).toHaveLength(1);
      expect(model(installed('lib:i386=2', same)).unpackProblems(next)).toEqual([]);
    });
  });

  test('finds no place beside two builds, one of which can be left configuration', () => {
    const same = { 'Multi-Arch': 'same' };
    const build = available('lib:all');
    const left = { ...same, Status: 'deinstall ok config-files' };
    expect(model(installed('lib:i386', same), installed('lib:amd64', same)).unpackProblems(build)).toHaveLength(1);
    expect(model(installed('lib:i386', left), installed('lib:amd64', same)).unpackProblems(build)).toHaveLength(1);
    const one = model(installed('lib:i386', left));
    expect(one.unpackProblems(build)).toEqual([]);
    const removed = model(installed('lib:i386', same), installed('lib:amd64', same));
    removed.remove(['lib:i386']);
    expect(removed.unpackProblems(build)).toHaveLength(1);
    removed.purge(['lib:i386']);
    expect(removed.unpackProblems(build)).toEqual([]);
  });

  test('what only its configuration is left of stands in no way', () => {
    const left = installed('b:i386', { Status: 'deinstall ok config-files' });
    expect(model(left).unpackProblems(available('a:amd64', { Conflicts: 'b' }))).toEqual([]);
    expect(model(left).get('b:i386')).toBeUndefined();
  });

  test('replaces the one instance of a package', () => {
    const root = model(installed('bash:i386'), installed('tzdata:all'));
    root.unpack(available('bash:amd64'));
    root.unpack(available('tzdata:all=2'));
    expect(keys(root)).toEqual(['bash:amd64=1 unpacked', 'tzdata:all=2 unpacked']);
  });

  test('of a co-installable build leaves the other where it is', () => {
    const root = model(installed('lib:i386', { 'Multi-Arch': 'same' }));
    root.unpack(available('lib:amd64', { 'Multi-Arch': 'same' }));
    expect(keys(root)).toEqual(['lib:amd64=1 unpacked', 'lib:i386=1 installed']);
  });

  test('replaces a build that is not co-installable, even by one that is', () => {
    const root = model(installed('lib:i386'));
    root.unpack(available('lib:amd64', { 'Multi-Arch': 'same' }));
    expect(keys(root)).toEqual(['lib:amd64=1 unpacked']);
  });

  test('of another version deconfigures the build that stays', () => {
    const root = model(installed('lib:i386=1', { 'Multi-Arch': 'same' }));
    root.unpack(available('lib:amd64=2', { 'Multi-Arch': 'same' }));
    expect(keys(root)).toEqual(['lib:amd64=2 unpacked', 'lib:i386=1 half-configured']);
  });
});

describe('configuring', () => {
  test('accepts packages that depend on each other, when they are in one call', () => {
    const a = available('a:amd64', { Depends: 'b' });
    const b = available('b:amd64', { Depends: 'a' });
    expect(refusals(model(), a, b)).toEqual([]);
    expect(refusals(model(), a)).toEqual(['a:amd64 depends on b, which is not configured']);
  });

  test('names everything that fails because of one', () => {
    const chain = ['b', 'c', 'missing'].map((needed, index) => available(`${'abc'[index]}:amd64`, { Depends: needed }));
    expect(refusals(model(), ...chain)).toHaveLength(3);
  });

  test('names what is not unpacked', () => {
    expect(model().configureProblems(['a:amd64'])).toEqual([{ instance: 'a:amd64', text: 'a:amd64 is not unpacked' }]);
  });

  test('takes any of the alternatives', () => {
    const build = available('a:amd64', { Depends: 'x | y (>= 2) | z' });
    expect(refusals(model(installed('y:amd64=2')), build)).toEqual([]);
    expect(refusals(model(installed('y:amd64=1')), build)).toHaveLength(1);
  });

  test.each([
    ['no', 'lib', false],
    ['same', 'lib', false],
    ['foreign', 'lib', true],
    ['allowed', 'lib', false],
    ['allowed', 'lib:any', true],
    ['no', 'lib:any', false],
    ['foreign', 'lib:any', false],
    ['no', 'lib:i386', true],
    ['no', 'lib:amd64', false],
    ['foreign', 'lib:amd64', false],
    ['foreign', 'lib:i386', true],
    ['no', 'lib:all', true],
    // An architecture that nothing has.
    ['no', 'lib:native', false],
    ['foreign', 'lib:native', false],
  ])('of amd64, with a `Multi-Arch: %s` i386 build there: `Depends: %s` holds: %s', (multiArch, depends, holds) => {
    const root = model(installed('lib:i386', { 'Multi-Arch': multiArch }));
    expect(refusals(root, available('a:amd64', { Depends: depends })).length === 0).toBe(holds);
  });

  test('arch:all counts as the architecture of the dpkg that runs', () => {
    const data = available('data:all', { Depends: 'lib' });
    const root = model(installed('dpkg:i386'), installed('lib:amd64', { 'Multi-Arch': 'same' }));
    expect(refusals(root.clone(), data)).toHaveLength(1);
    root.unpack(available('dpkg:amd64'));
    expect(root.native).toBe('i386');
    root.settleNative();
    expect(root.native).toBe('amd64');
    expect(refusals(root, data)).toEqual([]);
  });

  test('an arch:all package serves dependers of the native architecture, others only as foreign', () => {
    const depender = available('a:amd64', { Depends: 'data' });
    expect(refusals(model(installed('data:all')), depender)).toHaveLength(1);
    expect(refusals(model(installed('data:all', { 'Multi-Arch': 'foreign' })), depender)).toEqual([]);
  });

  test('a version is only met by a provision with a version', () => {
    const versioned = available('a:amd64', { Depends: 'api (>= 2)' });
    const plain = available('a:amd64', { Depends: 'api' });
    const provider = (provides: string) => model(installed('lib:amd64', { Provides: provides }));
    expect(refusals(provider('api'), plain)).toEqual([]);
    expect(refusals(provider('api'), versioned)).toHaveLength(1);
    expect(refusals(provider('api (= 1)'), versioned)).toHaveLength(1);
    expect(refusals(provider('api (= 2)'), versioned)).toEqual([]);
  });

  test('a provision is as foreign as its package', () => {
    const depender = available('a:amd64', { Depends: 'awk' });
    expect(refusals(model(installed('mawk:i386', { Provides: 'awk' })), depender)).toHaveLength(1);
    expect(refusals(model(installed('mawk:i386', { Provides: 'awk', 'Multi-Arch': 'foreign' })), depender)).toEqual([]);
  });

  test('co-installed builds must be of one version', () => {
    const same = { 'Multi-Arch': 'same' };
    expect(refusals(model(installed('lib:i386=1', same)), available('lib:amd64=1', same))).toEqual([]);
    expect(refusals(model(installed('lib:i386=1', same)), available('lib:amd64=1+b1', same))).toEqual([
      'lib:amd64 needs lib:i386 to be of the same version',
    ]);
  });

  test('is refused while something that is there breaks it', () => {
    const root = model(installed('a:i386', { Breaks: 'b (<< 2)' }));
    expect(refusals(root.clone(), available('b:amd64=1'))).toEqual(['a:i386 breaks b:amd64']);
    expect(refusals(root, available('b:amd64=2'))).toEqual([]);
  });

  // Tried with dpkg 1.21.22: a conflict of this kind is no hindrance, a break is.
  test.each([
    ['its own name', 'lib (<< 9)'],
    ['a name that it provides', 'lib-api'],
    ['a version that it provides', 'lib-abi (<< 3)'],
  ])('is refused while the other build breaks %s', (_, broken) => {
    const fields = { 'Multi-Arch': 'same', Provides: 'lib-api, lib-abi (= 2)', Breaks: broken };
    const root = model(installed('lib:i386', fields));
    expect(root.unpackProblems(available('lib:amd64', fields))).toEqual([]);
    expect(refusals(root, available('lib:amd64', fields))).toEqual(['lib:i386 breaks lib:amd64']);
    root.remove(['lib:i386']);
    expect(refusals(root, available('lib:amd64', fields))).toEqual([]);
  });

  test('a provision has the architecture that it says, or else that of its package', () => {
    const provider = (provides: string, multiArch = 'no') =>
      model(installed('lib:i386', { Provides: provides, 'Multi-Arch': multiArch }));
    const depender = (depends: string) => available('a:amd64', { Depends: depends });
    expect(refusals(provider('api:amd64'), depender('api'))).toEqual([]);
    expect(refusals(provider('api:amd64'), depender('api:i386'))).toHaveLength(1);
    expect(refusals(provider('api:amd64'), available('a:i386', { Depends: 'api' }))).toHaveLength(1);
    expect(refusals(provider('api:any'), depender('api:any'))).toEqual([]);
    expect(refusals(provider('api:any'), depender('api'))).toHaveLength(1);
    expect(refusals(provider('api'), depender('api:any'))).toHaveLength(1);
    expect(refusals(provider('api', 'allowed'), depender('api:any'))).toEqual([]);
  });

  test('a break of a provided name counts where the version of the package fits as well', () => {
    const broken = available('b:amd64=5', { Provides: 'api (= 1)' });
    const root = (breaks: string) => model(installed('a:i386', { Breaks: breaks }));
    expect(refusals(root('api (<< 2)'), broken)).toEqual([]);
    expect(refusals(root('api (<= 5)'), broken)).toEqual(['a:i386 breaks b:amd64']);
    expect(refusals(root('api:i386'), broken)).toEqual([]);
  });

  test('is refused for what is configured, and for what has to be unpacked again', () => {
    const root = (status: string) => model(installed('a:i386', { Status: status })).configureProblems(['a:i386']);
    expect(root('install ok unpacked')).toEqual([]);
    expect(root('install ok half-configured')).toEqual([]);
    expect(root('install ok installed')).toHaveLength(1);
    expect(root('install reinstreq half-configured')).toHaveLength(1);
    expect(root('install ok half-installed')).toHaveLength(1);
  });

  test('of what depends on a package that waits for triggers runs these, where that can be', () => {
    const waits = installed('lib:i386', { Status: 'install ok triggers-awaited', 'Triggers-Awaited': 'menu' });
    const build = available('a:i386', { Depends: 'lib' });
    const menu = (fields = {}) => installed('menu:i386', { Status: 'install ok triggers-pending', ...fields });
    expect(refusals(model(waits, menu()), build)).toEqual([]);
    expect(refusals(model(waits, menu({ Depends: 'missing' })), build)).toHaveLength(1);
    expect(refusals(model(installed('lib:i386', { Status: 'install ok triggers-awaited' })), build)).toHaveLength(1);
  });

  test('counts triggers-pending as configured, and half-configured as not', () => {
    const build = available('a:amd64', { Depends: 'lib' });
    const lib = (state: string) => model(installed('lib:amd64', { Status: `install ok ${state}` }));
    expect(refusals(lib('triggers-pending'), build)).toEqual([]);
    expect(refusals(lib('half-configured'), build)).toHaveLength(1);
  });
});

describe('removing', () => {
  const lib = { 'Multi-Arch': 'same', Provides: 'api' };

  test('is refused while something needs it, by its name or by what it provides', () => {
    const root = model(installed('lib:i386', lib), installed('a:i386', { Depends: 'api' }), installed('b:i386'));
    expect(root.removeProblems(['lib:i386'])).toEqual([{ instance: 'a:i386', text: 'a:i386 depends on api' }]);
    expect(root.removeProblems(['lib:i386', 'a:i386'])).toEqual([]);
    expect(root.get('lib:i386')).toBeDefined();
  });

  test('is not refused when another build or alternative is left', () => {
    const root = model(
      installed('lib:i386', lib),
      installed('lib:amd64', lib),
      installed('a:amd64', { Depends: 'api' }),
    );
    expect(root.removeProblems(['lib:i386'])).toEqual([]);
    expect(root.removeProblems(['lib:amd64'])).toHaveLength(1);
  });

  test('does not blame what was broken before', () => {
    const root = model(installed('lib:i386', lib), installed('a:i386', { Depends: 'missing' }));
    expect(root.removeProblems(['lib:i386'])).toEqual([]);
  });

  test('does not ask an arch:all package that needs the other architecture by now', () => {
    const em = { 'Multi-Arch': 'same' };
    const root = model(
      installed('em:i386=1', em),
      installed('em:amd64=2', em),
      installed('thin:all', { Depends: 'em' }),
    );
    expect(root.removeProblems(['em:i386'])).toHaveLength(1);
    root.native = 'amd64';
    root.unpack(available('em:amd64=2', em));
    expect(root.removeProblems(['em:i386'])).toEqual([]);
  });

  test.each([
    ['unpacked', 1],
    ['half-configured', 1],
    ['triggers-awaited', 1],
    ['half-installed', 0],
    ['config-files', 0],
  ])('is refused for the sake of what is %s: %i', (state, refused) => {
    const depender = installed('a:i386', { Depends: 'lib', Status: `install ok ${state}` });
    expect(model(installed('lib:i386'), depender).removeProblems(['lib:i386'])).toHaveLength(refused);
  });

  test('is refused where what is left is not configured', () => {
    const depender = installed('a:i386', { Depends: 'lib | other' });
    const root = (state: string) =>
      model(installed('lib:i386'), installed('other:i386', { Status: `install ok ${state}` }), depender);
    expect(root('installed').removeProblems(['lib:i386'])).toEqual([]);
    expect(root('triggers-pending').removeProblems(['lib:i386'])).toEqual([]);
    for (const state of ['unpacked', 'half-configured', 'triggers-awaited']) {
      expect(root(state).removeProblems(['lib:i386']), state).toHaveLength(1);
    }
  });

  test('does not ask who needs a name of another architecture', () => {
    const root = model(
      installed('lib:i386', { Provides: 'api:amd64' }),
      installed('a:i386', { Depends: 'api' }),
      installed('b:amd64', { Depends: 'api' }),
    );
    expect(root.removeProblems(['lib:i386'])).toMatchObject([{ instance: 'b:amd64' }]);
  });

  test('is refused for a dependency on another version, broken as it is', () => {
    const root = model(installed('lib:i386=1'), installed('a:i386', { Depends: 'lib (>= 2)' }));
    expect(root.removeProblems(['lib:i386'])).toHaveLength(1);
  });

  test('is refused for what has to be unpacked again', () => {
    const root = model(installed('lib:i386', { Status: 'install reinstreq half-installed' }));
    expect(root.removeProblems(['lib:i386'])).toHaveLength(1);
  });

  test('of left configuration is refused while something needs the package', () => {
    const left = installed('lib:i386', { Status: 'deinstall ok config-files' });
    expect(model(left, installed('a:i386', { Depends: 'lib' })).removeProblems(['lib:i386'])).toHaveLength(1);
    expect(model(left).removeProblems(['lib:i386'])).toEqual([]);
  });

  test('does not ask who needs what a build of another architecture provides as well', () => {
    const lib = { 'Multi-Arch': 'same', Provides: 'api' };
    const root = model(installed('lib:i386', lib), installed('thin:all', { Depends: 'api' }));
    expect(root.removeProblems(['lib:i386'])).toHaveLength(1);
    root.native = 'amd64';
    expect(root.removeProblems(['lib:i386'])).toEqual([]);
    const foreign = { ...lib, 'Multi-Arch': 'foreign' };
    const other = model(installed('tool:i386', foreign), installed('thin:all', { Depends: 'api' }));
    other.native = 'amd64';
    expect(other.removeProblems(['tool:i386'])).toHaveLength(1);
  });

  test('takes them away', () => {
    const root = model(installed('a:i386'), installed('b:i386'));
    root.remove(['a:i386', 'unknown:i386']);
    expect(keys(root)).toEqual(['b:i386=1 installed']);
  });
});

test('a clone goes its own way', () => {
  const root = model(installed('a:i386'));
  const copy = root.clone();
  copy.unpack(available('a:amd64'));
  copy.unpack(available('b:amd64', { Provides: 'c', Conflicts: 'd' }));
  expect(keys(root)).toEqual(['a:i386=1 installed']);
  expect(root.unpackProblems(available('d:amd64'))).toEqual([]);
  expect(copy.unpackProblems(available('d:amd64'))).toHaveLength(1);
});

test('without dpkg itself the architecture stays: the laws see that it is gone', () => {
  const one = model(installed('a:i386'));
  one.settleNative();
  expect(one.native).toBe('i386');
});
