import { describe, expect, test } from 'vitest';
import { readReverseDepends, readReverseProvides } from '../../../src/apt/apt-output.ts';
import { pinMatches, readPreferences } from '../../../src/apt/apt-preferences.ts';
import { readListTrouble } from '../../../src/apt/apt-update.ts';
import { readSources } from '../../../src/apt/sources.ts';
import { findBlame } from '../../../src/apt/system/blame.ts';
import { yieldOrBlame } from '../../../src/apt/system/yield.ts';
import { type Answers, isOpen, type Question } from '../../../src/base/finding.ts';
import { listNames } from '../../../src/base/list-names.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { explainUnmet, readErrors, readUnmet } from '../../../src/debian/conflict.ts';
import { DependencyGraph } from '../../../src/debian/dependency-graph.ts';
import { Dependents } from '../../../src/debian/dependents.ts';
import type { InstanceKey } from '../../../src/debian/package.ts';
import { diversions } from '../../../steps/check/packages/diversions.ts';
import { dkms } from '../../../steps/check/packages/dkms.ts';
import { fileLists } from '../../../steps/check/packages/file-lists.ts';
import { held } from '../../../steps/check/packages/held.ts';
import { noCounterpart } from '../../../steps/check/packages/no-counterpart.ts';
import { noSolution } from '../../../steps/check/packages/no-solution.ts';
import { packageState } from '../../../steps/check/packages/package-state.ts';
import { pinned } from '../../../steps/check/packages/pinned.ts';
import { repositories } from '../../../steps/check/packages/repositories.ts';
import { statOverrides } from '../../../steps/check/packages/stat-overrides.ts';
import { targetKernel } from '../../../steps/check/packages/target-kernel.ts';
import { vanishing } from '../../../steps/check/packages/vanishing.ts';
import { versions } from '../../../steps/check/packages/versions.ts';
import { i386ToAmd64 } from '../../support/recorded/hosts.ts';
import { available, installed, inventoryOf } from '../../support/roots/packages.ts';
import {
  crossgraded,
  lostLists,
  noTrouble,
  olderNano,
  packageTroubles,
  refused,
  shopWithout,
  soundInput,
  vboxDkms,
  withChanges,
  withFacts,
  withKernel,
  withMissing,
} from '../../support/troubles/package-troubles.ts';

function only(check: Check, input: CheckInput) {
  const found = check.findings(input);
  expect(found).toHaveLength(1);
  return found[0] ?? expect.fail();
}

function troubleOf(id: string, severity?: string): CheckInput {
  const found = packageTroubles.find(([each, how]) => each === id && (severity ?? how) === how);
  return found?.[2] ?? expect.fail(id);
}

test('a package whose file list is lost is installed again, after what dpkg cannot read is out of its way', () => {
  expect(only(fileLists, lostLists).remedies.slice(0, 2)).toEqual([
    { command: 'mv /var/lib/dpkg/info/tzdata.list /var/backups/' },
    { command: 'apt-get install --reinstall grep:i386 tzdata zlib1g:i386' },
  ]);
  const [zlib] = lostLists.lostFileLists ?? [];
  const missing = only(fileLists, { ...soundInput, lostFileLists: zlib ? [zlib] : [] });
  expect(missing.remedies[0]).toEqual({ command: 'apt-get install --reinstall zlib1g:i386' });
  expect(fileLists.findings({ ...soundInput, lostFileLists: [] })).toEqual([]);
});

