import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Booted, boot, bootableServer, bootableServices } from '../support/booted/booted.ts';
import { askAll, everythingPackages, furnish, furnishServices } from '../support/booted/everything-host.ts';
import { buildDeb, leftUndone } from '../support/booted/live-host.ts';
import { manifestIn } from '../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../support/roots/roots.ts';
import { comparisonIn } from '../support/runs/conversion.ts';

/** `CROSSGRADE_ROWS=20000` for a quick look. */
const rows = Number(process.env.CROSSGRADE_ROWS ?? 1_250_000);

let root: FreshRoot;
let booted: Booted;

beforeAll(async () => {
  const deb = await buildDeb();
  root = await freshRoot({
    suite: 'bookworm',
    packages: [...bootableServer.packages, ...bootableServices.packages, ...everythingPackages],
  });
  await furnish(root, { rows, entries: 10_000, rrdFiles: 2_000 });
  booted = await boot(root);
  await booted.isSystemRunning();
  await furnishServices(booted);
  await booted.mustExec(['apt-get', 'update']);
  await booted.install(deb.deb);
  deb.dispose();
}, 3_600_000);

afterAll(async () => {
  await booted?.close();
  await root?.dispose();
});

test('a server with everything is crossgraded unattended, and answers as before', async () => {
  // cron’s first minute.
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  const failedBefore = await booted.failedUnits();
  const before = await askAll(booted);
  console.info(before);
  const size = await booted.mustExec(['du', '-sm', '/var/lib/postgresql', '/srv/pg', '/srv/fast']);
  console.info(size);

  const template = await booted.exec(['crossgrade', 'check', '--answers-template', '/root/template.json']);
  console.info(template.stdout, await booted.readFile('/root/template.json').catch(() => 'no decisions'));
  const answers = { 'local-software': 'keep', virtualenv: 'rebuild' };
  writeFileSync(join(root.directory, 'root/answers.json'), JSON.stringify(answers));
  const begun = Date.now();
  const run = await booted.exec(['crossgrade', 'run', '--yes', '--answers', '/root/answers.json'], {
    limitMs: 3_600_000,
  });
  console.info(run.stdout, run.stderr, `${Math.round((Date.now() - begun) / 1000)} s`);
  expect(run.exitCode).toBe(0);

  // cron’s next minute.
  await new Promise((resolve) => setTimeout(resolve, 61_000));
  expect(await askAll(booted)).toBe(before);
  expect(await booted.failedUnits()).toEqual(failedBefore);
  expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  // The copied program, which belongs to no package, goes on with its libraries of 32 bit.
  expect(await booted.mustExec(['sh', '-c', "dpkg-query -W -f '${Architecture} ${Package}\\n' | grep ^i386"])).toBe(
    'i386 gcc-12-base\ni386 libc6\ni386 libgcc-s1\n',
  );
  const undone = await leftUndone(booted);
  expect(undone.filter((one) => !/^(foreign: i386|i386 )/.test(one))).toEqual([]);
  const { items, holds } = manifestIn(root.directory);
  expect(items.filter(({ state }: { state: string }) => state !== 'imported')).toEqual([]);
  expect(holds).toEqual([]);
}, 7_200_000);
