import { describe, expect, test } from 'vitest';
import { archiveOf } from '../support/dpkg/made-up-host.ts';
import { sweepHost } from '../support/dpkg/sweep.ts';

/** Others are drawn with `CROSSGRADE_SWEEP_SUITES="bookworm sid"`, `CROSSGRADE_SWEEP_SEEDS="1-10 42"`, `…_DRAWS=100`. */
const suites = words(process.env.CROSSGRADE_SWEEP_SUITES ?? 'bookworm trixie forky sid');
const seeds = words(process.env.CROSSGRADE_SWEEP_SEEDS ?? '1-75').flatMap((word) => {
  const [first = 0, last = first] = word.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
});
const draws = Number(process.env.CROSSGRADE_SWEEP_DRAWS ?? 60);
/** The real dpkg takes as long for a plan as all the rest does: every so many hosts, `1` for each. */
const playEach = Number(process.env.CROSSGRADE_SWEEP_PLAY ?? 15);

/** Hundreds of hosts that nobody thought of: each can be converted, or cannot for a reason that is one. */
describe.each(suites)('a host of %s', (suite) => {
  test.each(seeds)(`with ${draws} names, drawn by the seed %i`, async (seed) => {
    const archive = await archiveOf(suite);
    const { host, seconds, reasons, faults } = await sweepHost(archive, { seed, draws, play: seed % playEach === 0 });
    console.log(
      `${suite} of ${archive.date}, seed ${seed}: ${host.size} packages, ${seconds.toFixed(1)} s, ` +
        `${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB; ${[...reasons, ...faults.map((fault) => `FAULT ${fault}`)].join('; ') || 'ready'}`,
    );
    expect(faults).toEqual([]);
    expect(host.size).toBeGreaterThan(draws);
  });
});

function words(text: string): string[] {
  return text.split(' ').filter(Boolean);
}