describe('a package without a counterpart', () => {
  const game = installed('game:i386');
  const meta = installed('games:all', { Depends: 'game | other-game' });
  const data = installed('game-data:all');
  const needing = installed('game:i386', { Depends: 'game-data, libc6' });
  const libc = installed('libc6:i386', { 'Multi-Arch': 'same', Essential: 'yes' });

  test('comes with what depends on it', () => {
    expect(only(noCounterpart, withMissing(['game'], [game, meta])).detail).toContain('game is needed by games.');
  });

  test('says what is lost with it, before that is decided', () => {
    const [question] = noCounterpart.questions?.(withMissing(['game'], [game, meta])) ?? [];
    expect(question?.choices.find(({ value }) => value === 'remove')?.consequence).toContain(
      'games cannot work without them',
    );
  });

  test('is not said to be needed by what apt has another choice for', () => {
    const { solved, ...input } = withMissing(['game'], [game, meta]);
    const target = solved && { ...solved.target, packages: [available('games:all')] };
    const withGames = { ...input, ...(solved && target && { solved: { ...solved, target } }) };
    expect(only(noCounterpart, withGames).detail).toContain(
      'game is needed by games; it is not the only choice: for amd64 apt finds another one for games.',
    );
    const [question] = noCounterpart.questions?.(withGames) ?? [];
    expect(question?.choices.find(({ value }) => value === 'remove')?.consequence).not.toContain('games');
  });

  test('comes with what takes its place', () => {
    const input = {
      ...withMissing(['game'], [game]),
      repositories: { ...noTrouble, replacements: { game: ['new-game'] } },
    };
    const found = only(noCounterpart, input);
    expect(found.detail).toContain('game is provided or replaced by new-game.');
    expect(found.remedies).toContainEqual({
      hint: 'Or install what takes their place, and remove them first: new-game.',
    });
  });

  test('may be a file that somebody installed', () => {
    const input = { ...withMissing(['game'], [game]), repositories: { ...noTrouble, ownVersions: { game: [] } } };
    expect(only(noCounterpart, input).detail).toContain('game is in no repository at all');
  });

  test('may be one that only force removes', () => {
    const vital = installed('game:i386', { Essential: 'yes' });
    expect(only(noCounterpart, withMissing(['game'], [vital])).detail).toContain('only force removes it');
  });

  test('leaves behind what came with it, once it is decided to remove it', () => {
    const input = withMissing(['game'], [needing, data, libc]);
    const inventory = { ...input.facts.inventory, automatic: new Set(['game-data:i386', 'game-data:all'] as const) };
    const decided = { ...input, facts: { ...input.facts, inventory }, answers: { 'no-counterpart': 'remove' } };
    expect(only(noCounterpart, decided).detail).toContain('game-data came only with them');
  });

  test('keeps what it needs, once it is decided to keep it', () => {
    const input = withMissing(['game'], [needing, data, libc]);
    const [question] = noCounterpart.questions?.(input) ?? [];
    expect(question?.choices.find(({ value }) => value === 'keep')?.consequence).toContain('(up to 1)');
    const kept = { ...crossgraded('libc6', '2'), change: 'kept-foreign' as const };
    const solved = input.solved && { ...input.solved, plan: { ...input.solved.plan, changes: [kept] } };
    const decided = { ...input, ...(solved && { solved }), answers: { 'no-counterpart': 'keep' } };
    expect(only(noCounterpart, decided).detail).toContain('and with them what they need: libc6');
    const [again] = noCounterpart.questions?.(decided) ?? [];
    expect(again?.choices.find(({ value }) => value === 'keep')?.consequence).toContain('(1), stay');
  });

  describe('beside another one', () => {
    const input = withMissing(
      ['engine', 'game'],
      [installed('game:i386', { Depends: 'engine' }), installed('engine:i386')],
    );
    const detailFor = (answers: Answers) => only(noCounterpart, { ...input, answers }).detail;
    const asked = (answers: Answers) => noCounterpart.questions?.({ ...input, answers })[0];
    const isStillOpen = (answers: Answers) => isOpen(asked(answers) as Question, answers);

    test('can have an answer of its own, which goes before the one for all', () => {
      expect(detailFor({ 'no-counterpart': 'keep', 'no-counterpart/game': 'remove' })).toMatch(
        /As decided, these will be purged: game\. As decided, these stay i386 packages: engine\.$/,
      );
    });

    test('is kept with it, where it needs that one', () => {
      const answers = { 'no-counterpart': 'remove', 'no-counterpart/game': 'keep' };
      expect(detailFor(answers)).toContain('They stay i386 packages, as decided.');
      expect(isStillOpen(answers)).toBe(false);
    });

    test('cannot be kept without what it needs: that blocks, and is open again', () => {
      const answers = { 'no-counterpart/engine': 'remove', 'no-counterpart/game': 'keep' };
      const { severity, detail } = only(noCounterpart, { ...input, answers });
      expect(severity).toBe('blocker');
      expect(detail).toContain(
        'game is to stay, but cannot without engine, which is to go: decide to keep both, or to',
      );
      expect(isStillOpen(answers)).toBe(true);
    });

    test('needs no answer for all when each has its own', () => {
      const answers = { 'no-counterpart/engine': 'remove', 'no-counterpart/game': 'remove' };
      expect(only(noCounterpart, { ...input, answers }).severity).toBe('warning');
      expect(isStillOpen(answers)).toBe(false);
      expect(isStillOpen({ 'no-counterpart/engine': 'keep' })).toBe(true);
    });

    test('is not mistaken for a name that nobody knows', () => {
      const answers = { 'no-counterpart': 'remove', 'no-counterpart/gmae': 'keep' };
      expect(detailFor(answers)).toContain('The answers also name gmae: not one of these.');
    });
  });

  test('says what has to go because it is kept', () => {
    const input = withMissing(['game', 'map'], [needing, libc, installed('map:all', { Depends: 'engine' })]);
    const unmet = [{ name: 'map', kind: 'Depends', relation: 'engine', but: 'it is not installable' }];
    const conflict = { unmet, said: [], blamed: ['map'], forcedOut: ['map'] };
    const availability = new Map([['engine', new Map([['amd64', ['1']]])]]);
    const answers = { 'no-counterpart': 'keep', 'no-solution': 'remove' };
    const decided = { ...input, repositories: { ...noTrouble, availability, conflict }, answers };
    expect(only(noCounterpart, decided).detail).toContain('That forces out map: see packages/no-solution.');
    expect(only(noSolution, decided).detail).toContain(
      'map needs engine, which cannot be installed together with the rest. This comes of packages that are kept (no-counterpart): without them, map would go over. map will be purged',
    );
  });
});

