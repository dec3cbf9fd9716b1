import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Booted, boot } from '../support/booted/booted.ts';
import { buildDeb, leftUndone, smallHost } from '../support/booted/live-host.ts';
import { type BtrfsRoot, btrfsRoot } from '../support/roots/btrfs-root.ts';
import { comparisonIn } from '../support/runs/conversion.ts';

/** A host whose root filesystem can keep itself as it is. */

let root: BtrfsRoot;
let booted: Booted;

beforeAll(async () => {
  const deb = await buildDeb();
  root = await btrfsRoot({ ...smallHost, packages: [...smallHost.packages, 'btrfs-progs'] });
  booted = await boot(root);
  await booted.isSystemRunning();
  await booted.mustExec(['apt-get', 'update']);
  await booted.install(deb.deb);
  deb.dispose();
});

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

const up = '\u001b[A';

test('a snapshot is offered, made, and leads back to the system as it was', async () => {
  const failedBefore = await booted.failedUnits();
  const packages = await booted.mustExec(['dpkg-query', '-W']);
  const terminal = await booted.sshTerminal(['crossgrade'], { environment: { LANG: 'C.UTF-8' } });
  const asked = await terminal.waitFor(/What now\?/, 120_000);
  console.info(asked);
  expect(asked).toContain('btrfs subvolume snapshot -r / /.crossgrade-before');
  // From the plan, which is preselected, to the snapshot; after that to the beginning.
  await terminal.type(`${up}\r`);
  await terminal.waitFor(/The snapshot is made[\s\S]*❯ Show the whole plan/, 60_000);
  expect(await booted.mustExec(['btrfs', 'property', 'get', '/.crossgrade-before', 'ro'])).toBe('ro=true\n');
  await terminal.type(`${up}\r`);
  expect(await terminal.waitForEnd(900_000)).toBe(0);
  console.info(await terminal.screen());
  expect(await booted.mustExec(['dpkg', '--print-architecture'])).toBe('amd64\n');
  expect(await leftUndone(booted)).toEqual([]);
  expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);

  await booted.powerOff();
  await root.putBack('.crossgrade-before');
  await booted.start();
  await booted.isSystemRunning();
  expect(await booted.mustExec(['dpkg', '--print-architecture'])).toBe('i386\n');
  expect(await booted.mustExec(['dpkg-query', '-W'])).toBe(packages);
  expect(await booted.failedUnits()).toEqual(failedBefore);
});
