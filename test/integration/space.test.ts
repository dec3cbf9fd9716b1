import { lstatSync, lutimesSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { convert } from '../support/conversion.ts';
import { tail, withRoot } from '../support/faults.ts';

test.each(['bookworm-minimal', 'bookworm-awkward', 'bookworm-server'])(
  'a run of %s takes as much of the disk as was predicted: never more, and no less than five sixths',
  (origin) =>
    withRoot(origin, async ({ directory }) => {
      copyUp(directory);
      const before = usedBytes(directory);
      let peak = before;
      const sampling = setInterval(() => {
        peak = Math.max(peak, usedBytes(directory));
      }, 20);
      const { ending, plan } = await convert(directory).finally(() => clearInterval(sampling));
      expect(ending.code, tail(ending)).toBe(0);
      const predicted = plan?.space.reduce((sum, { bytes }) => sum + bytes, 0) ?? 0;
      const taken = peak - before;
      console.info(`${origin}: predicted ${predicted} bytes, taken ${taken}: ${(predicted / taken).toFixed(3)}`);
      expect(predicted / taken).toBeGreaterThanOrEqual(1);
      expect(predicted / taken).toBeLessThanOrEqual(1.2);
    }),
);

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