describe('what apt cannot solve', () => {
  const said = `Some packages could not be installed.
The following packages have unmet dependencies:
 games : Depends: game but it is not installable
         Depends: engine (>= 2) but 1.0 is to be installed
 tool : Depends: lib but it is not going to be installed or
                 other-lib but it is not installable
 shop : Conflicts: apache2
E: Unable to correct problems, you have held broken packages.
`;

  test('is told in words', () => {
    expect(readUnmet(said).map((one) => explainUnmet(one, 'amd64'))).toEqual([
      'games needs game, which no repository has for amd64',
      'games needs engine (>= 2), but version 1.0 would be installed',
      'tool needs lib, which cannot be installed together with the rest',
      'shop cannot be installed together with apache2',
    ]);
    expect(readErrors(said)).toEqual(['Unable to correct problems, you have held broken packages.']);
  });

  test('is understood from the newer solver as well', () => {
    const newer = `E: Unable to satisfy dependencies. Reached two conflicting decisions:
   1. games:amd64=1 is selected for install
   2. games:amd64 Depends no-such-game
      but none of the choices are installable:
      [no choices]
   1. postfix:amd64 is not selected for install because:
      2. postfix:amd64 Conflicts mail-transport-agent
         [selected exim4-daemon-light:amd64=4.98.2-1+deb13u4]
`;
    expect(readUnmet(newer).map((one) => explainUnmet(one, 'amd64'))).toEqual([
      'games needs no-such-game, which no repository has for amd64',
      'postfix cannot be installed together with mail-transport-agent',
    ]);
  });

  test('is for the administrator to decide, where there is a system without it', () => {
    const found = only(noSolution, troubleOf('packages/no-solution', 'blocker'));
    expect(found.detail).toContain('games-meta needs zsnes, which no repository has for amd64.');
    expect(found.remedies).toContainEqual({ decision: 'no-solution' });
    expect(only(noSolution, troubleOf('packages/no-solution', 'warning')).detail).toContain(
      'games-meta will be purged',
    );
  });

  test('is no decision where nobody is to blame: only a blocker', () => {
    const { solved: _, ...rest } = soundInput;
    const conflict = { unmet: [], said: ['Broken packages'], blamed: [] };
    const input = { ...rest, repositories: { ...noTrouble, conflict } };
    const found = only(noSolution, input);
    expect([found.severity, found.detail]).toEqual(['blocker', 'Broken packages.']);
    expect(noSolution.questions?.(input)).toEqual([]);
  });

  test('is no decision where the system needs it', () => {
    const input = withMissing(['games-meta'], [installed('games-meta:all', { Essential: 'yes' })]);
    const vital = { ...input, repositories: { ...noTrouble, conflict: refused } };
    expect(only(noSolution, vital).detail).toContain('games-meta cannot be given up');
    expect(noSolution.questions?.(vital)).toEqual([]);
  });

  test('does not matter where another version of it comes in', () => {
    const input = { ...soundInput, repositories: { ...noTrouble, conflict: refused } };
    expect(only(noSolution, input).severity).toBe('warning');
    expect(noSolution.questions?.(input)).toEqual([]);
  });
});

describe('who is to blame', () => {
  /** Fails with these lines as long as one of these is asked for. */
  const apt = (bad: Readonly<Record<string, string>>) => {
    const asked: string[][] = [];
    const ask = async (wanted: readonly string[]) => {
      asked.push([...wanted]);
      const lines = wanted.flatMap((one) => bad[one.replace(/[:=].*/, '')] ?? []);
      return { exitCode: lines.length > 0 ? 100 : 0, stdout: lines.join('\n'), stderr: '' };
    };
    return { ask, asked };
  };

  test('is found by leaving out what apt complains of', async () => {
    const { ask } = apt({ games: ' games : Depends: game but it is not installable' });
    const wanted = ['bash=1', 'games=1', 'vim'];
    const { blamed, unmet, solved } = await findBlame(ask, wanted, await ask(wanted));
    expect(blamed).toEqual(['games']);
    expect(unmet).toEqual([{ name: 'games', kind: 'Depends', relation: 'game', but: 'it is not installable' }]);
    expect(solved?.exitCode).toBe(0);
  });

  test('is not who was complained of only because of another', async () => {
    const lines = ' innocent : Depends: culprit but it is not going to be installed\n culprit : Conflicts: bash';
    const { ask } = apt({ culprit: lines });
    const wanted = ['bash', 'culprit', 'innocent'];
    expect((await findBlame(ask, wanted, await ask(wanted))).blamed).toEqual(['culprit']);
  });

  test('stays unknown where apt names nobody, or too many', async () => {
    const silent = apt({ bash: 'E: Broken packages' });
    const known = await findBlame(silent.ask, ['bash'], await silent.ask(['bash']));
    expect([known.blamed, known.said, known.solved]).toEqual([[], ['Broken packages'], undefined]);
    const names = Array.from({ length: 40 }, (_, index) => `p${index}`);
    const many = apt(
      Object.fromEntries(names.map((name) => [name, ` ${name} : Depends: gone but it is not installable`])),
    );
    expect((await findBlame(many.ask, names, await many.ask(names))).blamed).toEqual([]);
    expect(many.asked).toHaveLength(1);
  });
});

