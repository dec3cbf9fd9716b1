import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loginNoticeFile } from '../../../src/base/own-paths.ts';
import {
  hasStopped,
  inProgress,
  notTakenBack,
  takingBack,
  tellLogins,
} from '../../../src/session/system/login-notice.ts';
import { MemoryMachine } from '../../support/recorded/memory-machine.ts';

const work = mkdtempSync(join(tmpdir(), 'crossgrade-notice-'));
const notice = join(work, 'notice');
/** With the host's sed, and a notice of its own. */
const script = readFileSync('packaging/has-stopped.sh', 'utf8')
  .replace('/usr/lib/crossgrade/busybox sed', 'sed')
  .replace(loginNoticeFile, notice);

afterAll(() => rmSync(work, { recursive: true }));

async function told(lines: readonly string[]): Promise<string> {
  const machine = new MemoryMachine(['live']);
  await tellLogins(machine, lines);
  return machine.readText(loginNoticeFile);
}

async function afterEngineHasEnded(lines: readonly string[]): Promise<string> {
  writeFileSync(notice, await told(lines));
  execFileSync('sh', ['-ec', script]);
  return readFileSync(notice, 'utf8');
}

test('what logins are told of an engine that was killed is that it has stopped, and how to go on', async () => {
  expect(await afterEngineHasEnded(inProgress)).toBe(await told(hasStopped));
  const more = 'The network is not as it was before the reboot: crossgrade status';
  expect(await afterEngineHasEnded([...inProgress, more])).toBe(await told([...hasStopped, more]));
  expect(await afterEngineHasEnded(takingBack)).toBe(await told(notTakenBack));
});

test('what an engine has said at its end stays', async () => {
  const waits = ['A crossgrade of this system to 64 bit waits for a reboot.', 'CG0250 The host has to be rebooted.'];
  for (const lines of [hasStopped, waits]) expect(await afterEngineHasEnded(lines)).toBe(await told(lines));
  rmSync(notice);
  expect(execFileSync('sh', ['-ec', script], { encoding: 'utf8' })).toBe('');
});
