import { describe, expect, test } from 'vitest';
import { usualPlaces } from '../../../src/apt/apt-places.ts';
import type { Finding } from '../../../src/base/finding.ts';
import type { RootInfo } from '../../../src/base/root.ts';
import { answerValues, questionIds } from '../../../src/check/answers-file.ts';
import type { CheckInput, Solved } from '../../../src/check/check.ts';
import { findingsOf } from '../../../src/check/system/assess.ts';
import type { DataStore } from '../../../src/data/data-survey.ts';
import type { InstalledPackage } from '../../../src/debian/package.ts';
import type { Facts } from '../../../src/run/facts.ts';
import { checks } from '../../../steps/check/index.ts';
import { World } from '../../support/recorded/world.ts';
import { installed, inventoryOf } from '../../support/roots/packages.ts';
import { machineTroubles } from '../../support/troubles/machine-troubles.ts';
import { networkTroubles } from '../../support/troubles/network-troubles.ts';
import { packageTroubles, withOffers } from '../../support/troubles/package-troubles.ts';
import { softwareTroubles } from '../../support/troubles/software-troubles.ts';
import { isTyped, notTyped, programsInSource } from '../../support/troubles/typed-remedies.ts';

const chroot: RootInfo = { kind: 'chroot', can: new Set(['network']) };
const { context, target } = new World('bookworm-minimal');
const soundSolved: Solved = {
  target,
  plan: context.plan,
  problems: [],
  pendingUpgrades: [],
  space: [{ paths: ['/usr', '/var'], neededBytes: 1000, freeBytes: 1000 }],
};
const sound: CheckInput = {
  pair: context.pair,
  root: chroot,
  facts: context.facts,
  answers: {},
  aptComplaints: [],
  solved: soundSolved,
};

function withFacts(facts: Partial<Facts>): CheckInput {
  return { ...sound, facts: { ...sound.facts, ...facts } };
}

function withPackages(...packages: InstalledPackage[]): CheckInput {
  const dpkg = installed('dpkg:i386=1.21.22');
  return withFacts({ inventory: inventoryOf([dpkg, ...packages]) });
}

/** dpkg is of the target. */
function withGoneAhead(...packages: InstalledPackage[]): CheckInput {
  const dpkg = installed('dpkg:amd64=1.21.22');
  return withFacts({ inventory: inventoryOf([dpkg, ...packages], { nativeArchitecture: 'amd64' }) });
}

function withSolved(solved: Partial<Solved>): CheckInput {
  return { ...sound, solved: { ...soundSolved, ...solved } };
}

function findings(input: CheckInput): readonly Finding[] {
  return checks.flatMap((check) => findingsOf(check, input));
}

const unpacked = installed('vim:i386', { Status: 'install ok unpacked' });
const broken = installed('vim:i386', { Status: 'install reinstreq half-installed' });
const torn = installed('passwd:amd64', { Status: 'install ok unpacked' });
const standInArchive = {
  fileName: 'apt_2.6.1_i386.deb',
  address: 'http://mirror.example/debian/pool/main/a/apt/apt_2.6.1_i386.deb',
  sha256: '0'.repeat(64),
  bytes: 1,
};
const bash = installed('bash:i386', { Essential: 'yes' });
const leftLibrary = installed('libc6:i386', { 'Multi-Arch': 'same' });
const keptProgram = installed('hello:i386');
const residual = installed('mc:i386', { Status: 'deinstall ok config-files' });
const missing = withSolved({ target: { ...target, missing: ['zsnes', 'wine32'] } });
const i686 = { ...context.facts.runningKernel, machine: 'i686' };

