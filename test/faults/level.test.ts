import { describe, test } from 'vitest';
import { expectBlocked, expectLevelled } from '../support/roots/level.ts';
import { randomNumbers } from '../support/runs/faults.ts';

/** Each of them was enough to destroy a root, or ended the planning, when its version was another one. */
const libraries = ['libattr1', 'liblz4-1', 'libzstd1', 'libpam0g', 'libtinfo6', 'libc6', 'libsystemd0', 'libgcc-s1'];

describe('a library of a version that no repository has', () => {
  const roll = randomNumbers(15);
  test.each(libraries.map((name) => [name, [roll() * 2000, roll() * 2000]] as const))(
    '%s is levelled, whatever is killed, taken back, and converted',
    (name, [first, second]) => expectLevelled([name], [first ?? 0, second ?? 0]),
  );

  test.each(libraries)(
    '%s blocks where no repository has it for the old architecture, and nothing is changed',
    expectBlocked,
  );
});
