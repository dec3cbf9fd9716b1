import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dataPackages, dataState, fillData, manifestIn } from '../../support/roots/data-root.ts';
import { type FreshRoot, freshRoot } from '../../support/roots/roots.ts';
import { comparisonIn } from '../../support/runs/conversion.ts';
import { expectPredictedDisk } from '../../support/runs/disk-use.ts';
import { crossgrade, plentyBytes } from '../../support/runs/faults.ts';

/** The small part of test/data that every change has to pass; there a run is killed, and far more goes wrong. */
let root: FreshRoot;
let before: string;

beforeAll(async () => {
  root = await freshRoot({ suite: 'bookworm', packages: dataPackages }, { memoryBytes: plentyBytes });
  await fillData(root.directory, { rows: 500, entries: 50, rrdFiles: 20 });
  before = await dataState(root.directory);
});

afterAll(() => root?.dispose());

test('clusters, directories and RRD files are the same in 64 bit', async () => {
  const { directory } = root;
  await expectPredictedDisk(directory, [], async () => ({ ending: await crossgrade(directory, 'run', '--yes') }));
  expect(await dataState(root.directory)).toBe(before);
  const { items } = manifestIn(root.directory);
  expect(items.map(({ id, state }: { id: string; state: string }) => `${id} ${state}`)).toEqual([
    'postgresql-15-second imported',
    'postgresql-15-main imported',
    'slapd-1 imported',
    'slapd-2 imported',
    'rrd imported',
  ]);
  expect(comparisonIn(root.directory).differences.filter(({ explanation }) => explanation === null)).toEqual([]);
  expect(existsSync(join(root.directory, 'var/lib/postgresql/15/main.crossgrade-i386/PG_VERSION'))).toBe(true);
});