describe('where apt finds no system with everything as it is', () => {
  /** Fails as long as any of these sets is asked for as a whole. */
  const refusing = (...bad: readonly (readonly string[])[]) => {
    const asked: string[][] = [];
    const ask = async (wanted: readonly string[]) => {
      asked.push([...wanted]);
      const lines = bad
        .filter((all) => all.every((one) => wanted.includes(one)))
        .map(([first]) => ` ${first?.replace(/=.*/, '')} : Breaks: something`);
      return { exitCode: lines.length > 0 ? 100 : 0, stdout: [...lines, ...wanted].join('\n'), stderr: '' };
    };
    return { ask, asked };
  };
  const request = (fallbacks: Readonly<Record<string, string | undefined>>, ...others: readonly string[]) => ({
    arguments: [...others, ...Object.keys(fallbacks)],
    renamed: {},
    missing: [],
    local: [],
    fallbacks: new Map(Object.entries(fallbacks)),
  });
  const came = { 'a-data=1': undefined, 'b-data=1': undefined, 'c-data=1': 'c-data', 'd-data=1': 'd-data' };

  test('what came by itself, and nothing needs, yields alone', async () => {
    const { ask } = refusing(['app', 'b-data=1']);
    const wanted = request(came, 'app', 'bash=5');
    const { solved, conflict } = await yieldOrBlame(ask, wanted, await ask(wanted.arguments));
    expect([solved?.unasked, conflict]).toEqual([['b-data'], undefined]);
    expect(solved?.answer.stdout.split('\n')).toEqual(['app', 'bash=5', 'a-data=1', 'c-data=1', 'd-data=1']);
  });

  test('a newer version is taken where the installed one cannot be there', async () => {
    const { ask } = refusing(['app', 'c-data=1']);
    const wanted = request(came, 'app');
    const { solved, conflict } = await yieldOrBlame(ask, wanted, await ask(wanted.arguments));
    expect([solved?.unasked, conflict]).toEqual([[], undefined]);
    expect(solved?.answer.stdout.split('\n')).toEqual(['app', 'a-data=1', 'b-data=1', 'c-data', 'd-data=1']);
  });

  test('who is to blame for the rest is found out beside it', async () => {
    const { ask } = refusing(['app', 'b-data=1'], ['games']);
    const wanted = request(came, 'app', 'games');
    const { solved, conflict } = await yieldOrBlame(ask, wanted, await ask(wanted.arguments));
    expect([solved?.unasked, conflict?.blamed]).toEqual([['b-data'], ['games']]);
    expect(solved?.answer.stdout.split('\n')).toEqual(['app', 'a-data=1', 'c-data=1', 'd-data=1']);
  });

  test('nothing yields where it is of no use', async () => {
    const { ask } = refusing(['games']);
    const wanted = request(came, 'app', 'games');
    const { solved, conflict } = await yieldOrBlame(ask, wanted, await ask(wanted.arguments));
    expect([solved?.unasked, conflict?.blamed]).toEqual([[], ['games']]);
    expect(solved?.answer.stdout.split('\n')).toEqual(['app', ...Object.keys(came)]);
  });

  test('apt is asked no more than before where nothing can yield', async () => {
    const { ask, asked } = refusing(['games']);
    const wanted = request({}, 'app', 'games');
    await yieldOrBlame(ask, wanted, await ask(wanted.arguments));
    const others = refusing(['games']);
    await findBlame(others.ask, wanted.arguments, await others.ask(wanted.arguments));
    expect(asked).toEqual(others.asked);
  });
});

describe('dependents', () => {
  test('an arch:all package that came by itself is of no use without those that need it', () => {
    const packages = [installed('zsnes:i386', { Depends: 'zsnes-data' }), installed('zsnes-data:all')];
    const inventory = inventoryOf(packages, { automatic: new Set<InstanceKey>(['zsnes-data:i386']) });
    expect(new Dependents(inventory).needlessWithout(['zsnes'])).toEqual(['zsnes-data']);
  });

  const dependents = new Dependents(
    inventoryOf([
      installed('lib:i386', { Provides: 'lib-api (= 2)' }),
      installed('a:i386', { Depends: 'lib-api (>= 2)' }),
      installed('b:all', { Depends: 'a, c | lib' }),
      installed('c:i386'),
      installed('d:i386', { Depends: 'c | lib' }),
      installed('e:i386', { Status: 'deinstall ok config-files', Depends: 'lib' }),
    ]),
  );

  test('break with what they need, one after the other; an alternative saves them', () => {
    expect(dependents.brokenWithout(['lib'])).toEqual(['a', 'b']);
    expect(dependents.brokenWithout(['c'])).toEqual([]);
    expect(dependents.brokenWithout(['c', 'lib'])).toEqual(['a', 'b', 'd']);
  });

  test('are followed to the end', () => {
    expect(
      dependents
        .closureOf(['b'])
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['a', 'b', 'c', 'lib']);
  });
});

test('a chain leads from what is wanted to what comes in', () => {
  const graph = new DependencyGraph([
    available('kernel:amd64', { Depends: 'initramfs' }),
    available('dracut:amd64', { Provides: 'initramfs', 'Pre-Depends': 'cpio' }),
    available('cpio:amd64'),
    available('lonely:amd64'),
  ]);
  const chains = graph.chainsFrom(['kernel']);
  expect(chains.get('cpio')?.map(({ name }) => name)).toEqual(['kernel', 'dracut', 'cpio']);
  expect(chains.has('lonely')).toBe(false);
});

