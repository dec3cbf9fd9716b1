import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { keeperPrograms, ownProgramPackages, ownPrograms, wavePackages } from '../../../src/plan/own-programs.ts';
import { programsRun } from '../../support/runs/programs-run.ts';
import { commandsOfShell } from '../../support/screens/shell-commands.ts';

const top = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
const runs = programsRun(top);
const known = new Set(ownPrograms.map(({ name }) => name));

/** Where words come from a list of commands, a login or a tool's name, which the scan follows, and from something else. */
const notAllTold = [
  // Every program of apt with a configuration of its own.
  'src/apt/system/solve.ts',
  // Shells of accounts.
  // Simulations of what a finding shows.
  'src/check/system/try-remedies.ts',
  // Shells of accounts.
  'src/files/system/file-check.ts',
  'src/hardware/system/make-snapshot.ts',
  // Everything that runs in a root comes along here.
  'src/machine/programs/programs.ts',
  // This very command once more.
  'src/machine/view/private-mounts.ts',
  // Commands of steps; some lists of words are put together when they are needed.
  'src/run/system/perform.ts',
];

test('every program that the sources run is in the list', () => {
  const ofHost = (where: string, name: string) => where.startsWith('src/machine/') && keeperPrograms.has(name);
  const missing = runs.filter(({ name, where }) => name !== undefined && !known.has(name) && !ofHost(where, name));
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
    expect(names('case $x in\n  one) a ;;\n  *) b ;;\nesac; c')).toEqual(['a', 'b', 'c']);
    expect(names('case $(a b) in\n  one | two | three) return ;;\n  (four) b ;;\nesac')).toEqual(['a', 'b']);
    expect(names('a | (cd -- "$x" && b "(c)") || (d; (e))')).toEqual(['a', 'b', 'd', 'e']);
    expect(names('tool=/opt/tool\n$tool a')).toEqual(['/opt/tool']);
  });

  test('takes no comment, text, builtin, function, sum or variable for one', () => {
    expect(names('# a\nf() {\n  b\n}\nf; "$loader" x; echo "a; c" \'d | e\'; n=$((n + 1)); cd /')).toEqual(['b']);
    expect(names('cat <<END\nnot this; nor that\nEND\na')).toEqual(['cat', 'a']);
  });
});

describe('the scan of sources', () => {
  /** @returns the names of programs in a source file */
  const namesIn = (source: string): string[] => {
    const folder = mkdtempSync(join(tmpdir(), 'crossgrade-scan-'));
    try {
      for (const name of ['src', 'steps', 'packaging']) mkdirSync(join(folder, name));
      writeFileSync(join(folder, 'tsconfig.json'), '{}');
      const machine = 'interface Machine { run(argv: string[]): void }\ndeclare const machine: Machine;\n';
      writeFileSync(join(folder, 'src/source.ts'), `${machine}${source}`);
      return programsRun(folder).map(({ name }) => name ?? '?');
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test('follows a program as another user, through as many shells and wrappers as there are', () => {
    const asUser = `
      function asUser(uid, argv) {
        if (uid === 0) return [...argv];
        return ['sh', '-c', '"$@"; exit $?', 'sh', ...['setpriv', \`--reuid=\${uid}\`, '--'], ...argv];
      }
      function asUserWith(uid, { file, lent }, argv) {
        const script = 'file=$1; shift 2; "$@"; sync "$file"';
        return ['sh', '-c', script, 'sh', file ?? '', lent ?? '', ...asUser(uid, argv)];
      }
      async function must(machine: Machine, what, argv) { return machine.run(argv); }
      function client(machine, uid, argv, lent = {}) { return must(machine, 'x', asUserWith(uid, lent, argv)); }
    `;
    const calls = `
      machine.run(asUser(uid, ['timeout', '10', 'one', '--lines=20', '--', log]));
      const words = ['/usr/sbin/two', ...more];
      must(machine, 'x', asUserWith(item, { file: 'plain' }, words));
      client(machine, uid, [\`\${bin}/three\`, '-x'], { lent });
    `;
    const names = new Set(namesIn(asUser + calls));
    expect([...names].sort()).toEqual(['one', 'setpriv', 'sh', 'sync', 'three', 'timeout', 'two']);
  });

  test('follows a function that is handed on, and a program that a class is made with or has by default', () => {
    const handed = `
      async function make(machine: Machine) {
        const succeed = async (argv, input) => { await machine.run(argv, input); };
        await copy(succeed);
      }
      async function copy(succeed) { await deeper(succeed); await succeed(['one', file]); }
      async function deeper(carry) { await carry(['two']); }
    `;
    const made = `
      import { spawn } from 'node:child_process';
      class Lock {
        #tool;
        constructor(folder, tool = '/usr/bin/three') { this.#tool = tool; }
        start() { spawn(this.#tool, ['-e', script]); }
      }
      new Lock(folder);
      new Lock(folder, 'four');
    `;
    expect(namesIn(handed + made).sort()).toEqual(['four', 'one', 'three', 'two']);
  });

  test('leaves no program out, however many ways there are to run one', () => {
    const names = Array.from({ length: 100 }, (_, index) => `p${index}`);
    const calls = names.map((name) => `run(['${name}', a]);`).join('\n');
    const found = namesIn(`function run(argv) { machine.run(['timeout', '5', ...argv]); }\n${calls}`);
    expect(names.filter((name) => !found.includes(name))).toEqual([]);
  });
});
