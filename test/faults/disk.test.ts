import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readState } from '../../src/state/state.ts';
import { markSome } from '../support/runs/conversion.ts';
import {
  crossgrade,
  crossgradeAsText,
  type Ending,
  prepare,
  startCrossgrade,
  tail,
  withRoot,
} from '../support/runs/faults.ts';
import { changesIn, differencesFrom, type Undisturbed, undisturbed } from '../support/runs/kills.ts';

let expected: Undisturbed;

beforeAll(async () => {
  expected = await undisturbed(await prepare('bookworm-server', markSome));
});

afterAll(() => expected?.origin.dispose());

const diskBytes = 3 * 2 ** 30;

describe('a disk that is full', () => {
  test('in the middle of a wave: says so, loses nothing, and is gone on with', () =>
    withRoot(
      expected.origin,
      async ({ directory }) => {
        const start = changesIn(directory);
        for (const [wave, packages] of [
          ['libraries', 25],
          ['core', 10],
          ['rest', 30],
        ] as const) {
          const working = startCrossgrade(directory, ['resume']);
          await working.until((event) => event.type === 'batch-started' && event.wave === wave);
          const before = changesIn(directory);
          while (changesIn(directory) < before + packages * 4 && !working.ending()) await sleep(5);
          const ending = await whileFull(directory, () => working.ended);
          expect(ending, tail(ending)).toMatchObject({ code: 1, signal: null });
          expect(ending.text).toMatch(/^CG0222 {2}The disk is full/m);
          expect(ending.text).toMatch(/crossgrade\s+resume/);
          expectReadableState(directory);
        }
        const end = await crossgrade(directory, 'resume');
        expect(end, tail(end)).toMatchObject({ code: 0 });
        expect(changesIn(directory)).toBeGreaterThan(start);
        expect(await differencesFrom(expected, directory)).toEqual([]);
      },
      diskBytes,
    ));

  test('from the beginning: nothing is done, and nothing is lost', () =>
    withRoot(
      expected.origin,
      async ({ directory }) => {
        const state = readFileSync(join(directory, 'var/lib/crossgrade/state.json'), 'utf8');
        const changes = changesIn(directory);
        const ending = await whileFull(directory, () => crossgradeAsText(directory, 'resume'));
        expect(ending, tail(ending)).toMatchObject({ code: 1 });
        expect(ending.text).toMatch(/^CG\d{4} {2}The disk is full/m);
        expect(ending.text).not.toContain('bug');
        expect(changesIn(directory)).toBe(changes);
        expect(readFileSync(join(directory, 'var/lib/crossgrade/state.json'), 'utf8')).toBe(state);
        expect(await crossgrade(directory, 'resume', '--until', 'libraries')).toMatchObject({ code: 0 });
      },
      diskBytes,
    ));

  test.each([
    // It takes a moment to fill a disk; what comes next may be the first to notice.
    ['prepare/record-before', /^CG\d{4} {2}(\/etc cannot be copied|The disk is full)/m],
    ['prepare/download-archives', /^CG0212 {2}The disk is full/m],
  ])('during %s: says so, and is gone on with', (step, message) =>
    withRoot(
      'bookworm-minimal',
      async ({ directory }) => {
        // Too slow to be over before the disk is full.
        const slow = join(directory, 'etc/apt/apt.conf.d/zz-slow');
        writeFileSync(slow, 'Acquire::http::Dl-Limit "5000";\nAcquire::https::Dl-Limit "5000";\n');
        const working = startCrossgrade(directory, ['run', '--yes', '--until', 'prepare']);
        await working.until((event) => event.type === 'step-started' && event.step === step);
        const ending = await whileFull(directory, () => working.ended);
        expect(ending, tail(ending)).toMatchObject({ code: 1, signal: null });
        expect(ending.text).toMatch(message);
        const end = await crossgrade(directory, 'resume', '--until', 'prepare');
        expect(end, tail(end)).toMatchObject({ code: 0 });
      },
      diskBytes,
    ),
  );
});

function expectReadableState(directory: string): void {
  expect(() => readState(readFileSync(join(directory, 'var/lib/crossgrade/state.json'), 'utf8'))).not.toThrow();
}

/** Fills the disk, and again what is set free in the meantime. */
async function whileFull(directory: string, work: () => Promise<Ending>): Promise<Ending> {
  const filler = join(directory, 'var/filler');
  const block = Buffer.alloc(1 << 20, 1);
  const file = openSync(filler, 'w');
  const fill = () => {
    for (let size = block.length; size >= 512; ) {
      try {
        if (writeSync(file, block, 0, size) < size) size >>= 1;
      } catch {
        size >>= 1;
      }
    }
  };
  try {
    fill();
    const ended = work();
    let over = false;
    const watch = ended.then(() => {
      over = true;
    });
    while (!over) {
      fill();
      await sleep(10);
    }
    await watch;
    return await ended;
  } finally {
    closeSync(file);
    rmSync(filler);
    expect(existsSync(filler)).toBe(false);
  }
}
