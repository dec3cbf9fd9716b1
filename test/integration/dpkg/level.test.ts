import { test } from 'vitest';
import { expectBlocked, expectLevelled } from '../../support/roots/level.ts';

test('five libraries of versions that no repository has are levelled, taken back, and converted', () =>
  expectLevelled(['libattr1', 'liblz4-1', 'libzstd1', 'libpam0g', 'libtinfo6'], [400, 1200]));

test('a vital library that no repository has for the old architecture blocks, and nothing is changed', () =>
  expectBlocked('libattr1'));
