import { describe, test } from 'vitest';
import { expectConversion } from '../support/expect-conversion.ts';
import { withRoot } from '../support/faults.ts';

describe.each(['bookworm-minimal', 'trixie-minimal', 'bullseye-minimal', 'bookworm-awkward', 'bookworm-server'])(
  '%s',
  (name) => {
    test('becomes the same system in 64 bit, without anybody’s help', () =>
      withRoot(name, ({ directory }) => expectConversion(directory)));
  },
);
