import { lstatSync, lutimesSync, mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CheckReport } from '../../../src/check/check-report-schema.ts';
import { crossgradeAsText, type Ending, tail } from './faults.ts';

/**
 * Lets a run work on a root in memory, and fails unless it takes as much of the disk as `check` says beforehand: never
 * more, and no less than five sixths.
 *
 * @param options of both, such as `--answers FILE`
 */
export async function expectPredictedDisk<Result extends { readonly ending: Ending }>(
  directory: string,
  options: readonly string[],
  work: () => Promise<Result>,
): Promise<Result> {
  const predicted = await predictedBytes(directory, options);
  copyUp(directory);
  const before = usedBytes(directory);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, usedBytes(directory));
  }, 20);
  const result = await work().finally(() => clearInterval(sampling));
  expect(result.ending.code, tail(result.ending)).toBe(0);
  const ratio = predicted / (peak - before);
  console.info(`disk: predicted ${mebibytes(predicted)}, taken ${mebibytes(peak - before)}: ${ratio.toFixed(3)}`);
  expect(ratio).toBeGreaterThanOrEqual(1);
  expect(ratio).toBeLessThanOrEqual(1.2);
  return result;
}

/** All filesystems together: a test's root has but one. */
async function predictedBytes(directory: string, options: readonly string[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'disk-use-'));
  const file = join(folder, 'report.json');
  try {
    const ending = await crossgradeAsText(directory, 'check', '--json', file, ...options);
    expect(ending.code, tail(ending)).toBe(0);
    const { plan } = JSON.parse(readFileSync(file, 'utf8')) as CheckReport;
    return plan?.filesystems.reduce((sum, { neededBytes }) => sum + neededBytes, 0) ?? 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** From the pristine root into the overlay's own memory: only then does it give room back when something is removed. */
function copyUp(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) copyUp(path);
    else if (entry.isFile()) {
      const { atime, mtime } = lstatSync(path);
      lutimesSync(path, atime, mtime);
    }
  }
}

function usedBytes(directory: string): number {
  const { blocks, bfree, bsize } = statfsSync(directory);
  return (blocks - bfree) * bsize;
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
