import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rehearsalReportSchema } from '../../src/rehearsal/rehearsal-report.ts';
import { type Booted, boot, bootableServer } from '../support/booted/booted.ts';
import { putNode } from '../support/roots/own-lists.ts';
import { defaultExclusions, diffRootStates, readRootState } from '../support/roots/root-state.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { bundle } from '../support/runs/faults.ts';

/** A whole crossgrade beside services that run, in a container, which has no loop devices: the view is in memory. */
let root: FreshRoot;
let booted: Booted;
let program: readonly string[] = [];

beforeAll(async () => {
  root = await freshRoot(bootableServer);
  program = [...putNode(root.directory), '/opt/crossgrade.mjs'];
  copyFileSync(bundle(), join(root.directory, 'opt/crossgrade.mjs'));
  booted = await boot(root);
  await booted.isSystemRunning();
  await booted.mustExec(['apt-get', '-qq', 'update']);
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

/** What of it a running system writes by itself is left out. */
const excluded = [
  ...defaultExclusions,
  '/root',
  '/var/lib/systemd',
  '/var/lib/private',
  /^\/var\/lib\/crossgrade$/,
] as const;

test('the running system is as it was, to each byte, process and socket', async () => {
  const states = async () => ({
    processes: await booted.mustExec(['systemctl', 'show', '--property=Id,MainPID,ActiveState', '--type=service', '*']),
    sockets: await booted.mustExec(['ss', '-Hltnup']),
    mounts: await booted.mustExec(['cat', '/proc/1/mountinfo']),
  });
  const [before, filesBefore] = [await states(), readRootState(root.directory, excluded)];
  const ran = await booted.exec([...program, 'rehearse', '--yes', '--json', '/root/rehearsal.json'], {
    limitMs: 1_200_000,
  });
  expect(existsSync(join(root.directory, 'root/rehearsal.json')), ran.stderr.slice(-4000)).toBe(true);
  const written = readFileSync(join(root.directory, 'root/rehearsal.json'), 'utf8');
  const { result, comparison, changes, failure, notRehearsed } = rehearsalReportSchema.parse(JSON.parse(written));
  const open = comparison?.differences.filter(({ explanation }) => explanation === null);
  expect({ open, failure, unexplained: changes.unexplained }).toEqual({ open: [], unexplained: [] });
  expect([result, ran.exitCode]).toEqual(['as-planned', 0]);
  expect(await states()).toEqual(before);
  expect(diffRootStates(filesBefore, readRootState(root.directory, excluded))).toEqual([]);
  expect(notRehearsed.map(({ what }) => what)).toContain('services, the boot loader and the next boot');
  expect(existsSync(join(root.directory, 'var/lib/crossgrade/state.json'))).toBe(false);
});
