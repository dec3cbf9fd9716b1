import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareUserFile } from '../../../src/machine/files/user-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'user-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a new file appears only when it is written, and nothing beside it', () => {
  const path = join(folder, 'report.json');
  const file = prepareUserFile(path);
  expect(readdirSync(folder)).toEqual([]);
  file.write('{}\n');
  expect(readdirSync(folder)).toEqual(['report.json']);
  expect(readFileSync(path, 'utf8')).toBe('{}\n');
});

test('a file that is there is replaced as a whole, and keeps its mode', () => {
  const path = join(folder, 'report.json');
  writeFileSync(path, 'old');
  chmodSync(path, 0o600);
  prepareUserFile(path).write('new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a file that people fill in is never written over, even when it appears meanwhile', () => {
  const path = join(folder, 'answers.json');
  const file = prepareUserFile(path, { onlyNew: true });
  writeFileSync(path, 'mine');
  const refusal = expect.objectContaining({ code: 'CG0460', exitCode: 2 });
  expect(() => prepareUserFile(path, { onlyNew: true })).toThrow(refusal);
  expect(() => file.write('{}')).toThrow(refusal);
  expect(readFileSync(path, 'utf8')).toBe('mine');
  expect(readdirSync(folder)).toEqual(['answers.json']);
});

test.each([
  ['a folder', 'a folder', () => mkdirSync(join(folder, 'x'))],
  ['a symlink', 'no plain file', () => symlinkSync('/etc/passwd', join(folder, 'x'))],
])('%s is not written over', (_what, reason, make) => {
  make();
  expect(() => prepareUserFile(join(folder, 'x'))).toThrow(
    expect.objectContaining({ code: 'CG0008', exitCode: 2, message: expect.stringContaining(reason) }),
  );
});

test('a folder that is missing, or is none, is said before the work', () => {
  expect(() => prepareUserFile(join(folder, 'none/x'))).toThrow(/there is no folder/);
  expect(() => prepareUserFile('/proc/version/x')).toThrow(/there is no folder/);
});

test('what fails in the end leaves nothing behind', () => {
  const inner = join(folder, 'inner');
  mkdirSync(inner);
  const file = prepareUserFile(join(inner, 'x'));
  mkdirSync(join(inner, 'x'));
  expect(() => file.write('text')).toThrow(expect.objectContaining({ code: 'CG0008' }));
  expect(readdirSync(inner)).toEqual(['x']);
});