const troubles: readonly [id: string, severity: Finding['severity'], input: CheckInput, affected: readonly string[]][] =
  [
    ['packages/derivative', 'blocker', withFacts({ release: { id: 'linuxmint', version: '6', codename: 'faye' } }), []],
    [
      'packages/release-too-old',
      'blocker',
      withFacts({ inventory: inventoryOf([installed('dpkg:i386=1.19.8')]) }),
      ['dpkg'],
    ],
    ['machine/processor-lacks-target', 'blocker', withFacts({ cpuFlags: new Set(['sse2']) }), []],
    ['machine/kernel-lacks-target', 'blocker', withFacts({ runningKernel: i686 }), []],
    ['packages/unfinished', 'blocker', withPackages(unpacked), ['vim:i386 (unpacked)']],
    ['packages/unfinished', 'blocker', withPackages(broken), ['vim:i386 (must be reinstalled)']],
    ['packages/taken-over', 'warning', withGoneAhead(bash), ['bash:i386']],
    ['packages/taken-over', 'warning', withPackages(torn), ['passwd:amd64 (unpacked)']],
    [
      'packages/stand-in',
      'note',
      { ...sound, standIn: { kind: 'lent', programs: ['apt-get'], archives: [standInArchive] } },
      ['apt-get'],
    ],
    [
      'packages/programs-stopped',
      'blocker',
      {
        ...sound,
        standIn: {
          kind: 'missing',
          programs: ['dpkg'],
          why: ['libmd.so.0 is not there'],
          architecture: 'i386',
          archives: [standInArchive],
        },
      },
      ['dpkg'],
    ],
    [
      'packages/programs-stopped',
      'blocker',
      { ...sound, standIn: { kind: 'missing', programs: ['apt-get'], why: ['there are no package lists'] } },
      ['apt-get'],
    ],
    ['packages/leftovers', 'warning', withGoneAhead(leftLibrary), ['libc6:i386']],
    ['packages/kept-programs', 'note', withGoneAhead(leftLibrary, keptProgram), ['hello:i386', 'libc6:i386']],
    [
      'packages/locked',
      'blocker',
      { ...sound, aptComplaints: ['Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 4711'] },
      [],
    ],
    [
      'packages/unmet-dependencies',
      'blocker',
      { ...sound, aptComplaints: ['a : Depends: b but it is not installed'] },
      [],
    ],
    [
      'packages/apt-stopped',
      'blocker',
      { ...sound, aptComplaints: ['Unable to parse package file /etc/apt/preferences (1)'] },
      ['/etc/apt/preferences'],
    ],
    [
      'packages/apt-configuration',
      'blocker',
      withFacts({ aptConfiguration: { '/etc/apt/apt.conf.d/90x': 'APT::Architecture "i386";' } }),
      ['/etc/apt/apt.conf.d/90x'],
    ],
    [
      'packages/apt-configuration',
      'blocker',
      withFacts({
        aptConfiguration: {
          '/etc/apt/apt.conf.d/99my.site.conf': 'APT { Architecture "i386"; };',
          '/etc/apt/apt.conf.d/98x': '// APT::Architecture "i386";\nAcquire::Languages "none";',
          '/etc/apt/apt.conf.d/50files':
            'Acquire::IndexTargets::deb::Contents-deb::MetaKey "Contents-$(ARCHITECTURE)";',
        },
      }),
      ['/etc/apt/apt.conf.d/99my.site.conf'],
    ],
    ['packages/apt-configuration', 'blocker', { ...sound, aptAnswers: { architectures: ['amd64'], sources: [] } }, []],
    [
      'packages/unknown-source',
      'blocker',
      { ...sound, aptAnswers: { architectures: [], sources: [{ file: '/srv/more.list', place: 3 }] } },
      ['/srv/more.list:3'],
    ],
    ['packages/apt-not-asked', 'warning', withFacts({ aptPlaces: usualPlaces }), []],
    [
      'packages/default-release',
      'blocker',
      {
        ...withOffers({
          conflict: {
            unmet: [],
            said: ["The value 'trixie' is invalid for APT::Default-Release as such a release is not available"],
            blamed: [],
          },
        }),
        facts: withFacts({ aptConfiguration: { '/etc/apt/apt.conf.d/90x': 'APT::Default-Release "trixie";' } }).facts,
      },
      ['/etc/apt/apt.conf.d/90x'],
    ],
    ['packages/third-architecture', 'blocker', withPackages(installed('libc6:armhf')), ['libc6:armhf']],
    [
      'data/same-files',
      'note',
      withPackages(
        installed('mariadb-server:all'),
        installed('redis-server:i386'),
        installed('mariadb-server-core:i386'),
      ),
      ['MariaDB', 'Redis'],
    ],
    ['packages/pending-upgrades', 'blocker', withSolved({ pendingUpgrades: ['vim', 'bash'] }), ['bash', 'vim']],
    ['packages/no-counterpart', 'blocker', missing, ['wine32', 'zsnes']],
    ['packages/no-counterpart', 'blocker', { ...missing, answers: { 'no-counterpart': 'stop' } }, ['wine32', 'zsnes']],
    ['packages/no-counterpart', 'warning', { ...missing, answers: { 'no-counterpart': 'keep' } }, ['wine32', 'zsnes']],
    ['packages/residual-config', 'blocker', withPackages(residual), ['mc:i386']],
    [
      'packages/residual-config',
      'note',
      { ...withPackages(residual), answers: { 'residual-config': 'keep' } },
      ['mc:i386'],
    ],
    [
      'packages/dpkg-refuses',
      'blocker',
      withSolved({ problems: [{ instance: 'a:amd64', text: 'a:amd64 depends on b, which is not configured' }] }),
      ['a:amd64 depends on b, which is not configured'],
    ],
    [
      'packages/third-architecture',
      'blocker',
      {
        ...withPackages(installed('libc6:armhf')),
        solved: {
          ...soundSolved,
          problems: [{ instance: 'libc6:amd64', text: 'libc6:armhf would break libc6:amd64' }],
        },
      },
      ['libc6:armhf'],
    ],
    [
      'packages/unsafe-plan',
      'blocker',
      withSolved({ problems: [{ instance: 'bash:amd64', text: 'bash would be missing', law: true }] }),
      ['bash would be missing'],
    ],
    [
      'machine/space',
      'blocker',
      withSolved({ space: [{ paths: ['/usr', '/var'], neededBytes: 1001, freeBytes: 1000 }] }),
      ['/usr', '/var'],
    ],
    ...machineTroubles,
    ...networkTroubles,
    ...softwareTroubles(sound),
    ...packageTroubles,
  ];

