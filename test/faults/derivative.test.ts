import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { becomeAcme, becomeMint } from '../support/roots/acme.ts';
import { comparisonIn, instancesIn } from '../support/runs/conversion.ts';
import { crossgrade, tail, withRoot } from '../support/runs/faults.ts';

let folder: string;
let answers: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossgrade-derivative-'));
  answers = join(folder, 'answers.json');
  writeFileSync(answers, '{ "derivative": "go-on" }\n');
});

afterAll(() => rmSync(folder, { recursive: true }));

async function convert(directory: string): Promise<void> {
  const open = await crossgrade(directory, 'run', '--yes');
  expect(open.code, tail(open)).toBe(3);
  const done = await crossgrade(directory, 'run', '--yes', '--answers', answers);
  expect(done.code, tail(done)).toBe(0);
  expect(Object.keys(instancesIn(directory)).filter((key) => key.endsWith(':i386'))).toEqual([]);
  expect(comparisonIn(directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
}

test('Debian under another name becomes the same in 64 bit, under that name', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    const text = await becomeMint(directory);
    await convert(directory);
    expect(lstatSync(join(directory, 'etc/os-release')).isFile()).toBe(true);
    expect(readFileSync(join(directory, 'etc/os-release'), 'utf8')).toBe(text);
  }));

test('a distribution with base-files of its own has them in 64 bit', () =>
  withRoot('bookworm-minimal', async ({ directory }) => {
    await becomeAcme(directory, ['i386', 'amd64']);
    await convert(directory);
    expect(instancesIn(directory)['base-files:amd64']).toMatch(/\+acme1$/);
    expect(readFileSync(join(directory, 'etc/os-release'), 'utf8')).toContain('ID=acme\n');
  }));
