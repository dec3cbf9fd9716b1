import { expect, test } from 'vitest';
import { findPair } from '../../../src/debian/architecture.ts';
import { archiveOf } from '../../support/dpkg/made-up-host.ts';
import { sweepHost } from '../../support/dpkg/sweep.ts';

/** No program of these hosts runs: apt is this machine's, and is asked about the other architectures. */
const pair = findPair('armhf', 'arm64');

test.each([1])('a made-up armhf host can be converted, or cannot for a reason that is one: seed %i', async (seed) => {
  const { host, faults } = await sweepHost(await archiveOf('bookworm', pair), { seed, draws: 15, play: false });
  expect(faults).toEqual([]);
  expect(host.size).toBeGreaterThan(150);
});