test('a sound root has no finding, with what apt says and without', () => {
  const { solved: _, ...early } = sound;
  expect(findings(sound)).toEqual([]);
  expect(findings(early)).toEqual([]);
});

describe('a finding', () => {
  test.each(troubles)('%s is a %s, and the only one', (id, severity, input, affected) => {
    // That a cluster is carried over is said in any case.
    const found = findings(input).filter((one) => one.id === id || one.id !== 'data/postgresql');
    expect(found.map((one) => [one.id, one.severity, one.affected])).toEqual([[id, severity, affected]]);
  });

  test('says what to do', () => {
    for (const [id, , input] of troubles) {
      const finding = findings(input).find((one) => one.id === id);
      expect(finding?.remedies, id).not.toEqual([]);
      expect(finding?.title, id).toMatch(/[^.]$/);
      expect(finding?.detail, id).toMatch(/\S/);
    }
  });
});

test('how long data is out of use is said beforehand', () => {
  const store: DataStore = { kind: 'rrd', name: '', path: '/var/lib/munin', files: 2, bytes: 1000 };
  const found = findings({ ...sound, survey: { notLookedAt: [], data: [store] } });
  expect(found.map(({ id }) => id)).toEqual(['data/rrd']);
  expect(found[0]?.detail).toMatch(/stands still for up to about \d+ min, as long as the packages are replaced/);
});

describe('an id', () => {
  const ids = checks.flatMap((check) => Object.keys(check.about));

  test('belongs to one check, in the folder of that check', () => {
    expect(new Set(ids).size).toBe(ids.length);
    for (const check of checks) {
      for (const id of Object.keys(check.about)) expect(id.split('/')[0]).toBe(check.id.split('/')[0]);
    }
  });

  test('of every finding is tested with its trouble', () => {
    const untested = ids.filter((id) => !troubles.some(([tested]) => tested === id));
    expect(untested, 'each has to be in a list of test/support/troubles').toEqual([]);
  });
});

test('a host with a kernel of its own needs no other one to run now, but a reboot', () => {
  const host: RootInfo = { kind: 'host', can: new Set(['init', 'boot', 'network']) };
  const found = findings({ ...withFacts({ runningKernel: i686 }), root: host, answers: { reboot: 'automatic' } });
  expect(found.map((one) => [one.id, one.severity])).toEqual([['machine/reboot-needed', 'note']]);
});

