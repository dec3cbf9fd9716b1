import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isCopyable, needsShell, shellFor, shellText, shellWord } from '../../../src/base/shell-word.ts';
import type { Check, CheckInput } from '../../../src/check/check.ts';
import { joinParts } from '../../../src/compare/comparison.ts';
import { compareCapabilities, compareOwners } from '../../../src/files/file-owners.ts';
import { comparisonForRoot, forRoot } from '../../../src/run/name-root.ts';
import type { GroupKind } from '../../../src/software/group-programs.ts';
import { gdbm } from '../../../steps/check/data/gdbm.ts';
import { lmdb } from '../../../steps/check/data/lmdb.ts';
import { diversions } from '../../../steps/check/packages/diversions.ts';
import { statOverrides } from '../../../steps/check/packages/stat-overrides.ts';
import { architecturePaths } from '../../../steps/check/software/architecture-paths.ts';
import { localPrograms } from '../../../steps/check/software/local-programs.ts';
import { randomNumbers } from '../../support/dpkg/universe.ts';
import { i386ToAmd64 as pair } from '../../support/recorded/hosts.ts';

// Each test starts many shells, on machines that have other things to do as well.
vi.setConfig({ testTimeout: 60_000 });

let folder: string;
/** Where the commands are typed: nothing may come into being there. */
let desk: string;
let log: string;

const stub = '#!/bin/sh\nprintf \'%s\\0\' "${0##*/}" "$@" END >>"$LOG"\n';
const stubs: Readonly<Record<string, string>> = {
  chroot: `${stub}shift\nexec "$@"\n`,
  runuser: `${stub}while [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n`,
  npm: '#!/bin/sh\nprintf \'%s\\0\' npm "$PWD" END >>"$LOG"\n',
};
const plainStubs = [
  'cp',
  'mv',
  'mdb_dump',
  'gdbm_dump',
  'dpkg-divert',
  'dpkg-statoverride',
  'mount',
  'sed',
  'ls',
  'python3',
];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shell-word-'));
  desk = join(folder, 'desk');
  log = join(folder, 'log');
  mkdirSync(desk);
  mkdirSync(join(folder, 'bin'));
  for (const name of [...plainStubs, ...['chown', 'chmod', 'setcap', 'rbenv', 'gem']]) {
    writeFileSync(join(folder, 'bin', name), stub);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const [name, text] of Object.entries(stubs)) {
    writeFileSync(join(folder, 'bin', name), text);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const shell of ['sh', 'bash']) symlinkSync(`/bin/${shell}`, join(folder, 'bin', shell));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** @returns the programs that were started, with their words; nothing else may have happened */
