import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { freshRoot } from '../support/roots/roots.ts';
import { expectConversion } from '../support/runs/expect-conversion.ts';

/** `CROSSGRADE_RANDOM_SEEDS="4 5"` draws other names. */
const seeds = (process.env.CROSSGRADE_RANDOM_SEEDS ?? '1 2 3').split(' ').filter(Boolean);

const warnings = [
  'Packages without a build for amd64',
  'PostgreSQL for amd64 cannot read the database clusters of this system',
  'slapd for amd64 cannot read the directory databases of this system',
];

/** Such a root is of about 7 GB, and all of it is copied. */
const memoryBytes = 14 * 2 ** 30;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'random-test-'));
  // About one name in two hundred has no build for amd64: cross compilers, old processors' support.
  writeFileSync(join(folder, 'answers.json'), '{"no-counterpart":"remove","residual-config":"purge"}');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Names drawn from all of Debian bring maintainer scripts and dependencies that nobody thought of. */
describe.each([...seeds.map((seed) => `bookworm-random-${seed}`), 'bookworm-services'])('%s', (name) => {
  test('becomes the same system in 64 bit', async () => {
    const root = await freshRoot(name, { memoryBytes });
    try {
      await expectConversion(root.directory, {
        answers: join(folder, 'answers.json'),
        warnings,
        anyScripts: true,
      });
    } finally {
      await root.dispose();
    }
  });
});