describe('a source', () => {
  const stanza = 'Types: deb\nURIs: http://shop.example/apt/\nSuites: stable\nComponents: main\n';

  test('without the target is disabled by a command', () => {
    const line = shopWithout(
      '/etc/apt/sources.list.d/shop.list',
      '# the shop\ndeb http://shop.example/apt stable main\n',
    );
    const deb822 = shopWithout('/etc/apt/sources.list.d/shop.sources', stanza);
    const commands = [line, deb822].map((input) => only(repositories, input).remedies[0]);
    expect(commands).toEqual([
      { command: "sed -i '2s/^/# /' /etc/apt/sources.list.d/shop.list" },
      { command: "sed -i '1,4s/^/# /' /etc/apt/sources.list.d/shop.sources" },
    ]);
  });

  test('that is restricted is shown as it will be', () => {
    const file = '/etc/apt/sources.list.d/shop.sources';
    const text = `${stanza}Architectures: i386\n\n${stanza}Enabled: no\nArchitectures: i386\n\n${stanza}Architectures-Remove: amd64\nArchitectures-Add: i386\n`;
    expect(only(repositories, withFacts({ sourceFiles: { [file]: text } })).remedies).toEqual([
      { hint: `${file}, line 5, becomes: Architectures: i386 amd64` },
      { hint: `${file}, line 18, goes` },
      { hint: `${file}, line 19, becomes: Architectures-Add: i386 amd64` },
    ]);
  });

  /** As apt 2.6 says it. */
  const troubles: readonly (readonly [name: string, said: string, reason: string, cure: RegExp])[] = [
    [
      'behind a proxy that is dead',
      'Err:1 http://mirror.example/debian bookworm InRelease\n  Could not connect to 127.0.0.1:9 (127.0.0.1).\nE: Failed to fetch http://mirror.example/debian/dists/bookworm/InRelease  Could not connect to 127.0.0.1:9 (127.0.0.1).\nE: Some index files failed to download. They have been ignored, or old ones used instead.',
      'http://mirror.example/debian bookworm InRelease: Could not connect to 127.0.0.1:9 (127.0.0.1).',
      /the proxy that is set in \/etc\/apt\/apt\.conf\.d\/99proxy/,
    ],
    [
      'whose key is missing',
      "Err:1 http://mirror.example/debian bookworm InRelease\n  The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131\nW: GPG error: http://mirror.example/debian bookworm InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131\nE: The repository 'http://mirror.example/debian bookworm InRelease' is not signed.",
      "http://mirror.example/debian bookworm InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY 6ED0E7B82643E131",
      /Signed-By/,
    ],
    [
      'whose signature cannot be checked',
      "Err:1 http://mirror.example/debian bookworm InRelease\n  Couldn't execute /usr/bin/apt-key to check /lists/x\nE: The repository 'http://mirror.example/debian bookworm InRelease' is not signed.",
      "http://mirror.example/debian bookworm InRelease: Couldn't execute /usr/bin/apt-key to check /lists/x",
      /gpgv/,
    ],
    [
      'that is not there',
      "Err:2 http://mirror.example/debian bookwrom Release\n  404  Not Found [IP: 192.0.2.1 80]\nE: The repository 'http://mirror.example/debian bookwrom Release' does not have a Release file.",
      'http://mirror.example/debian bookwrom Release: 404 Not Found [IP: 192.0.2.1 80]',
      /Correct the address or the suite/,
    ],
    [
      'on a CD',
      "Err:2 cdrom://[Debian GNU/Linux 12.0 _Bookworm_ - Official i386 NETINST] bookworm Release\n  Please use apt-cdrom to make this CD-ROM recognized by APT.\nE: The repository 'cdrom://[Debian GNU/Linux 12.0 _Bookworm_ - Official i386 NETINST] bookworm Release' does not have a Release file.",
      'cdrom://[Debian GNU/Linux 12.0 _Bookworm_ - Official i386 NETINST] bookworm Release: Please use apt-cdrom to make this CD-ROM recognized by APT.',
      /^sed -i '1s\/\^\/# \/' \/etc\/apt\/sources\.list$/,
    ],
    [
      'in a folder that is gone',
      "Err:2 file:/srv/gone bookworm Release\n  File not found - /srv/gone/dists/bookworm/Release (2: No such file or directory)\nE: The repository 'file:/srv/gone bookworm Release' does not have a Release file.",
      'file:/srv/gone bookworm Release: File not found - /srv/gone/dists/bookworm/Release (2: No such file or directory)',
      /^sed -i '2s\/\^\/# \/' \/etc\/apt\/sources\.list$/,
    ],
  ];
  test.each(troubles)('%s is told with apt’s reason, and what helps', (_, said, reason, cure) => {
    const trouble = readListTrouble({ exitCode: 100, stdout: said, stderr: '' }, i386ToAmd64);
    expect(trouble.failing).toHaveLength(1);
    const sources = readSources(
      'deb cdrom:[Debian GNU/Linux 12.0 _Bookworm_ - Official i386 NETINST]/ bookworm main\ndeb file:/srv/gone bookworm main\n',
      '/etc/apt/sources.list',
    );
    const { inventory } = soundInput.facts;
    const found = only(repositories, {
      ...withFacts({
        inventory: { ...inventory, sources },
        aptConfiguration: { '/etc/apt/apt.conf.d/99proxy': 'Acquire::http::Proxy "http://127.0.0.1:9";\n' },
      }),
      repositories: { ...noTrouble, trouble },
    });
    expect(found.detail.replaceAll('  ', ' ')).toMatch(new RegExp(`apt says: ${reason.replace(/[^\w ]/g, '\\$&')}$`));
    const cures = found.remedies.map((one) => ('hint' in one ? one.hint : 'command' in one ? one.command : ''));
    expect(cures).toHaveLength(2);
    expect(cures[0]).toMatch(cure);
    // It fails as long as the cause is there.
    expect(cures[1]).toBe('apt-get update');
  });

  test('without the target is told from one that fails', () => {
    const update = (stdout: string, exitCode = 0) => readListTrouble({ exitCode, stdout, stderr: '' }, i386ToAmd64);
    const skipped =
      "N: Skipping acquire of configured file 'main/binary-amd64/Packages' as repository 'http://shop.example/apt stable InRelease' doesn't support architecture 'amd64'";
    expect(update(skipped)).toMatchObject({
      failed: false,
      withoutTarget: [{ repository: 'http://shop.example/apt' }],
    });
    expect(update(`${skipped}\n${skipped.replaceAll('amd64', 'i386')}`).withoutTarget).toEqual([]);
    const gone = 'E: Failed to fetch http://shop.example/apt/dists/stable/main/binary-amd64/Packages  404  Not Found';
    const error = 'Err:4 http://shop.example/apt stable/main amd64 Packages';
    const end = 'E: Some index files failed to download.';
    const reason = '  404  Not Found';
    const release =
      'Get:1 http://shop.example/apt stable Release [270 B]\nIgn:2 http://shop.example/apt stable Release.gpg';
    expect(update([release, error, reason, gone, end].join('\n'), 100)).toMatchObject({ failed: false, failing: [] });
    // Not even a Release file: nobody knows what it has.
    const noRelease = [
      'Ign:1 http://shop.example/apt stable InRelease',
      'Ign:2 http://shop.example/apt stable Release',
    ];
    expect(update([...noRelease, error, reason, gone, end].join('\n'), 100)).toEqual({
      failed: true,
      failing: [
        {
          repository: 'http://shop.example/apt',
          text: 'http://shop.example/apt stable/main amd64 Packages: 404  Not Found',
          isReason: true,
        },
      ],
      withoutTarget: [],
    });
    expect(update('E: Failed to fetch http://mirror.example/x  Connection refused', 100)).toMatchObject({
      failed: true,
      failing: [{ repository: 'http://mirror.example/x' }],
      withoutTarget: [],
    });
    expect(update('', 100).failed).toBe(true);
    expect(update('')).toEqual({ failed: false, failing: [], withoutTarget: [] });
  });
});

