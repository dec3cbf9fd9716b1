import { defineConfig } from 'vitest/config';
import { guestScriptsInTests } from './scripts/guest-text.mjs';

/**
 * Real roots take memory, disk and dpkg's time: one file at a time, in one process.
 * (`fileParallelism` can only be set for all projects at once.)
 */
const oneAtATime = { pool: 'forks', poolOptions: { forks: { singleFork: true } }, maxConcurrency: 1 } as const;

const minuteMs = 60_000;

export default defineConfig({
  plugins: [guestScriptsInTests],
  test: {
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: minuteMs / 2 } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 20 * minuteMs,
          hookTimeout: 20 * minuteMs,
        },
      },
      {
        extends: true,
        test: { name: 'browser', include: ['test/browser/**/*.test.ts'], testTimeout: minuteMs, hookTimeout: minuteMs },
      },
      {
        extends: true,
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 60 * minuteMs,
          hookTimeout: 20 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'data',
          include: ['test/data/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 60 * minuteMs,
          hookTimeout: 30 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'packaging',
          include: ['test/packaging/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 20 * minuteMs,
          hookTimeout: 20 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'booted',
          include: ['test/booted/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 60 * minuteMs,
          hookTimeout: 30 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'vm',
          include: ['test/vm/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 120 * minuteMs,
          hookTimeout: 60 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'random',
          include: ['test/random/**/*.test.ts'],
          ...oneAtATime,
          // The roots are large, and made first where they are not there.
          testTimeout: 120 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'dpkg',
          include: ['test/dpkg/**/*.test.ts'],
          ...oneAtATime,
          testTimeout: 120 * minuteMs,
          hookTimeout: 20 * minuteMs,
        },
      },
      {
        extends: true,
        test: {
          name: 'arm',
          include: ['test/arm/**/*.test.ts'],
          ...oneAtATime,
          // Each program is emulated.
          testTimeout: 120 * minuteMs,
        },
      },
      {
        extends: true,
        test: { name: 'sweep', include: ['test/sweep/**/*.test.ts'], ...oneAtATime, testTimeout: 20 * minuteMs },
      },
    ],
    passWithNoTests: true,
  },
});
