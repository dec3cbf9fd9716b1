import { describe, expect, test } from 'vitest';
import type { Plan } from '../../../src/plan/plan.ts';
import { makeRequest } from '../../../src/plan/request.ts';
import { compareLocalSoftware, type LocalSoftwareNow } from '../../../src/software/compare-local-software.ts';
import {
  besideFor,
  type DependentGroup,
  type LocalSoftwareRecord,
  type RecordedVirtualenv,
  readLocalSoftware,
  readTraces,
  waitingVirtualenvs,
} from '../../../src/software/local-software.ts';
import { freezeOf, pipArguments, repeatCommand, virtualenvList } from '../../../src/software/virtualenv.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';
import { World } from '../../support/recorded/world.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';

const { plan } = new World('bookworm-minimal').context;

const tool: DependentGroup = {
  name: '/opt/tool',
  files: ['/opt/tool/x'],
  packages: ['libc6:i386', 'zlib1g:i386'],
  missing: { '/opt/tool/x': ['libold.so.1'] },
};

describe('what the dynamic loader says', () => {
  test('gives paths, and names that are not found', () => {
    const text = `== /opt/tool/x
\tlinux-gate.so.1 (0xf7f9d000)
\tlibown.so => /opt/my tool/libown.so (0xf7f93000)
\tlibold.so.1 => not found
\tlibc.so.6 => /lib/i386-linux-gnu/libc.so.6 (0xf7d6a000)
\t/lib/ld-linux.so.2 (0xf7f9f000)
== /opt/tool/y
/opt/tool/y: /lib/i386-linux-gnu/libc.so.6: version \`GLIBC_2.99' not found (required by /opt/tool/y)
== /opt/tool/z
\tstatically linked
`;
    expect(Object.fromEntries(readTraces(text))).toEqual({
      '/opt/tool/x': {
        libraries: ['/lib/i386-linux-gnu/libc.so.6', '/lib/ld-linux.so.2', '/opt/my tool/libown.so'],
        missing: ['libold.so.1'],
      },
      '/opt/tool/y': { libraries: [], missing: ['GLIBC_2.99'] },
      '/opt/tool/z': { libraries: [], missing: [] },
    });
  });

  test('of a file that is gone names that file', () => {
    const text =
      '== /opt/x\n/opt/x: error while loading shared libraries: /opt/x: cannot open shared object file: No such file\n';
    expect(readTraces(text).get('/opt/x')?.missing).toEqual(['/opt/x']);
  });
});

describe('what stays beside', () => {
  const zlib = installed('zlib1g:i386=1', { 'Multi-Arch': 'same' });
  const libc = installed('libc6:i386=2', { 'Multi-Arch': 'same' });
  const odd = installed('odd:i386=3');
  const inventory = inventoryOf([zlib, libc, odd]);

  test('is what can stand beside its other build', () => {
    const { keep, cannot } = besideFor([{ ...tool, packages: [...tool.packages, 'odd:i386'] }], inventory, pair);
    expect(keep.map(({ name }) => name)).toEqual(['zlib1g', 'libc6']);
    expect(cannot).toEqual(['odd:i386']);
  });

  test('is asked for in both architectures', () => {
    const versions = (version: string) =>
      new Map([
        ['i386', [version]],
        ['amd64', [version]],
      ]);
    const availability = new Map([
      ['zlib1g', versions('1')],
      ['libc6', new Map([['amd64', ['2']]])],
    ]);
    const request = makeRequest(inventory, availability, pair, new Set(), [zlib, libc]);
    expect(request.arguments).toEqual(['libc6:i386=2', 'libc6=2', 'zlib1g:i386=1', 'zlib1g=1']);
    // In no repository any more: it is offered by one of ours.
    expect(request.local).toEqual([libc]);
    expect(request.missing).toContain('odd');
  });
});

const inventory = {
  base: '/usr/bin/python3.11',
  packages: [
    { name: 'Spam_Eggs', version: '1.0', compiled: true },
    { name: 'wheel-one', version: '2', compiled: true },
    { name: 'edited', version: '3', compiled: true },
    { name: 'plain', version: '4', compiled: false },
  ],
  modules: ['spam'],
  strange: ['/srv/venv/bin/python3', '/srv/venv/own.so'],
};

describe('the list of a virtualenv', () => {
  test('has the name of its folder', () => {
    expect(virtualenvList('/srv/app/venv')).toMatch(/\/virtualenvs\/srv_app_venv\.txt$/);
  });

  test('is never that of another one', () => {
    const paths = ['/a/b', '/a_b', '/a%5fb', '/a%2fb', '/a/_b', '/a_/b', '/a/b/', '/a%25b', '/a%b'] as const;
    expect(new Set(paths.map(virtualenvList)).size).toBe(paths.length);
  });
});