describe('versions', () => {
  test('that differ by a rebuild are no matter', () => {
    expect(versions.findings(withChanges([crossgraded('nano', '7.2-1+b1', '7.2-1')]))).toEqual([]);
  });

  test('of a cross compiler have nothing to do with those of the compiler', () => {
    const name = 'cpp-14-x86-64-linux-gnu';
    expect(versions.findings(withChanges([crossgraded(name, '14.2.0-19cross1', '14.2.0-19')]))).toEqual([]);
  });

  test('that an upgrade waits for are told by that', () => {
    const input = withChanges([crossgraded('nano', '7.1-1', '7.2-1')]);
    const solved = input.solved && { ...input.solved, pendingUpgrades: ['nano'] };
    expect(versions.findings({ ...input, ...(solved && { solved }) })).toEqual([]);
  });

  test('are local only where the own lists are known, and lack them', () => {
    const input = withChanges([crossgraded('nano', '7.1-1', '7.2-1')]);
    const repositories = { ...noTrouble, ownVersions: { nano: ['7.1-1'] } };
    expect(only(versions, { ...input, repositories: repositories }).id).toBe('packages/newer-version');
    expect(only(versions, { ...input, repositories: { ...repositories, ownVersions: { nano: [] } } }).id).toBe(
      'packages/local-version',
    );
  });

  test('that are older are a decision for each package, and for all', () => {
    const ask = (input: CheckInput): Question => versions.questions?.(input)[0] ?? expect.fail();
    expect(isOpen(ask(olderNano), {})).toBe(true);
    expect(only(versions, olderNano).detail).toContain('A repository has a version that is not older: nano 7.4-1.');
    expect(only(versions, olderNano).remedies[0]).toEqual({ decision: 'downgrade' });
    for (const answers of [{ downgrade: 'downgrade' }, { 'downgrade/nano': 'downgrade' }]) {
      expect(isOpen(ask({ ...olderNano, answers }), answers)).toBe(false);
    }
    // The plan that was made with it goes down all the same: the answer cannot be followed.
    const kept = { 'downgrade/nano': 'keep' };
    expect(only(versions, { ...olderNano, answers: kept }).severity).toBe('blocker');
    const up = { ...withChanges([crossgraded('nano', '7.3-1', '7.4-1')]), answers: kept };
    expect(isOpen(ask(up), kept)).toBe(false);
  });

  test('that are older have the cure of their cause first, where it can be found', () => {
    const first = (input: CheckInput) => JSON.stringify(only(versions, input).remedies[0]);
    const lost = { ...noTrouble, ownVersions: { nano: ['7.2-1'] } };
    const from = (version: string) => ({
      ...withChanges([crossgraded('nano', version, '7.2-1')]),
      repositories: lost,
    });
    expect(first(from('7.4-1~bpo12+1'))).toMatch(/nano came from backports .*Add the suite bookworm-backports/);
    expect(first(from('7.4-1'))).toContain('If a source was removed that nano came from, put it back');
    const pinned = (pattern: string) => {
      const text = `Package: ${pattern}\nPin: release a=testing\nPin-Priority: 100\n`;
      return { ...olderNano, facts: { ...olderNano.facts, aptPreferences: { '/etc/apt/preferences.d/own': text } } };
    };
    for (const pattern of ['nano', 'mc nano', '*']) {
      expect(first(pinned(pattern))).toContain('look at /etc/apt/preferences.d/own');
    }
    expect(only(versions, pinned('mc')).remedies[0]).toEqual({ decision: 'downgrade' });
  });

  test('are no decision where the target has no older one, whatever the answers say', () => {
    const answers = { 'downgrade/nano': 'keep' };
    const input = { ...withChanges([crossgraded('nano', '7.3-1', '7.4-1')]), answers };
    const has = (...versions: readonly string[]) => ({
      ...noTrouble,
      availability: new Map([['nano', new Map([['amd64', versions]])] as const]),
    });
    expect(versions.questions?.({ ...input, repositories: has('7.4-1') })).toEqual([]);
    expect(versions.questions?.({ ...input, repositories: has('7.2-1', '7.4-1') })).toHaveLength(1);
  });

  test('that are kept by an answer are still asked of where the one taken is a mere rebuild', () => {
    const answers = { 'downgrade/nano': 'keep' };
    const repositories = { ...noTrouble, availability: new Map([['nano', new Map([['amd64', ['7.2-1', '7.3-1']]])]]) };
    const input = { ...withChanges([crossgraded('nano', '7.3-1+b1', '7.3-1')]), answers, repositories };
    expect(versions.questions?.(input)[0]?.affected).toEqual(['nano']);
    expect(versions.findings(input)).toEqual([]);
  });

  test('of which no repository has a newer one cannot be kept', () => {
    const [question] = versions.questions?.({ ...olderNano, repositories: noTrouble }) ?? [];
    expect(question?.choices.map(({ value }) => value)).toEqual(['stop', 'downgrade']);
  });
});