function type(command: string): string[][] {
  writeFileSync(log, '');
  const { stderr, status } = spawnSync(`/bin/${shellFor(command)}`, ['-c', command], {
    cwd: desk,
    env: { PATH: join(folder, 'bin'), LOG: log },
    // With a socket bash thinks that it is asked from afar, and reads its start files.
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  expect(`${status} ${stderr}`, command).toBe('0 ');
  expect(readdirSync(desk), command).toEqual([]);
  return readFileSync(log, 'utf8')
    .split('\0END\0')
    .filter((call) => call !== '')
    .map((call) => call.split('\0'));
}

const pieces = ["'", '"', ' ', ';', '$', '`', '\\', '&', '|', '(', ')', '*', '?', '<', '>', '#', '~', '!', '{', '}'];
const names = [
  'x;touch pwned;:',
  "x';touch pwned;'",
  '$(touch pwned)',
  '`touch pwned`',
  "my root's",
  'my conf.conf',
  '-rf --',
  '"; touch pwned; "',
  "\\'; touch pwned; \\'",
  '& touch pwned &',
  'größe 木',
  'a\nb',
  "it's\ta\\b",
  '\u001b]0;pwned\u0007x\u001b[2J7',
  'a\u202eb\u2066c\u200bd\u00852\u{e0041}',
  "'\r\n; touch pwned; '",
  ...Array.from({ length: 6 }, (_, seed) => {
    const random = randomNumbers(seed);
    const all = [...pieces, 'touch pwned', 'a'];
    return Array.from({ length: 12 }, () => all[Math.floor(random() * all.length)]).join('');
  }),
];

const commandsOf = (check: Check, input: object, root: string): string[] =>
  forRoot(
    check
      .findings({ pair, facts: { inventory: { packages: [] } }, answers: {}, ...input } as unknown as CheckInput)
      .map((one) => ({ ...one, source: '' })),
    root,
  ).flatMap(({ remedies }) => remedies.flatMap((one) => ('command' in one ? [one.command] : [])));

const groups = (kind: GroupKind, path: string, owners: readonly string[]) => ({
  survey: { software: { groups: [{ kind, path, files: 1, selfContained: 0, owners }] } },
});

/** A command of ours does inside a root whose name is as bad what it does outside. */
function typeAll(check: Check, input: object, expected: readonly (readonly string[])[], name: string): void {
  expect(commandsOf(check, input, '/').flatMap(type)).toEqual(expected);
  const root = `/srv/${name}`;
  const inside = commandsOf(check, input, root).flatMap(type);
  expect(inside.filter(([program]) => program !== 'chroot')).toEqual(expected);
  const entries = inside.filter(([program]) => program === 'chroot');
  expect(entries.length).toBeGreaterThan(0);
  for (const [, directory] of entries) expect(directory).toBe(root);
}

describe.each(names)('with the name %j', (name) => {
  test('a word is one word, also within a line within a line', () => {
    const line = `printf %s ${shellWord(name)}`;
    const shell = shellFor(line);
    const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe'];
    const said = (typed: string) =>
      spawnSync(`/bin/${shell}`, ['-c', typed], { cwd: desk, encoding: 'utf8', stdio }).stdout;
    expect(said(line)).toBe(name);
    expect(said(`${shell} -c ${shellWord(line)}`)).toBe(name);
    expect(said(`${shell} -c ${shellWord(`${shell} -c ${shellWord(line)}`)}`)).toBe(name);
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(readdirSync(desk)).toEqual([]);
  });

  test('each remedy for a path names that path, and runs nothing else', () => {
    const path = `/opt/${name}/x`;
    const old = `/usr/lib/${pair.source.triplet}/${name}`;
    const renewed = `/usr/lib/${pair.target.triplet}/${name}`;
    const data = (kind: string) => ({ survey: { data: [{ kind, name: '', path, files: 1 }] } });
    const dump = `/var/backups/opt-${name.replaceAll('/', '-')}-x.dump`;
    typeAll(lmdb, data('lmdb'), [['mdb_dump', '-n', '-f', dump, path]], name);
    typeAll(gdbm, data('gdbm'), [['gdbm_dump', path, dump]], name);
    const triplets = `s,/${pair.source.triplet},/${pair.target.triplet},g`;
    const lines = [{ file: `/etc/${name}`, line: 1, path: old }];
    const configuration = { survey: { software: { architecturePaths: lines } } };
    typeAll(architecturePaths, configuration, [['sed', '-i', triplets, `/etc/${name}`]], name);
    const inventory = {
      packages: [],
      diversions: [{ path: old, divertedTo: `${old}.off`, package: ':' }],
      statOverrides: [{ path: old, user: 'root', group: name, mode: '4755' }],
    };
    const divert = ['dpkg-divert', '--local', '--no-rename'];
    typeAll(
      diversions,
      { facts: { inventory } },
      [
        ['cp', '--archive', renewed, `${renewed}.off`],
        [...divert, '--divert', `${renewed}.off`, '--add', renewed],
        ['mv', '--no-target-directory', `${renewed}.new`, renewed],
        [...divert, '--remove', old],
      ],
      name,
    );
    typeAll(
      statOverrides,
      { facts: { inventory } },
      [['dpkg-statoverride', '--add', 'root', name, '4755', renewed]],
      name,
    );
  });

  test('programs outside packages are cared for in their own folder, as their owner', () => {
    const place = join(folder, name.replaceAll('/', ''), 'node_modules');
    mkdirSync(place, { recursive: true });
    typeAll(localPrograms, groups('node', place, ['root']), [['npm', join(place, '..')]], name);
    const asJoe = commandsOf(localPrograms, groups('node', place, ['joe', 'root']), '/srv/root');
    const [entered, changed, ...rest] = asJoe.flatMap(type);
    expect(entered?.slice(0, 3)).toEqual(['chroot', '/srv/root', 'runuser']);
    expect(changed?.slice(0, 6)).toEqual(['runuser', '-u', 'joe', '--', shellFor(shellWord(place)), '-c']);
    expect(rest).toEqual([['npm', join(place, '..')]]);
    const list = ['-m', 'pip', 'list', '--format=freeze', '--path', place];
    const pip = { name: 'python3-pip', architecture: 'all', state: 'installed' };
    const withPip = { ...groups('pip', place, ['root']), facts: { inventory: { packages: [pip] } } };
    typeAll(localPrograms, withPip, [['python3', ...list]], name);
    typeAll(
      localPrograms,
      groups('rbenv', place, ['root']),
      [
        ['rbenv', 'versions'],
        ['rbenv', 'versions', '--bare'],
      ],
      name,
    );
    const python = join(place, 'versions', '3 ;touch pwned', 'bin');
    mkdirSync(python, { recursive: true });
    writeFileSync(join(python, 'python'), stub);
    chmodSync(join(python, 'python'), 0o755);
    typeAll(localPrograms, groups('pyenv', place, ['root']), [['python', '-m', 'pip', 'freeze']], name);
  });

  test('what takes back a difference names that file', () => {
    const path = `/var/${name}`;
    const context = {
      pair,
      ofNewPackages: new Set<string>(),
      broughtFolders: {},
      gonePackages: new Set<string>(),
      users: new Map(),
      groups: new Map(),
    };
    const comparison = joinParts([
      ['files', compareOwners(new Map([[path, 'f 4755 5 6']]), new Map([[path, 'f 755 0 0']]), context as never)],
      ['files', compareCapabilities([{ path, capability: 'cap_net_raw=ep' }], [], pair)],
    ]);
    const typed = (root: string) =>
      comparisonForRoot(comparison, root).differences.flatMap(({ command }) => type(command ?? ''));
    const expected = [
      ['chown', '-h', '5:6', path],
      ['chmod', '4755', path],
      ['setcap', 'cap_net_raw=ep', path],
    ];
    expect(typed('/')).toEqual(expected);
    const inside = typed(`/srv/${name}`);
    expect(inside.filter(([program]) => program !== 'chroot')).toEqual(expected);
    expect(inside.filter(([program]) => program === 'chroot').map((call) => call[1])).toEqual([
      `/srv/${name}`,
      `/srv/${name}`,
    ]);
  });
});

test('no command is shown that nobody could copy', () => {
  for (const name of ['a\ufffdb', 'a\u001b\ufffd']) {
    expect(isCopyable(`x ${shellWord(name)}`)).toBe(false);
    expect(isCopyable(`x '${name}'`)).toBe(false);
    const input = { survey: { data: [{ kind: 'gdbm', name: '', path: `/opt/${name}`, files: 1 }] } };
    expect(commandsOf(gdbm, input, '/')).toEqual([]);
    expect(commandsOf(gdbm, input, '/srv/root')).toEqual([]);
    const part = compareCapabilities([{ path: `/opt/${name}`, capability: 'cap_net_raw=ep' }], [], pair);
    expect(joinParts([['files', part]]).differences).toMatchObject([{ explanation: null }]);
    expect(joinParts([['files', part]]).differences[0]).not.toHaveProperty('command');
  }
  expect(isCopyable("x 'größe 木'")).toBe(true);
});

test('programs of several users are left to the administrator', () => {
  expect(commandsOf(localPrograms, groups('node', '/srv/x/node_modules', ['joe', 'mia']), '/')).toEqual([]);
  expect(commandsOf(localPrograms, groups('node', '/srv/x/node_modules', ['1234']), '/')).toEqual([]);
});

test('what is more than a program and its words needs a shell', () => {
  for (const line of ['a && b', 'a; b', 'cd /srv', 'A=1 b', 'export A=1', 'a > b', 'ls *', 'a "$b"', 'a ~/b']) {
    expect(needsShell(line), line).toBe(true);
  }
  for (const line of ['dpkg --configure -a', "dpkg --get-selections '*:amd64'", "a 'b'\\''c; d'"]) {
    expect(needsShell(line), line).toBe(false);
  }
});

test('words of another program are quoted one by one', () => {
  expect(shellText('route add default via 10.0.0.1 dev eth0;reboot')).toBe(
    "route add default via 10.0.0.1 dev 'eth0;reboot'",
  );
});
