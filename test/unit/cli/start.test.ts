import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Part {
  readonly lineOffset: number;
  readonly code: string;
}

let folder: string;
let bundle: string;

/** Writes down each part of the bundle that Node is given to compile. */
const hook = `
const vm = require('node:vm');
const { compileFunction } = vm;
vm.compileFunction = (code, names, options) => {
  require('node:fs').appendFileSync(process.env.PARTS, JSON.stringify({ lineOffset: options.lineOffset, code }) + '\\n');
  return compileFunction(code, names, options);
};
require('node:module').syncBuiltinESMExports();
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossgrade-start-'));
  bundle = join(folder, 'crossgrade.mjs');
  execFileSync(process.execPath, ['scripts/build.mjs', folder]);
  writeFileSync(join(folder, 'hook.cjs'), hook);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

function partsOf(...words: string[]): Part[] {
  const file = join(folder, 'parts');
  rmSync(file, { force: true });
  execFileSync(process.execPath, ['--require', join(folder, 'hook.cjs'), bundle, ...words], {
    env: { ...process.env, PARTS: file },
    stdio: 'ignore',
  });
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Part);
}

/** Source files whose code is evaluated. */
function filesOf(...words: string[]): string[] {
  return partsOf(...words).flatMap(({ code }) =>
    [...code.matchAll(/^\s*\/\/ (\S+\.\w+)$/gm)].map(([, file = '']) => file),
  );
}

/** Packages whose code is evaluated. */
function packagesOf(...words: string[]): string[] {
  const names = filesOf(...words).map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? '');
  return [...new Set(names)].filter((name) => name !== '');
}

describe('the program starts with what a command needs', () => {
  test.each([['--version'], ['--help'], ['status', '--help'], ['status']])('%s: no package, no step', (...words) => {
    const files = filesOf(...words);
    expect(files).toContain('src/main.ts');
    expect(files.filter((file) => !/^(src|guest)\//.test(file) && file !== 'package.json')).toEqual([]);
  });

  test('what draws, asks and starts programs is loaded by what does so', () => {
    const packages = packagesOf('explain', 'CG0001');
    expect(packages).toContain('zod');
    for (const name of ['inquirer', 'rxjs', 'execa']) expect(packages).not.toContain(name);
  });
});

test('what a stack says of a part is where it stands in the file', () => {
  const lines = readFileSync(bundle, 'utf8').split('\n');
  const parts = partsOf('explain', 'CG0001');
  expect(parts.length).toBeGreaterThan(5);
  for (const { lineOffset, code } of parts) {
    // An ES module is strict by itself; a part is none any more.
    expect(code.startsWith("'use strict';\n")).toBe(true);
    const written = code.split('\n').slice(1);
    const there = lines.slice(lineOffset + 1, lineOffset + 1 + written.length);
    // The last line has the end of the comment behind it.
    expect(there.slice(0, -1).join('\n').replaceAll('*@/', '*/')).toBe(written.slice(0, -1).join('\n'));
  }
});