describe('a virtualenv', () => {
  const freeze = `# Editable install
-e git+https://git.example/edited@1#egg=edited
plain==4
spam-eggs==1.0
wheel-one @ file:///srv/wheel_one-2-cp311-cp311-linux_i686.whl
`;
  const frozen = freezeOf(inventory, freeze, ['spam']);
  const virtualenv: RecordedVirtualenv = { path: '/srv/venv', uid: 33, gid: 33, owner: 'www-data', files: [], frozen };

  test('has its compiled packages installed anew as they were asked for, but not from archives for the source', () => {
    expect(frozen.compiled).toEqual([
      '-e git+https://git.example/edited@1#egg=edited',
      'spam-eggs==1.0',
      'wheel-one==2',
    ]);
    expect(pipArguments(frozen).slice(-4)).toEqual([
      '-e',
      'git+https://git.example/edited@1#egg=edited',
      'spam-eggs==1.0',
      'wheel-one==2',
    ]);
    expect(frozen.strange).toEqual(['/srv/venv/own.so']);
  });

  test('without pip is known by what is installed in it', () => {
    expect(freezeOf(inventory, undefined, []).requirements).toEqual(
      ['Spam_Eggs==1.0', 'edited==3', 'plain==4', 'wheel-one==2'].sort(),
    );
  });

  test('can be rebuilt by a command of its owner', () => {
    const one = { ...frozen, compiled: ['spam @ file:///srv/spam'] };
    expect(repeatCommand({ ...virtualenv, frozen: one })).toBe(
      "runuser -u www-data -- /srv/venv/bin/python -m pip install --force-reinstall --no-deps 'spam @ file:///srv/spam'",
    );
    expect(repeatCommand({ ...virtualenv, owner: '33', frozen: one })).toMatch(/^setpriv --reuid=33 --regid=33 /);
    expect(repeatCommand({ ...virtualenv, frozen: { ...frozen, compiled: [] } })).toBeUndefined();
  });

  test('waits until it is rebuilt, or has failed', () => {
    const record: LocalSoftwareRecord = { version: 1, groups: [], virtualenvs: [virtualenv] };
    const as = (state: 'begun' | 'rebuilt' | 'failed') =>
      waitingVirtualenvs(record, { version: 1, changedAt: '', items: [{ path: '/srv/venv', state }] }).length;
    expect([as('begun'), as('rebuilt'), as('failed')]).toEqual([1, 0, 0]);
    expect(readLocalSoftware(JSON.stringify(record))).toEqual(record);
    expect(readLocalSoftware('{')).toBeUndefined();
  });

  test('is told of, whatever became of it', () => {
    const told = (rebuilt: LocalSoftwareNow['rebuilt']) =>
      compareLocalSoftware(pair, plan, {
        record: { version: 1, groups: [], virtualenvs: [virtualenv] },
        rebuilt,
        traces: undefined,
      }).differences;
    const item = { path: '/srv/venv' } as const;
    expect(told(undefined)).toMatchObject([{ what: expect.stringContaining('left as it is'), explanation: null }]);
    const failed = told({ version: 1, changedAt: '', items: [{ ...item, state: 'failed', trouble: 'no compiler' }] });
    expect(failed).toMatchObject([
      { what: expect.stringContaining('no compiler'), explanation: null, command: expect.stringContaining('pip') },
    ]);
    const left = told({ version: 1, changedAt: '', items: [{ ...item, state: 'rebuilt', trouble: 'old files' }] });
    expect(left.map(({ explanation }) => explanation === null)).toEqual([false, true]);
  });
});

describe('a program outside packages', () => {
  const told = (missing: readonly string[] | undefined, beside?: Plan['beside']) =>
    compareLocalSoftware(
      pair,
      { ...plan, ...(beside && { beside }) },
      {
        record: { version: 1, groups: [tool], virtualenvs: [] },
        rebuilt: undefined,
        traces: missing && new Map([['/opt/tool/x', { libraries: [], missing }]]),
      },
    );

  test('that finds what it found before is as it was', () => {
    const { rows, differences } = told(['libold.so.1'], ['libc6:i386', 'zlib1g:i386']);
    expect(differences).toMatchObject([{ explanation: 'they stay in i386, as decided' }]);
    expect(rows).toMatchObject([{ before: '1', after: '1' }]);
  });

  test('whose libraries went, as decided, is told with the command that brings them back', () => {
    const { rows, differences } = told(undefined);
    expect(differences).toMatchObject([
      {
        what: '/opt/tool does not start any more: /lib/ld-linux.so.2 not found; its libraries did not stay: build or install it anew, or get them back with the command',
        explanation: null,
        command: 'dpkg --add-architecture i386 && apt-get update && apt-get install libc6:i386 zlib1g:i386',
      },
    ]);
    expect(rows).toMatchObject([{ before: '1', after: '0' }]);
  });

  test('whose libraries stayed, and that lacks one all the same, is a riddle', () => {
    const { differences } = told(['libz.so.1', 'libold.so.1'], ['libc6:i386', 'zlib1g:i386']);
    expect(differences).toMatchObject([{ what: expect.stringContaining(': libz.so.1 not found'), explanation: null }]);
  });

  test('that somebody has taken away is not missed', () => {
    expect(told(['/opt/tool/x'], []).rows).toMatchObject([{ after: '1' }]);
  });
});
