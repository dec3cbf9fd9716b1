import { describe, expect, test } from 'vitest';
import { archiveOf } from '../../support/dpkg/made-up-host.ts';
import { sweepHost } from '../../support/dpkg/sweep.ts';

/** A handful of what `npm run test:sweep` looks at by the hundred. */
describe.each([
  { suite: 'bookworm', seeds: [1, 2, 3, 4, 5] },
  { suite: 'trixie', seeds: [1, 2, 3, 4, 5] },
])('a made-up host of $suite', ({ suite, seeds }) => {
  test.each(seeds)('can be converted, or cannot for a reason that is one: seed %i', async (seed) => {
    const { host, faults } = await sweepHost(await archiveOf(suite), { seed, draws: 15, play: false });
    expect(faults).toEqual([]);
    expect(host.size).toBeGreaterThan(150);
  });
});

describe('the real dpkg', () => {
  test('accepts the plan where builds exclude each other, and an arch:all package needs what they provide', async () => {
    const also = ['librust-isahc-dev', 'librust-curl+ssl-dev'];
    const { host, reasons, faults } = await sweepHost(await archiveOf('bookworm'), {
      seed: 1,
      draws: 0,
      also,
      play: true,
    });
    expect(host.size).toBeGreaterThan(300);
    expect({ reasons, faults }).toEqual({ reasons: [], faults: [] });
  });
});
