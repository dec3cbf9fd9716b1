import * as z from 'zod';
import { type AvailablePackage, instanceKey } from '../debian/package.ts';
import type { Plan } from './plan.ts';

export const durationSchema = z.strictObject({
  seconds: z.int().nonnegative().describe('on a machine like the one that was measured on; without the download'),
  parts: z
    .array(z.strictObject({ unit: z.string(), count: z.int().nonnegative(), secondsEach: z.number() }))
    .describe('what it is the sum of'),
  basis: z.string().describe('what the estimate rests on'),
});

/** How long dpkg and what comes after it will be at work. */
export type Duration = z.infer<typeof durationSchema>;

/**
 * What dpkg took on our own runs, of roots with 88 to 1,384 packages (9 s to 4.5 min): for each build that it unpacks and
 * configures, for each MiB of it, for each purge.
 */
const secondsPerPackage = 0.1;
const secondsPerMebibyte = 0.025;
const secondsPerPurge = 0.04;
/** Building an initramfs with `update-initramfs`, once for each new kernel. */
const secondsPerInitramfs = 25;

const mebibyte = 1024 * 1024;

/**
 * An order of magnitude: disks and processors differ by more than packages do.
 *
 * @param target packages with their installed sizes
 */
export function estimateDuration(plan: Pick<Plan, 'batches'>, target: readonly AvailablePackage[]): Duration {
  const sizes = new Map(target.map((one): [string, number] => [instanceKey(one), one.installedBytes]));
  const coming = plan.batches
    .filter(({ operation }) => operation === 'install' || operation === 'unpack')
    .flatMap(({ instances }) => instances);
  const purged = plan.batches
    .filter(({ operation }) => operation === 'purge')
    .reduce((sum, { instances }) => sum + instances.length, 0);
  const mebibytes = coming.reduce((sum, key) => sum + (sizes.get(key) ?? 0), 0) / mebibyte;
  const kernels = coming.filter((key) => /^linux-image-\d/.test(key)).length;
  const parts = [
    { unit: 'package', count: coming.length, secondsEach: secondsPerPackage },
    { unit: 'MiB', count: Math.round(mebibytes), secondsEach: secondsPerMebibyte },
    { unit: 'purge', count: purged, secondsEach: secondsPerPurge },
    { unit: 'initramfs', count: kernels, secondsEach: secondsPerInitramfs },
  ].filter(({ count }) => count > 0);
  return {
    seconds: Math.round(parts.reduce((sum, { count, secondsEach }) => sum + count * secondsEach, 0)),
    parts,
    basis:
      'What dpkg took on our own runs (88 to 1,384 packages, 2 cores, fast disk) for each of ' +
      `${parts.map(({ unit, count }) => `${count} ${wordFor(unit, count)}`).join(', ')}. ` +
      'A slow disk can take several times as long; the download comes on top.',
  };
}

function wordFor(unit: string, count: number): string {
  if (unit === 'MiB') return 'MiB unpacked';
  return `${unit === 'initramfs' ? 'initramfs image' : unit}${count === 1 ? '' : 's'}`;
}
