import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { keeperPrograms, ownProgramPackages, ownPrograms, wavePackages } from '../../src/core/own-programs.ts';
import { programsRun } from '../support/programs-run.ts';
import { commandsOfShell } from '../support/shell-commands.ts';

const top = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const runs = programsRun(top);
const known = new Set(ownPrograms.map(({ name }) => name));

/** Where words come from a list of commands, a login or a tool's name, which the scan follows, and from something else. */
const notAllTold = [
  // Shells of accounts.
  'src/engine/file-check.ts',
  // Commands of steps; some lists of words are put together when they are needed.
  'src/engine/perform.ts',
  'src/engine/snapshots.ts',
  // Every program of apt with a configuration of its own.
  'src/engine/solve.ts',
  // Tools of packet filters that have just been asked.
  'src/engine/survey/network.ts',
  // Everything that runs in a root comes along here.
  'src/machine/programs.ts',
];

test('every program that the sources run is in the list', () => {
  const missing = runs.filter(({ name }) => name !== undefined && !known.has(name) && !keeperPrograms.has(name));
  expect(missing).toEqual([]);
});

test('what the scan cannot follow is in places that are known', () => {
  const places = runs.filter(({ name }) => name === undefined).map(({ where }) => where.replace(/:\d+$/, ''));
  expect([...new Set(places)].sort()).toEqual(notAllTold);
});

test('every program of the list is run somewhere', () => {
  const names = new Set(runs.map(({ name }) => name));
  expect([...known, ...keeperPrograms].filter((name) => !names.has(name))).toEqual([]);
});

test('no program is listed twice', () => {
  expect(known.size).toBe(ownPrograms.length);
});

test('the keeper runs nothing that is not in its list', () => {
  const ofKeeper = runs.filter(({ where, name }) => name !== undefined && /\/(keeper|keeper-script)\.ts/.test(where));
  expect(ofKeeper.length).toBeGreaterThan(5);
  expect(ofKeeper.filter(({ name }) => !keeperPrograms.has(name ?? ''))).toEqual([]);
});

test('what no host does without while packages are replaced is of these packages', () => {
  for (const name of ['coreutils', 'dpkg', 'tar', 'util-linux', 'systemd']) {
    expect(ownProgramPackages, name).toContain(name);
    expect(wavePackages, name).toContain(name);
  }
  expect(ownProgramPackages).toContain('apt');
  // A host without a database, or with GRUB half-way through, goes on.
  for (const name of ['crossgrade', 'grub2-common', 'postgresql-15', 'rrdtool']) {
    expect(ownProgramPackages, name).not.toContain(name);
  }
});

describe('the scan of shell scripts', () => {
  const names = (script: string) => commandsOfShell(script).map(([name]) => name);

  test('finds commands at every place where a shell runs one', () => {
    expect(names('a; b && c || d | e & f')).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(names('if a; then b; else c; fi; while d; do e; done; ! g; { h; }')).toEqual([...'abcdegh']);
    expect(names('X=1 a "$(b c)" $(d) > file; exec e')).toEqual(['b', 'd', 'a', 'e']);
    expect(names('case $x in\n  one) a ;;\n  *) b ;;\nesac')).toEqual(['a', 'b']);
  });

  test('takes no comment, text, builtin, function, sum or variable for one', () => {
    expect(names('# a\nf() {\n  b\n}\nf; "$loader" x; echo "a; c" \'d | e\'; n=$((n + 1)); cd /')).toEqual(['b']);
    expect(names('cat <<END\nnot this; nor that\nEND\na')).toEqual(['cat', 'a']);
  });
});
