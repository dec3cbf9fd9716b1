import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockHolder } from '../../../src/machine/files/file-locks.ts';
import type { HostPath } from '../../../src/machine/files/resolve-in-root.ts';
import { FrontendLock } from '../../../src/machine/programs/frontend-lock.ts';
import { holdLock } from '../../support/runs/hold-lock.ts';

let directory: string;
let file: HostPath;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'crossgrade-lock-'));
  mkdirSync(join(directory, 'var/lib/dpkg'), { recursive: true });
  file = join(directory, 'var/lib/dpkg/lock-frontend') as HostPath;
});
afterEach(() => rmSync(directory, { recursive: true }));

test('is held under our name, on a file that only root can open, and given on', async () => {
  const lock = new FrontendLock(directory);
  expect(lock.environment).toEqual({});
  expect(await lock.take()).toEqual({ outcome: 'held' });
  expect(await lock.take()).toEqual({ outcome: 'held' });
  expect(lockHolder(file)).toMatch(/^crossgrade \(process \d+\)$/);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(lock.environment).toEqual({ DPKG_FRONTEND_LOCKED: '1' });
  await lock.release();
  expect(lockHolder(file)).toBeUndefined();
  expect(lock.environment).toEqual({});
});

test('of somebody else is named', async () => {
  const letGo = await holdLock(file);
  expect(await new FrontendLock(directory).take()).toEqual({
    outcome: 'busy',
    holder: expect.stringMatching(/^perl \(process \d+\)$/),
  });
  await letGo();
});

test('lasts as long as a program that has its descriptor, and no longer', async () => {
  const lock = new FrontendLock(directory);
  await lock.take();
  const program = spawn('sleep', ['3'], { stdio: ['ignore', 'ignore', 'ignore', lock.keepOpen] });
  await lock.release();
  expect(lockHolder(file)).toMatch(/^crossgrade /);
  // The next crossgrade waits for its end.
  const next = new FrontendLock(directory);
  const [taken] = await Promise.all([next.take(), once(program, 'exit')]);
  expect(taken).toEqual({ outcome: 'held' });
  await next.release();
});

test('is not given on by one whose holder was killed', async () => {
  const lock = new FrontendLock(directory);
  await lock.take();
  process.kill(Number(/process (\d+)/.exec(lockHolder(file) ?? '')?.[1]), 'SIGKILL');
  await expect.poll(() => lock.environment).toEqual({});
  expect(lock.keepOpen).toBe('ignore');
});

test('cannot be taken where no perl runs, and says why', async () => {
  expect(await new FrontendLock(directory, '/nonexistent/perl').take()).toEqual({
    outcome: 'unavailable',
    why: expect.stringContaining('ENOENT'),
  });
  expect(await new FrontendLock(directory, '/bin/false').take()).toMatchObject({ outcome: 'unavailable' });
});
