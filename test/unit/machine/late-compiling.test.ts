import { expect, test } from 'vitest';
import { lateCompilingFlag } from '../../../src/machine/programs/late-compiling.ts';

// V8 writes "unrecognized flag" to stderr, past everything that we do, where it does not know one.
test.each([
  ['18.20.4', '--interrupt-budget=1500000'],
  ['20.20.2', '--interrupt-budget=1500000'],
  ['22.23.5', undefined],
  ['24.22.3', undefined],
])('Node %s is given only a flag that its V8 knows', (version, flag) => {
  expect(lateCompilingFlag(version)).toBe(flag);
});
