import { chmodSync, chownSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RootPath } from '../../../src/base/root.ts';
import type { Unseen } from '../../../src/base/unseen.ts';
import { openRoot } from '../../../src/machine/open-root.ts';
import { realMachine } from '../../../src/machine/real-machine.ts';
import type { Loaded } from '../../../src/software/local-software.ts';
import { traceLibraries } from '../../../src/software/system/trace-libraries.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { auditedProgram, auditor, auditorPlace } from '../../support/troubles/auditing-program.ts';

const mallory = 1234;
let root: FreshRoot;

beforeEach(async () => {
  root = await freshRoot('bookworm-minimal');
  mkdirSync(at('/home/mallory'));
  chownSync(at('/home/mallory'), mallory, mallory);
  put(auditorPlace, auditor, mallory);
});

afterEach(() => root.dispose());

const at = (path: string) => join(root.directory, path);

function put(path: string, content: Buffer, uid: number, mode = 0o755): void {
  writeFileSync(at(path), content);
  chownSync(at(path), uid, uid);
  chmodSync(at(path), mode);
}

async function trace(...files: RootPath[]): Promise<{ traces: ReadonlyMap<string, Loaded>; unseen: Unseen[] }> {
  const opened = await openRoot(root.directory, { access: 'write' });
  const unseen: Unseen[] = [];
  try {
    return { traces: await traceLibraries(realMachine(opened), '/lib/ld-linux.so.2', files, unseen), unseen };
  } finally {
    await opened.close();
  }
}

test('the loader is asked of a user’s program as that user, who can have it run what he likes', async () => {
  put('/home/mallory/game', auditedProgram, mallory, 0o700);
  const { traces, unseen } = await trace('/home/mallory/game');
  expect(existsSync(at('/tmp/loaded-as-root'))).toBe(false);
  expect(statSync(at('/tmp/loaded-as-')).uid).toBe(mallory);
  expect(traces.get('/home/mallory/game')?.missing).toEqual([]);
  expect(unseen).toEqual([]);
});

test('what is root’s, but others may exchange it, is asked of as nobody; what is root’s alone as root', async () => {
  put('/home/mallory/game', auditedProgram, 0);
  put('/usr/local/bin/shared', auditedProgram, 0, 0o775);
  // A hard link to somebody’s program: its name is free for what is put there next.
  put('/home/mallory/of-another', auditedProgram, 33);
  await trace('/home/mallory/game', '/usr/local/bin/shared', '/home/mallory/of-another');
  expect(existsSync(at('/tmp/loaded-as-root'))).toBe(false);
  expect(statSync(at('/tmp/loaded-as-')).uid).toBe(65534);
  rmSync(at('/tmp/loaded-as-'));
  put('/usr/local/bin/own', auditedProgram, 0, 0o700);
  const { traces } = await trace('/usr/local/bin/own');
  expect(existsSync(at('/tmp/loaded-as-root'))).toBe(true);
  expect([...traces.keys()]).toEqual(['/usr/local/bin/own']);
});

test('one that never ends holds nothing up, and a name says nothing of another file', async () => {
  put('/home/mallory/hang', Buffer.alloc(0), mallory);
  put('/home/mallory/game', auditedProgram, mallory);
  const crooked: RootPath = '/home/mallory/x\n== 0\n\tlibc.so.6 => not found';
  put(crooked, Buffer.from('no program'), mallory, 0o644);
  const started = Date.now();
  const { traces, unseen } = await trace('/usr/bin/bash', '/home/mallory/game', crooked);
  expect(Date.now() - started).toBeLessThan(30_000);
  expect(traces.get('/usr/bin/bash')?.missing).toEqual([]);
  expect(traces.get('/home/mallory/game')).toBeUndefined();
  expect(unseen.map(({ what }) => what)).toEqual(['/home/mallory/game']);
});
