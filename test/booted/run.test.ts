import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Booted, boot, bootableServer } from '../support/booted.ts';
import { type FreshRoot, freshRoot } from '../support/roots.ts';

const execute = promisify(execFile);

let work: string;
let deb: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'crossgrade-deb-'));
  const { stdout } = await execute('bash', ['scripts/deb.sh', work]);
  deb = stdout.trimEnd();
});

afterAll(() => rmSync(work, { recursive: true }));

describe('a server with systemd', () => {
  let root: FreshRoot;
  let booted: Booted;

  beforeEach(async () => {
    root = await freshRoot(bootableServer);
    booted = await boot(root);
    await booted.isSystemRunning();
    await booted.mustExec(['apt-get', 'update']);
    await booted.install(deb);
  });

  afterEach(async () => {
    await booted?.close();
    await root?.dispose();
  });

  test('is crossgraded before the eyes of somebody who is logged in by ssh', async () => {
    const terminal = await booted.sshTerminal(['crossgrade']);
    console.info(await terminal.waitFor(/What now|CG\d{4}/, 120_000));
    await terminal.type('\u001b[A\r');
    console.info(await terminal.waitFor(/on its own now/, 60_000));
    const seen = await terminal.waitFor(/Replace the essential/, 240_000);
    console.info(seen);
    expect(await terminal.waitForEnd(600_000)).toBe(0);
    console.info(await terminal.screen());
    expect(await booted.mustExec(['dpkg', '--print-architecture'])).toBe('amd64\n');
    expect(await booted.failedUnits()).toEqual([]);
    await booted.newSshLogin();
  });
});
