import { describe, expect, test } from 'vitest';
import type { InstanceKey } from '../../../src/debian/package.ts';
import type { Batch, Plan } from '../../../src/plan/plan.ts';
import { replayPlan } from '../../../src/plan/replay.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';

const essential = { Essential: 'yes' };
const packages = [
  installed('dpkg:i386', essential),
  installed('bash:i386', { ...essential, Depends: 'libtinfo6' }),
  installed('libtinfo6:i386', { 'Multi-Arch': 'same' }),
  installed('openssh-server:i386', { Depends: 'libpam0g (>= 1)' }),
  installed('libpam0g:i386', { 'Multi-Arch': 'same' }),
  installed('game:i386', { Depends: 'data' }),
  installed('data:all'),
];
const target = {
  packages: [
    available('dpkg:amd64', essential),
    available('bash:amd64', { ...essential, Depends: 'libtinfo6' }),
    available('libtinfo6:amd64', { 'Multi-Arch': 'same' }),
    available('openssh-server:amd64', { Depends: 'libpam0g (>= 1)' }),
    available('libpam0g:amd64', { 'Multi-Arch': 'same' }),
    available('game:amd64', { Depends: 'data' }),
    available('data:all'),
  ],
  renamed: {},
  missing: [],
};

type Call = [operation: Batch['operation'], instances: InstanceKey[], force?: string[], early?: Record<string, string>];

/** What the laws say of these dpkg calls; the rest of what a replay says is left out. */
function broken(...calls: Call[]): string[] {
  const batches = calls.map(
    ([operation, instances, force = [], early], index): Batch => ({
      id: `call-${index + 1}`,
      wave: 'rest',
      operation,
      instances,
      force,
      ...(early && { early }),
    }),
  );
  const plan: Pick<Plan, 'targetArchitecture' | 'batches' | 'differingFiles' | 'endState'> = {
    targetArchitecture: 'amd64',
    batches,
    differingFiles: { libtinfo6: ['/usr/share/x'] },
    endState: {},
  };
  return replayPlan(plan, inventoryOf(packages), target)
    .filter(({ law }) => law)
    .map(({ text }) => text);
}

describe('a plan', () => {
  test('that brings each new build before the old one goes keeps the laws', () => {
    expect(
      broken(
        ['install', ['libtinfo6:amd64'], ['overwrite']],
        ['install', ['libpam0g:amd64', 'dpkg:amd64', 'bash:amd64', 'openssh-server:amd64', 'game:amd64']],
        ['purge', ['libtinfo6:i386', 'libpam0g:i386']],
      ),
    ).toEqual([]);
  });

  test('must not leave an essential package out for a time', () => {
    expect(
      broken(['remove', ['bash:i386'], ['remove-essential'], { bash: 'a reason' }], ['install', ['bash:amd64']]),
    ).toEqual(['bash would be missing in every build after dpkg call call-1, and bash is vital itself']);
  });

  test('must not leave out what something vital needs, whatever reason it gives', () => {
    expect(
      broken(['remove', ['libpam0g:i386'], [], { libpam0g: 'a reason' }], ['install', ['libpam0g:amd64']]),
    ).toEqual([
      'libpam0g would be missing in every build after dpkg call call-1, and openssh-server needs libpam0g (>= 1)',
    ]);
  });

  test('must not take away what comes again, unless it says why', () => {
    expect(broken(['remove', ['game:i386']])).toEqual([
      'game:i386 would be removed by dpkg call call-1 before its new build is there',
    ]);
    expect(broken(['remove', ['game:i386'], [], { game: 'its builds exclude each other' }])).toEqual([]);
    expect(broken(['remove', ['data:all']])).toHaveLength(1);
  });

  test('must not force what is not needed', () => {
    expect(broken(['install', ['libpam0g:amd64'], ['overwrite']])).toEqual([
      'dpkg call call-1 would be forced to overwrite without need',
    ]);
    expect(broken(['install', ['libtinfo6:amd64'], ['overwrite']])).toEqual([]);
    expect(broken(['install', ['libtinfo6:amd64'], ['overwrite', 'depends']])).toEqual([
      'dpkg call call-1 would be forced to depends without need',
    ]);
    expect(broken(['purge', ['libpam0g:i386'], ['remove-essential']])).toContain(
      'dpkg call call-1 would be forced to remove-essential without need',
    );
  });

  test('must leave dpkg configured after each call', () => {
    expect(broken(['unpack', ['dpkg:amd64']], ['configure', ['dpkg:amd64']])).toEqual([
      'dpkg would not be configured after dpkg call call-1',
    ]);
  });
});