test('packages that go are counted whole, whoever names them', () => {
  const input = troubleOf('packages/vanishing');
  expect(only(vanishing, input).detail).toBe('Each with the reason.');
  const { solved } = input;
  const [change] = solved?.plan.changes ?? [];
  if (solved === undefined || change === undefined) throw new Error('nothing goes');
  const changes = [change, { ...change, name: 'zsnes' }];
  const both = { ...solved, plan: { ...solved.plan, changes }, target: { ...solved.target, missing: ['zsnes'] } };
  expect(only(vanishing, { ...input, solved: both }).detail).toMatch(/ 1 more would go by a decision/);
});

describe('a pin', () => {
  const preferences = `Explanation: not newer
Package: vim vim-*
Pin: version 9.0*
Pin-Priority: 1001

Package: *
Pin: release n=bookworm
Pin-Priority: 900


# a comment
Package: src:linux
Pin: origin shop.example
Pin-Priority: -1
`;

  test('is read with its place; one for everything is no matter', () => {
    expect(readPreferences(preferences, 'p')).toEqual([
      { file: 'p', line: 1, packages: ['vim', 'vim-*'], pin: 'version 9.0*', priority: '1001' },
      { file: 'p', line: 11, packages: ['src:linux'], pin: 'origin shop.example', priority: '-1' },
    ]);
  });

  test('names packages by name, glob, expression and source', () => {
    expect(['vim', 'v*', '/^v.m$/', 'vim:i386', 'v?m'].map((word) => pinMatches(word, 'vim'))).toEqual(
      Array(5).fill(true),
    );
    expect(['vi', 'vimx', '/x(/', 'v+m'].map((word) => pinMatches(word, 'vim'))).toEqual(Array(4).fill(false));
    const kernel = installed('linux-base:all', { Source: 'linux' });
    const input = withFacts({ inventory: inventoryOf([kernel]), aptPreferences: { p: preferences } });
    expect(only(pinned, input).affected).toEqual(['linux-base (origin shop.example, priority -1)']);
  });

  test('for the old architecture is shown as it should be', () => {
    expect(only(pinned, troubleOf('packages/pin-for-source')).remedies).toEqual([
      { hint: '/etc/apt/preferences.d/shop, the paragraph at line 1, becomes: Package: shop-tool' },
    ]);
  });
});

