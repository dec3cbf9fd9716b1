import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archiveFolder, planFile } from '../../../src/base/own-paths.ts';
import { readPlan } from '../../../src/plan/plan.ts';
import { markSome } from '../../support/runs/conversion.ts';
import { crossgrade, prepare, startCrossgrade, tail, withRoot } from '../../support/runs/faults.ts';
import { differencesFrom, drawAttempts, perform, type Undisturbed, undisturbed } from '../../support/runs/kills.ts';

/** The small part of test/faults that every change has to pass; there a server is killed, and far more goes wrong. */
const seed = 4;

let expected: Undisturbed;

beforeAll(async () => {
  expected = await undisturbed(await prepare('bookworm-minimal', markSome));
});

afterAll(() => expected?.origin.dispose());

describe(`a run that is killed (seed ${seed})`, () => {
  test.each(drawAttempts(seed, 4).map((attempt, index) => ({ index, attempt })))(
    'ends as an undisturbed one: $index, $attempt.victim, $attempt.moments',
    async ({ index, attempt }) => {
      const outcome = await perform(attempt, expected);
      console.info(`${index}: ${outcome.story}`);
      expect(outcome.ending, tail(outcome.ending)).toMatchObject({ code: 0 });
      expect(outcome.differences).toEqual([]);
      expect(outcome.killed.length).toBeGreaterThan(0);
    },
  );
});

test('a run that is interrupted, and then finds a damaged archive, ends as an undisturbed one', () =>
  withRoot(expected.origin, async ({ directory }) => {
    const working = startCrossgrade(directory, ['resume']);
    await working.until((event) => event.type === 'batch-started');
    await sleep(200);
    process.kill(working.pid, 'SIGINT');
    const interrupted = await working.ended;
    expect(interrupted, tail(interrupted)).toMatchObject({ code: 130, signal: null });
    expect(interrupted.events.at(-1)).toMatchObject({ type: 'run-stopped', reason: 'interrupted' });
    // dpkg was let come to its end.
    expect(readFileSync(join(directory, 'var/lib/crossgrade/dpkg-exit'), 'utf8')).toBe('0\n');

    const plan = readPlan(readFileSync(join(directory, planFile), 'utf8'));
    const { fileName = '' } = plan.archives.find(({ key }) => key.startsWith('coreutils:')) ?? {};
    const file = join(directory, archiveFolder, fileName);
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    writeFileSync(file, bytes);
    const damaged = await crossgrade(directory, 'resume');
    expect(damaged, tail(damaged)).toMatchObject({ code: 1 });
    expect(damaged.text).toMatch(/^CG0220 {2}/m);
    expect(existsSync(file)).toBe(false);

    const end = await crossgrade(directory, 'resume');
    expect(end, tail(end)).toMatchObject({ code: 0 });
    expect(await differencesFrom(expected, directory)).toEqual([]);
  }));
