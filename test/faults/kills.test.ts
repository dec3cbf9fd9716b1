import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { markSome } from '../support/runs/conversion.ts';
import { crossgrade, kill, prepare, startCrossgrade, tail, whatItDid, withRoot } from '../support/runs/faults.ts';
import { differencesFrom, drawAttempts, perform, type Undisturbed, undisturbed } from '../support/runs/kills.ts';

const seed = Number(process.env.CROSSGRADE_SEED ?? 20261122);
/** Those in which no dpkg is at work, and in which something is written or built. */
const quietSteps = [
  'finish/restore-shared-configuration',
  'finish/build-initramfs',
  'finish/restore-marks',
  'finish/restore-holds',
  'finish/remove-leftovers',
];

describe(`a server that is killed at 25 moments (seed ${seed})`, () => {
  let expected: Undisturbed;

  beforeAll(async () => {
    expected = await undisturbed(await prepare('bookworm-server', markSome));
  });

  afterAll(() => expected?.origin.dispose());

  test.each(drawAttempts(seed, 25, quietSteps).map((attempt, index) => ({ index, attempt })))(
    'ends as an undisturbed one: $index, $attempt.victim, $attempt.moments',
    async ({ index, attempt }) => {
      const outcome = await perform(attempt, expected);
      console.info(`${index}: ${outcome.story}`);
      expect(outcome.differences).toEqual([]);
      expect(outcome.ending, tail(outcome.ending)).toMatchObject({ code: 0 });
      expect(outcome.killed.length).toBeGreaterThan(0);
    },
  );
});

describe.each(['process', 'everything'] as const)('a preparation whose %s is killed', (victim) => {
  let expected: Undisturbed;

  beforeAll(async () => {
    expected = await undisturbed(await prepare('bookworm-minimal', markSome));
  });

  afterAll(() => expected?.origin.dispose());

  test('at each of its steps in turn ends as an undisturbed one', () =>
    withRoot('bookworm-minimal', async ({ directory }) => {
      await markSome(directory);
      const slow = join(directory, 'etc/apt/apt.conf.d/zz-slow');
      writeFileSync(slow, 'Acquire::http::Dl-Limit "3000";\nAcquire::https::Dl-Limit "3000";\n');
      for (const [index, [step, laterMs]] of [
        ['prepare/record-before', 20],
        ['prepare/add-foreign-architecture', 10],
        ['prepare/update-package-lists', 50],
        ['prepare/download-archives', 1500],
        ['prepare/download-archives', 1500],
        ['prepare/compare-shared-files', 300],
      ].entries() as IterableIterator<[number, [string, number]]>) {
        const words = index === 0 ? ['run', '--yes'] : ['resume'];
        const working = startCrossgrade(directory, [...words, '--until', 'prepare']);
        await working.until((event) => event.type === 'step-started' && event.step === step).catch(() => undefined);
        await sleep(laterMs);
        await kill(working, directory, victim);
        console.info(`${victim}: ${whatItDid(working, directory)}`);
      }
      rmSync(slow);
      const end = await crossgrade(directory, 'resume');
      expect(end, tail(end)).toMatchObject({ code: 0 });
      expect(await differencesFrom(expected, directory)).toEqual([]);
    }));
});
