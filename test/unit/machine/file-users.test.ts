import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fileUsers } from '../../../src/machine/files/file-users.ts';
import type { HostPath } from '../../../src/machine/files/resolve-in-root.ts';

let folder: string;
let file: HostPath;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossgrade-users-'));
  file = join(folder, 'data.mdb') as HostPath;
  writeFileSync(file, 'x'.repeat(4096));
});

afterAll(() => rmSync(folder, { recursive: true }));

/** @returns whether a program that has the file open, or works in its folder, is seen */
async function isSeen(flags: 'r' | 'r+' | undefined, paths: readonly string[], cwd = '/'): Promise<boolean> {
  const input = flags === undefined ? undefined : openSync(file, flags);
  const child = spawn('sleep', ['60'], { cwd, stdio: [input ?? 'ignore', 'ignore', 'ignore'] });
  if (input !== undefined) closeSync(input);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    await new Promise((resolve) => child.once('spawn', resolve));
    const users = fileUsers(paths as HostPath[]);
    const own = users.find(({ pid }) => pid === child.pid);
    expect(users).toEqual(own ? [own] : []);
    return own !== undefined;
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

test('a program that can write to a file is seen, whatever else it is called with', async () => {
  expect(await isSeen('r+', [file])).toBe(true);
  expect(await isSeen('r+', [join(folder, 'lock.mdb'), file])).toBe(true);
});

test('one that reads it, or has nothing to do with it, is not', async () => {
  expect(await isSeen('r', [file])).toBe(false);
  expect(await isSeen(undefined, [file])).toBe(false);
});

test('one that works in a folder is', async () => {
  expect(await isSeen(undefined, [folder], folder)).toBe(true);
  expect(await isSeen(undefined, [folder])).toBe(false);
});