describe('a kernel module', () => {
  const availability = new Map([...noTrouble.availability, ['linux-headers-amd64', new Map([['amd64', ['6.1']]])]]);

  test('gets its headers by those of the old kernel, where there are some', () => {
    const input = withFacts({
      inventory: inventoryOf([installed('dpkg:i386=1.21.22'), installed('linux-image-686-pae:i386'), vboxDkms]),
    });
    const found = only(dkms, withKernel({ ...input, repositories: { ...noTrouble, availability } }));
    expect(found.remedies).toEqual([{ command: 'apt-get install linux-headers-686-pae' }]);
    expect(only(dkms, withKernel(input)).remedies).toEqual([
      { hint: 'Do without these modules, or enable a repository with the headers.' },
    ]);
  });

  test('is no matter where no kernel comes in', () => {
    expect(dkms.findings(withFacts({ dkmsModules: { zfs: [] } }))).toEqual([]);
  });
});

test('a root without a kernel of its own needs none for the target', () => {
  expect(targetKernel.findings(soundInput)).toEqual([]);
  expect(targetKernel.findings(withKernel(troubleOf('packages/no-target-kernel')))).toEqual([]);
});

test('a diversion is nothing to tell once the new path is diverted, and is left where a package of i386 stays', () => {
  const input = troubleOf('packages/diversion-old-path');
  const there = { path: '/usr/lib/x86_64-linux-gnu/libx.so', divertedTo: '/x', package: ':' };
  const { inventory } = input.facts;
  const done = { ...inventory, diversions: [...inventory.diversions, there] };
  expect(diversions.findings({ ...input, facts: { ...input.facts, inventory: done } })).toEqual([]);
  const kept = { ...input, ...withKernel(input) };
  const packages = [...(kept.solved?.target.packages ?? []), available('libx:i386')];
  const solved = kept.solved && { ...kept.solved, target: { ...kept.solved.target, packages } };
  const { remedies } = only(diversions, { ...kept, ...(solved && { solved }) });
  expect(remedies.at(-1)).toEqual({ hint: expect.stringMatching(/^Leave an old diversion as long as/) });
});

test('what is in a folder of the old architecture is done again in the new one', () => {
  const [when, ...after] = only(diversions, troubleOf('packages/diversion-old-path')).remedies;
  expect(when).toEqual({ hint: expect.stringMatching(/^When the crossgrade is done/) });
  const path = '/usr/lib/x86_64-linux-gnu/libx.so';
  expect(after).toEqual([
    { command: `cp --archive ${path} ${path}.own` },
    { command: `dpkg-divert --local --no-rename --divert ${path}.own --add ${path}` },
    { command: `mv --no-target-directory ${path}.new ${path}` },
    { hint: expect.stringMatching(/^Then dpkg can forget/) },
    { command: 'dpkg-divert --local --no-rename --remove /usr/lib/i386-linux-gnu/libx.so' },
  ]);
  expect(only(statOverrides, troubleOf('packages/stat-override-old-path')).remedies).toEqual([
    { command: 'dpkg-statoverride --add root root 755 /usr/lib/x86_64-linux-gnu/helper' },
    { hint: 'The old ones may go when the crossgrade is done: dpkg-statoverride --remove PATH' },
  ]);
});

test('a hold is told once for both instances', () => {
  const hold = { Status: 'hold ok installed', 'Multi-Arch': 'same' };
  const input = withFacts({ inventory: inventoryOf([installed('x:i386', hold), installed('x:amd64', hold)]) });
  expect(only(held, input).affected).toEqual(['x']);
});

test('each half-done state has its own cure', () => {
  const cures = (...states: string[]) =>
    only(
      packageState,
      withFacts({
        inventory: inventoryOf(
          states.map((state, index) => installed(`p${index}:i386`, { Status: `install ${state}` })),
        ),
      }),
    ).remedies.map((remedy) => ('command' in remedy ? remedy.command : ''));
  expect(cures('ok triggers-pending', 'ok triggers-awaited')).toEqual(['dpkg --triggers-only --pending']);
  expect(cures('ok half-configured')).toEqual(['dpkg --configure -a', 'apt-get -f install']);
  expect(cures('reinstreq half-installed')[0]).toBe('apt-get install --reinstall p0:i386');
});

test('apt names providers and replacers', () => {
  const shown = `Package: mail-reader
Versions: 

Reverse Depends: 
  gnus,mail-reader
Dependencies: 
Provides: 
Reverse Provides: 
mutt 2.2 (= )
alpine:i386 2.26 (= )
Package: other
Reverse Provides: 
`;
  expect(readReverseProvides(shown)).toEqual(new Map([['mail-reader', ['mutt', 'alpine']]]));
  const replacing = 'wine64\nReverse Depends:\n  libwine\n |other:i386\n<zsnes>\nother\nReverse Depends:\n  x\n';
  expect(readReverseDepends(replacing)).toEqual(
    new Map([
      ['wine64', ['libwine', 'other']],
      ['other', ['x']],
    ]),
  );
});

test('a list of names fits into a sentence', () => {
  expect([['a'], ['a', 'b'], ['a', 'b', 'c', 'd', 'e']].map((names) => listNames(names, 3))).toEqual([
    'a',
    'a and b',
    'a, b, c and 2 more',
  ]);
});
