import { describe, test } from 'vitest';
import { settleIn } from '../../support/booted/administrator.ts';
import { wholeSuite } from '../../support/roots/mirror.ts';
import { expectConversion } from '../../support/runs/expect-conversion.ts';
import { withRoot } from '../../support/runs/faults.ts';

const becomesTheSame = 'becomes the same system in 64 bit, without anybody’s help';

describe.each(['bookworm-minimal', 'bullseye-minimal', 'bookworm-awkward'])('%s', (name) => {
  test(becomesTheSame, () => withRoot(name, ({ directory }) => expectConversion(directory)));
});

describe('bookworm-server', () => {
  test(`${becomesTheSame}, and what the administrator set by hand is as it was`, () =>
    withRoot('bookworm-server', async ({ directory }) => {
      const asBefore = await settleIn(directory);
      await expectConversion(directory);
      await asBefore();
    }));
});

describe('trixie-minimal', () => {
  test(becomesTheSame, async ({ skip }) => {
    const suite = await wholeSuite('trixie', 'stable');
    if (suite === undefined) return skip('The mirror’s package lists of trixie are not those of its Release file');
    await withRoot(`${suite}-minimal`, ({ directory }) => expectConversion(directory));
  });
});