test('software of 32 bit that needs only what was decided to stay is not said to fail', () => {
  const stays = ['libc6', 'wine32'].map((name) => ({ name, change: 'kept-foreign' as const, reason: 'kept' }));
  const keep = { ...soundSolved, plan: { ...soundSolved.plan, changes: [...soundSolved.plan.changes, ...stays] } };
  const told = (id: string, solved: Solved) => {
    const input = troubles.find(([name]) => name === id)?.[2];
    if (!input) throw new Error(id);
    return findings({ ...input, solved }).find((one) => one.id === id);
  };
  expect(told('software/local-programs', soundSolved)?.title).toContain('will no longer work');
  expect(told('software/local-programs', keep)?.title).toContain('may no longer work');
  expect(told('software/local-programs', keep)?.detail).toContain(
    'that stay, as decided, go on working: libc6 and wine32.',
  );
  expect(told('software/started', soundSolved)?.detail).not.toContain('stay');
  expect(told('software/started', keep)?.detail).toContain('need only the i386 packages that stay, as decided, go on');
  expect(told('software/source-only', keep)?.detail).toContain('stay, as decided');
  const text = JSON.stringify(told('software/source-only', keep)?.remedies);
  expect(text).not.toContain('no-counterpart');
  expect(text).toContain('Copy each Wine folder');
});

test('what is torn is no blocker where dpkg has gone ahead of the rest, nor is what apt says of dependencies', () => {
  const input = {
    ...withGoneAhead(unpacked, bash),
    aptComplaints: ['libpam-runtime : Depends: libpam-modules but it is not installed'],
  };
  const found = findings(input).filter(({ id }) => id.startsWith('packages/u'));
  expect(found).toMatchObject([{ id: 'packages/unfinished', severity: 'warning', affected: ['vim:i386 (unpacked)'] }]);
  const repairs = found.flatMap(({ remedies }) => remedies).filter((one) => 'command' in one);
  expect(repairs).toEqual([]);
});

describe('a command that a finding shows', () => {
  const shown = troubles.flatMap(([, , input]) =>
    checks.flatMap((check) =>
      findingsOf(check, input).flatMap(({ id, remedies }) =>
        remedies.flatMap((one) => ('command' in one ? [{ check: check.id, id, command: one.command }] : [])),
      ),
    ),
  );
  const ids = [...new Set(shown.map(({ id }) => id))].sort();

  test('is typed in a real root by test/faults/remedies*.test.ts, or it is said why not', () => {
    const forgotten = ids.filter((id) => !isTyped(id) && notTyped[id] === undefined);
    expect(forgotten, 'each in a test there, or in notTyped of test/support/troubles/typed-remedies.ts').toEqual([]);
    // The list stays short.
    expect(Object.keys(notTyped).filter((id) => !ids.includes(id) || isTyped(id))).toEqual([]);
  });

  test('is shown by a trouble, whatever its program is', () => {
    const unseen = checks.flatMap(({ id }) =>
      programsInSource(id)
        .filter((program) => !shown.some((one) => one.check === id && one.command.includes(program)))
        .map((program) => `${id}: ${program}`),
    );
    expect(unseen).toEqual([]);
  });
});

describe('questions', () => {
  const asked = (input: CheckInput) => checks.flatMap((check) => check.questions?.(input) ?? []);

  test('are asked only where there is something to decide', () => {
    expect(asked(sound)).toEqual([]);
    expect(asked(missing).map((one) => one.id)).toEqual(['no-counterpart']);
    expect(asked(withPackages(residual)).map((one) => one.id)).toEqual(['residual-config']);
  });

  test('can be answered by a file', () => {
    const ids = troubles.flatMap(([, , input]) => asked(input).map((one) => one.id));
    expect([...new Set(ids)].sort()).toEqual([...questionIds].sort());
    for (const { id, choices } of troubles.flatMap(([, , input]) => asked(input))) {
      expect({ [id]: choices.map(({ value }) => value) }).toEqual({
        [id]: answerValues[id as keyof typeof answerValues],
      });
    }
  });

  test('say what follows from each choice, recommend one, and are the remedy of a finding', () => {
    for (const [, , input] of troubles) {
      for (const { id, choices } of asked(input)) {
        expect(choices.filter((choice) => choice.recommended)).toHaveLength(1);
        expect(new Set(choices.map((choice) => choice.value)).size).toBe(choices.length);
        expect(findings(input).flatMap((one) => one.remedies)).toContainEqual({ decision: id });
      }
    }
  });

  test('that are asked do not depend on the answer, so that it can be checked', () => {
    const answered = { ...missing, answers: { 'no-counterpart': 'remove' } };
    expect(asked(answered).map((one) => one.id)).toEqual(['no-counterpart']);
  });
});
