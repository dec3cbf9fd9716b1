import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly place: string;
}

/**
 * Licences whose code may go into a program under the GPL, version 3: they ask for no more than their text and the names
 * of authors to be kept, which the package does. The FSF says so of most; of BlueOak-1.0.0 those say so who wrote it.
 */
const compatible = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  '(MIT OR CC0-1.0)',
];

let folder: string;
let dependencies: readonly Dependency[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossgrade-build-'));
  execFileSync(process.execPath, ['scripts/build.mjs', folder]);
  ({ dependencies } = JSON.parse(readFileSync(join(folder, 'crossgrade.dependencies.json'), 'utf8')) as {
    dependencies: Dependency[];
  });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

test('every package whose code is in the program is listed, and nothing else', () => {
  const bundle = readFileSync(join(folder, 'crossgrade.mjs'), 'utf8');
  // esbuild names each source file before its code.
  const comments = bundle.matchAll(/^\s*\/\/ ((?:.*\/)?node_modules\/(?:@[^/\s]+\/)?[^/\s]+)\//gm);
  const inBundle = [...new Set([...comments].map(([, place]) => place))].sort();
  expect(inBundle.length).toBeGreaterThan(10);
  expect(dependencies.map(({ place }) => place).sort()).toEqual(inBundle);
});

test('each is of the version that is locked, under a licence that goes with ours', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string; dev?: boolean }>;
  };
  for (const { name, version, licence, place } of dependencies) {
    expect(packages[place], name).toMatchObject({ version });
    expect(packages[place]?.dev ?? false, `${name} is for development`).toBe(false);
    expect(compatible, `${name}: ${licence}`).toContain(licence);
  }
});
