import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crossgrader, noted } from '../support/roots/crossgrader.ts';
import { type FrozenRoot, freshRoot, snapshot } from '../support/roots/roots.ts';
import { expectTakenOver, report } from '../support/runs/expect-taken-over.ts';
import { withRoot } from '../support/runs/faults.ts';

/** The first call replaces what it runs with itself, and wants to be called again. */
const stages = {
  first: ['crossgrader amd64', 'crossgrader amd64'],
  second: ['crossgrader amd64 --second-stage'],
  third: ['crossgrader amd64 --third-stage i386'],
} as const;

describe('Debian’s crossgrader was stopped', () => {
  const frozen: FrozenRoot[] = [];
  let starts: Record<keyof typeof stages, FrozenRoot>;
  beforeAll(async () => {
    const after = async (origin: FrozenRoot, commands: readonly string[]): Promise<FrozenRoot> => {
      const root = await freshRoot(origin);
      await crossgrader(root.directory, commands);
      frozen.push(await snapshot(root));
      return frozen.at(-1) as FrozenRoot;
    };
    const first = await snapshot(await freshRoot({ suite: 'bookworm', packages: ['crossgrader'] }));
    frozen.push(first);
    const second = await after(first, stages.first);
    starts = { first, second, third: await after(second, stages.second) };
  });
  afterAll(async () => {
    for (const one of frozen.reverse()) await one.dispose();
  });

  test.each([
    ['first', 'in its first call', (log: string) => noted(log, 'unpacked', 'amd64') >= 60, 'core'],
    ['first', 'when it had replaced dpkg', (log: string) => / status unpacked dpkg:amd64 /.test(log), 'core'],
    ['second', 'in the middle', (log: string) => noted(log, 'unpacked', 'amd64') >= 10, 'rest'],
    ['third', 'in the middle', (log: string) => noted(log, 'not-installed', 'i386') >= 10, 'purge'],
  ] as const)('in its %s stage, %s: it is taken over, killed, and finished', (stage, _, killAt, wave) =>
    withRoot(starts[stage], async ({ directory }) => {
      expect(await crossgrader(directory, stages[stage], killAt)).toBe(true);
      expect(report(directory)).toMatchObject({ verdict: 'ready' });
      await expectTakenOver(directory, wave);
    }),
  );
});
